"""The store in memory keeps the promises of every store."""

from __future__ import annotations

import threading

import pytest

from cookietrace.errors import CaptureError
from cookietrace.events import SCHEMA, Capture, Event, Recorder
from cookietrace.stores import START, CaptureStore, MemoryStore

INFO = Capture(capture_id="abc", schema=SCHEMA, at=1.0, producer="test 1")
MORE = Recorder(at=2.0, state="started")


def test_it_reads_from_a_position() -> None:
    """Positions, limits and the capture event are as in the store on disk."""
    store: CaptureStore = MemoryStore([INFO, MORE])
    assert store.info == INFO
    batch = store.read(START, 1)
    assert batch.events == (INFO,)
    assert store.read(batch.position).events == (MORE,)
    end = store.append([MORE])
    assert store.read(end).events == ()
    assert store.read(end).position == end
    with pytest.raises(CaptureError, match="no such position"):
        store.read("x")


@pytest.mark.parametrize(("action", "expected"), [("append", True), ("close", False)])
def test_wait_ends_with_more_or_with_close(action: str, expected: bool) -> None:
    """A waiting thread gets True for an event and False for the close."""
    store = MemoryStore([INFO])
    end = store.read().position
    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(store.wait(end, 60)))
    thread.start()
    if action == "append":
        store.append([MORE])
    else:
        store.close()
    thread.join()
    assert results == [expected]


def test_a_closed_store_refuses() -> None:
    """After close, reading and appending are errors, and waiting ends at once."""
    store = MemoryStore([INFO])
    store.close()
    with pytest.raises(CaptureError, match="closed"):
        store.read()
    with pytest.raises(CaptureError, match="closed"):
        store.append([MORE])
    assert not store.wait(START, 60)


@pytest.mark.parametrize("events", [[], [MORE]])
def test_it_begins_with_a_capture_event(events: list[Event]) -> None:
    """Anything else is refused in one line."""
    with pytest.raises(CaptureError, match="begins with a capture event"):
        MemoryStore(events)
