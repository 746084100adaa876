"""Reads a capture from its start and folds it as it grows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from cookietrace.events import Event, Jar, Removed
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.stores import START, CaptureStore
from cookietrace.trace import Trace, merge_updates

BATCH = 2000
"""Most events per update, so that the first rows of a long capture appear at once."""

PATIENCE = 0.5
"""Seconds between two checks of ``stop`` while waiting."""


def follow(
    store: CaptureStore,
    trace: Trace,
    *,
    stop: threading.Event,
    publish: Callable[[TraceUpdate], None],
    after: str = START,
    sessions: NewSessions | None = None,
) -> str:
    """Fold the store's events, existing and new, until ``stop`` is set.

    ``sessions`` are fresh browsers that the reader adds; it must have seen the events up to
    ``after``.
    ``publish`` receives one merged update per batch. If the beginning of the capture is removed
    meanwhile, the trace keeps what it has and gets a note. Returns the position reached.
    Run this in its own thread; no other thread may apply events to ``trace``.
    Raises ``CaptureError`` if the store does.
    """
    position, first = after, store.first()
    while not stop.is_set():
        batch = store.read(position, BATCH)
        if position != START and first != (first := store.first()):
            publish(trace.cut(_removed(store)))
        position = batch.position
        if batch.events:
            events: Iterable[Event] = batch.events
            if sessions is not None:
                events = sessions.all(events)
            publish(merge_updates([trace.apply(event) for event in events]))
        else:
            store.wait(position, PATIENCE)
    return position


def _removed(store: CaptureStore) -> Removed | None:
    """Return what the beginning of a capture says of what was removed before it."""
    for event in store.read(START, BATCH).events:
        if isinstance(event, Jar):
            return event.removed
    return None
