"""The events of a capture for several passes: each pass reads them again, and none is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from cookietrace.events import Event
from cookietrace.stores.capture_store import START, CaptureStore

Passing = Callable[[Iterable[Event]], Iterator[Event]]
"""Passes events on, all and in order, each before it takes the next; may raise."""


class StoredEvents:
    """What a store held when the first pass reached its end. Close it, and the store is closed."""

    def __init__(self, store: CaptureStore, check: Passing = iter) -> None:
        """``check`` looks at every event of every pass."""
        self._store = store
        self._check = check
        self._end: int | None = None
        """The place of the last event, once a pass has found it."""

    def __iter__(self) -> Iterator[Event]:
        for event, _ in self.placed():
            yield event

    def placed(self, passing: Passing = iter) -> Iterator[tuple[Event, int]]:
        """Yield each event with its place, for ``events_at``. Raises as the store does."""
        at = 0

        def events() -> Iterator[Event]:
            nonlocal at
            position = START
            while (batch := self._store.read(position)).events:
                position = batch.position
                for event, place in zip(batch.events, batch.places, strict=True):
                    if self._end is not None and place > self._end:
                        return
                    at = place
                    yield event
            if self._end is None:
                self._end = at

        for event in passing(self._check(events())):
            yield event, at

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """Return the events at these places, in order."""
        return self._store.events_at(places)

    def about(self) -> int:
        """Return about how many events there are. Raises as the store does."""
        return self._store.ahead(START)

    def close(self) -> None:
        """Close the store; a second call does nothing."""
        self._store.close()

    def __enter__(self) -> StoredEvents:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
