"""What every store promises: append, read from a position, wait for more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from cookietrace.events import Capture, Event, Removed

START = ""
"""The position before the first event, in every store."""


class Batch(msgspec.Struct, frozen=True, gc=False):
    """Some events in the order they were appended, and where to continue."""

    events: tuple[Event, ...]
    position: str
    """The position after the last of the events; opaque, valid for one store only."""
    places: tuple[int, ...] = ()
    """Where each of the events is, for ``events_at``; the numbers rise."""
    cut: bool = False
    """Whether the beginning of the capture was removed since the batch before."""
    removed: Removed | None = None
    """What the capture says about that."""
    trouble: str | None = None
    """Why nothing can be read just now, in one line; reading continues by itself."""


class CaptureStore(Protocol):
    """A durable sequence of events: one writer, any number of readers.

    A store may be used from any thread. Between calls a reader holds no lock that the
    writer would have to wait for. All methods raise ``CaptureError`` if the capture
    cannot be read or written, and after ``close``.
    """

    @property
    def info(self) -> Capture:
        """The capture's first event, which says what the capture is."""

    def append(self, events: Sequence[Event]) -> str:
        """Add the events in one transaction, and return the position after them.

        Once this returns, the events survive a crash of the process. If it raises, none
        of them was added, and everything added earlier is kept.
        """

    def read(self, after: str = START, limit: int = 1000) -> Batch:
        """Return at most ``limit`` events after the position, oldest first."""

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """Return the events at places of batches, in the order of the capture.

        Events that have been deleted since then are left out.
        """

    def first(self) -> str:
        """Return the position of the first event.

        It changes if the beginning of the capture was removed. What ``read`` returns at a
        position that is no longer there begins with the new beginning.
        """

    def wait(self, after: str, timeout: float) -> bool:
        """Return True as soon as there is an event after the position.

        Returns False after ``timeout`` seconds without one, and at once if the store is
        closed meanwhile.
        """

    def ahead(self, after: str = START) -> int:
        """Return about how many events there are after the position, at little cost."""

    def close(self) -> None:
        """Close the capture; a second call does nothing."""


@runtime_checkable
class Woken(Protocol):
    """A store that learns at once that there is more: nobody has to look again and again."""

    def woken(self, after: str, timeout: float) -> bool:
        """Wait as ``CaptureStore.wait`` does."""


@runtime_checkable
class Remote(Protocol):
    """A store on another machine, which may be away."""

    @property
    def is_live(self) -> bool:
        """Whether the capture is being recorded and published, when we last heard of it."""


def events_of(store: CaptureStore) -> Iterator[Event]:
    """Yield every event that the store holds now, oldest first."""
    position = START
    while (batch := store.read(position)).events:
        yield from batch.events
        position = batch.position
