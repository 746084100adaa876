"""The store of imported events keeps the promises of every store, and leaves nothing behind."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cookietrace.errors import CaptureError, FormatError
from cookietrace.events import SCHEMA, Body, Capture, Event, Recorder
from cookietrace.stores import START, CaptureStore, events_of
from cookietrace.stores.imported import ImportedStore

INFO = Capture(capture_id="abc", schema=SCHEMA, at=1.0, producer="test 1")
MORE = Recorder(at=2.0, state="started")


def bodies(count: int, size: int = 10) -> Iterator[Event]:
    """Yield a capture of some bodies."""
    yield INFO
    for number in range(count):
        yield Body(exchange_id=str(number), at=2.0, of="response", size=size, content="x" * size)


@pytest.mark.parametrize("at_once", [True, False])
def test_it_reads_from_a_position(at_once: bool) -> None:
    """Positions, limits, places and the capture event are as in the store on disk."""
    with ImportedStore([INFO, MORE], at_once=at_once) as store:
        kept: CaptureStore = store
        assert kept.info == INFO
        batch = kept.read(START, 1)
        assert batch.events == (INFO,)
        rest = kept.read(batch.position)
        assert rest.events == (MORE,)
        assert kept.events_at([*rest.places, *batch.places]) == [INFO, MORE]
        end = kept.append([MORE])
        assert not kept.wait(end, 0)
        assert kept.read(end).events == ()
        assert kept.read(end).position == end
        with pytest.raises(CaptureError, match="no such position"):
            kept.read("x")


@pytest.mark.parametrize("at_once", [True, False])
def test_it_holds_every_event(at_once: bool) -> None:
    """Many small events and some large ones, in order; batches end before they are too large."""
    for count, size in ((3_000, 10), (20, 1_000_000)):
        with ImportedStore(bodies(count, size), at_once=at_once) as store:
            assert list(events_of(store)) == list(bodies(count, size))
            if size > 10:
                assert 1 < len(store.read(limit=count).events) < count
            else:
                assert len(store.events_at(range(1, count + 1))) == count


def test_reading_waits_for_what_is_still_to_come() -> None:
    """No batch is empty before the end, so that nobody takes a part for the whole."""
    go_on = threading.Event()

    def slow() -> Iterator[Event]:
        yield INFO
        go_on.wait()
        yield MORE

    with ImportedStore(slow()) as store:
        first = store.read(START)
        assert first.events == (INFO,)
        assert not store.wait(first.position, 0)
        threading.Timer(0.02, go_on.set).start()
        assert store.read(first.position).events == (MORE,)


def test_what_cannot_be_read_is_raised_once_everything_before_was_read() -> None:
    """Every reader gets the events first, then the error."""

    def broken() -> Iterator[Event]:
        yield from bodies(10)
        raise FormatError("line 11: not an event")

    with ImportedStore(broken()) as store:
        for _ in range(2):
            found: list[Event] = []
            with pytest.raises(FormatError, match="line 11"):
                found.extend(events_of(store))
            assert found == list(bodies(10))
    with pytest.raises(FormatError, match="line 11"):
        ImportedStore(broken(), at_once=True)


@pytest.mark.parametrize("events", [[], [MORE]])
def test_it_begins_with_a_capture_event(events: list[Event]) -> None:
    """As any capture does."""
    with pytest.raises(CaptureError, match="begins with a capture event"):
        ImportedStore(events)


def test_closing_stops_the_reading() -> None:
    """Waiting threads wake up, later calls are refused, and what was being read is given up."""
    ended = threading.Event()

    def endless() -> Iterator[Event]:
        yield INFO
        try:
            while True:
                yield MORE
        finally:
            ended.set()

    store = ImportedStore(endless())
    woken = threading.Thread(target=store.wait, args=("999999999", 600))
    woken.start()
    store.close()
    store.close()
    woken.join(120)
    assert not woken.is_alive()
    assert ended.wait(120)
    with pytest.raises(CaptureError, match="has been closed"):
        store.read()


def test_its_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is gone however the process ends: it has no name even while it is in use."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with ImportedStore(bodies(100, 100_000), at_once=True) as store:
        assert list(tmp_path.iterdir()) == []
        assert sum(1 for _ in events_of(store)) == 101


def test_a_temporary_folder_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says which it is and what to do."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(CaptureError, match=r"cannot be kept in .*none \(No such file.*TMPDIR"):
        ImportedStore([INFO])
