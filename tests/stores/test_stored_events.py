"""Events for several passes: each pass reads the same ones again, and none is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from cookietrace.errors import CaptureError, FormatError
from cookietrace.events import SCHEMA, Capture, Event, Recorder
from cookietrace.follow import folded
from cookietrace.stores import ImportedStore, MemoryStore, StoredEvents, create_capture
from cookietrace.trace import fold
from tests.formats.awkward import EVENTS

INFO = Capture(capture_id="abc", schema=SCHEMA, at=1.0, producer="test 1")
MORE = tuple(Recorder(at=float(at), state="started") for at in range(2, 3_000))


def test_every_pass_gives_the_same_events(tmp_path: Path) -> None:
    """Also if the capture grows: what comes after the end of the first pass is left out."""
    with create_capture(tmp_path / "live", info=INFO) as store:
        store.append(MORE)
        events = StoredEvents(store)
        assert next(iter(events)) == INFO  # a pass that stops early has not found the end
        store.append(MORE[:1])
        first = list(events)
        assert first == [INFO, *MORE, MORE[0]]
        store.append(MORE)
        assert list(events) == first
        places = [place for _, place in events.placed()]
        assert events.events_at(places[-2:]) == [MORE[-1], MORE[0]]
        events.close()
        with pytest.raises(CaptureError, match="has been closed"):
            list(events)


def test_what_looks_at_the_events_may_refuse_them() -> None:
    """Its error ends the pass."""

    def check(events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if event == MORE[1]:
                raise FormatError("not this one")
            yield event

    with StoredEvents(MemoryStore([INFO, *MORE]), check) as events:
        found: list[Event] = []
        with pytest.raises(FormatError, match="not this one"):
            found.extend(events)
        assert found == [INFO, MORE[0]]


def test_their_trace_is_that_of_the_events() -> None:
    """What it does not keep in memory is read from them again."""
    many = [*EVENTS, *EVENTS[1:]] * 40
    with StoredEvents(ImportedStore(many, at_once=True)) as events:
        packed, plain = folded(events), fold(many)
        assert list(packed.exchanges) == list(plain.exchanges)
        assert list(packed.rows) == list(plain.rows)
