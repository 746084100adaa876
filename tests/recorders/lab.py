"""A lab of recorders whose captures are in memory, and grow as a test says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from cookietrace import events as ev
from cookietrace.errors import CaptureError
from cookietrace.recorders import Life, RecorderState, Sighting
from cookietrace.stores import CaptureStore, MemoryStore


class Lab:
    """A ``Source`` of the captures that a test puts there."""

    def __init__(self, *, grows: bool = True) -> None:
        self.grows = grows
        self.title = "lab-*"
        self.stores: dict[str, MemoryStore] = {}
        self.states: dict[str, RecorderState] = {}
        self.away: str | None = None
        self.broken: dict[str, str] = {}
        """The captures that cannot be opened, and why."""
        self.names: dict[str, str] = {}

    def begin(self, key: str, first: ev.Event, **state: object) -> MemoryStore:
        """Begin a capture."""
        self.stores[key] = store = MemoryStore([first])
        self.set(key, **state)
        return store

    def set(self, key: str, **state: object) -> None:
        """Let a recorder say something else of itself."""
        self.states[key] = RecorderState(**{"name": key, "life": Life.LIVE} | state)  # type: ignore[arg-type]

    def look(self) -> Sequence[Sighting]:
        """Return what there is."""
        if self.away is not None:
            raise CaptureError(self.away)
        return [
            Sighting(
                key=key,
                name=self.names.get(key, key),
                place=f"the capture {key}",
                state=state,
                open=lambda key=key: self._opened(key),  # type: ignore[misc]
            )
            for key, state in self.states.items()
        ]

    def _opened(self, key: str) -> CaptureStore:
        if key in self.broken:
            raise CaptureError(self.broken[key])
        return self.stores[key]

    def position_of(self, place: int) -> int:
        """Return the number of events up to a place."""
        return place

    def wait(
        self, stores: Mapping[str, tuple[CaptureStore, str]], timeout: float
    ) -> Collection[str]:
        """Look once."""
        del timeout
        return [key for key, (store, position) in stores.items() if store.ahead(position)]

    def close(self) -> None:
        """Let go of nothing."""


def recording(events: Sequence[ev.Event], name: str, ahead: float = 0.0) -> list[ev.Event]:
    """Return events as a recording of its own, by a clock that is so many seconds ahead."""
    found = []
    for event in events:
        if isinstance(event, ev.Capture):
            event = msgspec.structs.replace(event, capture_id=name)
        if ahead and hasattr(event, "at"):
            event = msgspec.structs.replace(event, at=event.at + ahead)
        found.append(event)
    return found
