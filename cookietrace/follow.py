"""Read a capture from its start and fold it as it grows."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.stores import START, CaptureStore
from cookietrace.trace import Trace, merge_updates

BATCH = 2000
"""Events folded between two updates: a long capture shows its first rows at once."""

PATIENCE = 0.5
"""Seconds of waiting after which ``stop`` is looked at again."""


def follow(
    store: CaptureStore,
    trace: Trace,
    *,
    stop: threading.Event,
    publish: Callable[[TraceUpdate], None],
    after: str = START,
) -> str:
    """Fold what the store holds and what comes, until ``stop`` is set.

    ``publish`` gets one merged update a batch. Returns the position reached.
    Meant for a thread of its own: it alone may apply events to ``trace``.
    Raises ``CaptureError`` where the store does.
    """
    position = after
    while not stop.is_set():
        batch = store.read(position, BATCH)
        position = batch.position
        if batch.events:
            publish(merge_updates([trace.apply(event) for event in batch.events]))
        else:
            store.wait(position, PATIENCE)
    return position
