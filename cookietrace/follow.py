"""Reads a capture from its start and folds it as it grows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from cookietrace.events import Event
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.stores import START, Batch, CaptureStore
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
    ``publish`` receives one merged update per batch. Returns the position reached.
    Run this in its own thread; no other thread may apply events to ``trace``.
    Raises ``CaptureError`` if the store does.
    """
    position = after
    while not stop.is_set():
        batch = store.read(position, BATCH)
        position = batch.position
        if batch.events:
            publish(merge_updates(list(apply_batch(trace, batch, sessions))))
        else:
            store.wait(position, PATIENCE)
    return position


def apply_batch(
    trace: Trace, batch: Batch, sessions: NewSessions | None = None
) -> Iterator[TraceUpdate]:
    """Apply the events of a batch, with fresh browsers that the reader adds, and yield updates."""
    for event, place in zip(batch.events, batch.places, strict=True):
        added: list[Event] = []
        if sessions is not None:
            *added, event = sessions.events(event)
        for one in added:
            yield trace.apply(one)
        yield trace.apply(event, place)
