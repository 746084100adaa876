"""A store in memory, for imported files: viewers use it like any other store."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

from cookietrace.errors import CaptureError
from cookietrace.events import Capture, Event
from cookietrace.stores.capture_store import START, Batch


class MemoryStore:
    """A ``CaptureStore`` in memory.

    Raises ``CaptureError`` if the first event is not a ``capture`` event.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = list(events)
        self._changed = threading.Condition()
        self._closed = False
        if not self._events or not isinstance(self._events[0], Capture):
            raise CaptureError("a capture begins with a capture event, and this one does not")
        self._info = self._events[0]

    @property
    def info(self) -> Capture:
        """The capture's first event, which says what the capture is."""
        return self._info

    def append(self, events: Sequence[Event]) -> str:
        """Add the events, and return the position after them."""
        with self._changed:
            self._check_open()
            self._events.extend(events)
            self._changed.notify_all()
            return str(len(self._events))

    def read(self, after: str = START, limit: int = 1000) -> Batch:
        """Return at most ``limit`` events after the position, oldest first."""
        with self._changed:
            self._check_open()
            start = _index(after)
            events = tuple(self._events[start : start + limit])
            places = tuple(range(start, start + len(events)))
            return Batch(events, str(start + len(events)) if events else after, places)

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """Return the events at places of batches, in order."""
        with self._changed:
            self._check_open()
            return [self._events[place] for place in sorted(places)]

    def first(self) -> str:
        """Return the position of the first event, which never changes."""
        return "1"

    def wait(self, after: str, timeout: float) -> bool:
        """Return True as soon as there is an event after the position, False after ``timeout``."""
        start = _index(after)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._events) > start, timeout)
            return not self._closed and len(self._events) > start

    def ahead(self, after: str = START) -> int:
        """Return how many events there are after the position."""
        with self._changed:
            return max(0, len(self._events) - _index(after))

    def close(self) -> None:
        """Refuse every later call, and wake waiting threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _check_open(self) -> None:
        """Raise ``CaptureError`` if the store has been closed."""
        if self._closed:
            raise CaptureError("the capture has been closed")


def _index(position: str) -> int:
    """Return a position of this store as an index into its events."""
    if position == START:
        return 0
    if not position.isdecimal():
        raise CaptureError("no such position in this capture")
    return int(position)
