"""Where the captures of several recorders are found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from cookietrace.recorders.state import RecorderState
from cookietrace.stores import CaptureStore

MOST_CAPTURES: Final = 200
"""The most captures that are shown as one."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A capture that a source has found."""

    key: str
    """Identifies it within its source for as long as it is there."""
    name: str
    """What its recorder is called; another one may have the same name."""
    place: str
    """Where it is, for messages; display text."""
    state: RecorderState
    """What the recorder says about itself, by the name above."""
    open: Callable[[], CaptureStore]
    """Opens it. Raises ``CookietraceError``."""
    end: int | None = None
    """The place of its last event, if the source knows it."""


class Source(Protocol):
    """Finds captures, now and later."""

    @property
    def title(self) -> str:
        """What is looked at, in a few words; display text."""

    @property
    def grows(self) -> bool:
        """Whether captures may appear later."""

    def look(self) -> Sequence[Sighting]:
        """Return the captures that are there now. Raises ``CookietraceError``."""

    def position_of(self, place: int) -> int:
        """Return the number of events up to a place of one of its captures, more or less."""

    def wait(
        self, stores: Mapping[str, tuple[CaptureStore, str]], timeout: float
    ) -> Collection[str]:
        """Wait until a capture has grown; return the keys of those that have.

        ``stores`` has each capture by its key, and the position up to which it was read. Returns
        nothing after ``timeout`` seconds. Raises ``CookietraceError``.
        """

    def close(self) -> None:
        """Let go of what it holds."""
