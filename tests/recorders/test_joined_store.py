"""Several captures as one: whatever the interleaving, each tells what it tells alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace import events as ev
from cookietrace.cutting.compacting import compact
from cookietrace.errors import CaptureError
from cookietrace.follow import apply_batch, folded
from cookietrace.lesson.explain import Explainer
from cookietrace.recorders import MOST_CAPTURES, JoinedStore, Life
from cookietrace.redact import redacted
from cookietrace.stores import START, StoredEvents
from cookietrace.trace import Trace, fold
from tests.cutting.stories import ODD, torn_stories
from tests.cutting.test_verdicts import after, encoded
from tests.recorders.lab import Lab, recording
from tests.story import Story


def told(trace: Trace, name: str | None = None) -> dict[str, Any]:
    """Return what is said about the exchanges and rows of one recorder, without numbers."""
    explainer, found, prefix = Explainer(trace), dict[str, Any](), f"{name}:" if name else ""
    for exchange in trace.exchanges:
        if ev.recorder_of(exchange.request.event) == name:
            explanation = explainer.explanation(exchange, jar=True)
            for numbered in ("number", "step"):
                del explanation[numbered]
            plain = msgspec.json.encode(explanation).replace(f'"{prefix}'.encode(), b'"')
            found[exchange.exchange_id.removeprefix(prefix)] = msgspec.json.decode(plain)
    for row in trace.rows:
        exchange_id = row.exchange_id.removeprefix(prefix)
        if row.exchange_id.startswith(prefix) and exchange_id in found:
            refutes = None if row.refutes is None else row.refutes.removeprefix(prefix)
            kinds = found.setdefault(f"rows {exchange_id}", [])
            kinds.append((row.kind, refutes, len(row.results), row.lines))
    return found


def read_on(store: JoinedStore, trace: Trace, position: str, limit: int = 1000) -> str:
    """Apply what a store has after a position to a trace, and return the position after it."""
    while (batch := store.read(position, limit)).events:
        for _ in apply_batch(trace, batch):
            pass
        position = batch.position
    return position


def visit(cookie: str, at: float = 0.0) -> Story:
    """One visit that sets a cookie."""
    story = Story("https://shop.test")
    story.now += at
    story.visit("/", None, cookie)
    return story


def lab_of(*recordings: Sequence[ev.Event], grows: bool = True) -> Lab:
    """Return a lab with whole captures, called lab-1 and so on."""
    lab = Lab(grows=grows)
    for number, events in enumerate(recordings, 1):
        lab.begin(f"lab-{number}", events[0]).append(events[1:])
    return lab


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_each_capture_tells_what_it_tells_alone(data: st.DataObject) -> None:
    """With events that arrive in any order, clocks that differ, cuts, tokens, and equal ids."""
    tokens = data.draw(st.booleans())
    captures: dict[str, list[ev.Event]] = {}
    for number in range(1, data.draw(st.integers(2, 3)) + 1):
        name = f"lab-{number}"
        story = data.draw(torn_stories(12)).events
        ahead = data.draw(st.sampled_from([0.0, 0.4, -7.0, 9000.0, -90_000.0]))
        events = recording(story, name, ahead)
        if data.draw(st.booleans()):
            events = list(compact(events, after(data.draw(st.integers(0, 12)))))
        if tokens:
            events = list(redacted(events))
        captures[name] = encoded(events)
    lab, trace, position, store = Lab(), Trace(), START, None
    left = {name: list(events) for name, events in captures.items()}
    while any(left.values()):
        name = data.draw(st.sampled_from([name for name, events in left.items() if events]))
        count = data.draw(st.integers(1, 9))
        some, left[name] = left[name][:count], left[name][count:]
        if name in lab.stores:
            lab.stores[name].append(some)
        else:
            lab.begin(name, some[0]).append(some[1:])
        if store is None:
            store = JoinedStore(lab)
        store._looked_at = 0.0  # look for captures at the next read
        if data.draw(st.booleans()):
            position = read_on(store, trace, position, data.draw(st.sampled_from([1, 3, 1000])))
    assert store is not None
    store._looked_at = 0.0
    position = read_on(store, trace, position)
    for name, events in captures.items():
        assert told(trace, name) == told(fold(events))
    again = fold(StoredEvents(store))
    assert [each.exchange_id for each in again.exchanges] == [
        each.exchange_id for each in trace.exchanges
    ]
    assert [row.number for row in again.rows] == [row.number for row in trace.rows]


@pytest.mark.parametrize("odd", ODD)
def test_odd_stories_tell_what_they_tell_alone(odd: Callable[[], Story]) -> None:
    """Whatever their clocks say, and however their cookies are called; cut anywhere."""
    whole = odd().events
    for position in range(len(whole)):
        captures = {
            "lab-1": recording(visit("b=2; Max-Age=9", 5).events, "lab-1"),
            "lab-2": recording(encoded(compact(whole, after(position))), "lab-2"),
            "lab-3": recording(odd().events, "lab-3", ahead=7.0),
        }
        trace = Trace()
        read_on(JoinedStore(lab_of(*captures.values())), trace, START)
        for name, events in captures.items():
            assert told(trace, name) == told(fold(events))


def test_captures_go_by_time_and_keep_their_order() -> None:
    """What is there goes by time; nothing waits for a capture that is late."""
    lab = lab_of(recording(visit("a=1", 5).events, "one"), recording(visit("b=1").events, "two"))
    store, trace = JoinedStore(lab), Trace()
    position = read_on(store, trace, START)
    assert [each.exchange_id for each in trace.exchanges] == ["lab-2:x1", "lab-1:x1"]
    lab.stores["lab-1"].append(visit("a=2", 50).events[2:])
    assert store.wait(position, 0)
    assert read_on(store, trace, position) != position


def test_a_reader_goes_on_from_a_position_in_another_process() -> None:
    """A position names one position in each capture; the rest is read once, whatever was read."""
    one, two = torn(3), torn(4)
    lab = lab_of(recording(one, "one"), recording(two, "two"))
    for limit in range(1, len(one) + len(two), 3):
        batch = JoinedStore(lab).read(START, limit)
        position = msgspec.json.decode(msgspec.json.encode(batch.position), type=str)
        store, rest = JoinedStore(lab), list[ev.Event]()
        while (more := store.read(position, 4)).events:
            rest += more.events
            position = more.position
            assert store.events_at(more.places) == list(more.events)
        every = [*batch.events, *rest]
        assert len(every) == len(one) + len(two) - 1
        assert sum(isinstance(event, ev.Capture) for event in every) == 1
    with pytest.raises(CaptureError, match="no such position"):
        JoinedStore(lab).read("[7,{}]")
    with pytest.raises(CaptureError, match="no such position"):
        JoinedStore(lab).read("soon")


def torn(count: int) -> list[ev.Event]:
    """Return a story with some visits."""
    story = Story("https://shop.test")
    for number in range(count):
        story.visit(f"/{number}", None, f"a={number}")
    return story.events


def test_recorders_appear_end_and_vanish() -> None:
    """A place without captures waits; one that appears later is part of the story."""
    lab, trace = Lab(), Trace()
    store = JoinedStore(lab)
    assert store.tellings() == ("No capture matches lab-* yet: waiting for one",)
    assert read_on(store, trace, START) == START
    one = recording(visit("a=1").events, "one")
    lab.begin("lab-1", one[0]).append(one[1:])
    store._looked_at = 0.0
    position = read_on(store, trace, START)
    assert [state.recorder for state in trace.clients] == ["lab-1"]
    assert store.is_live
    assert store.tellings() == ()
    lab.set("lab-1", life=Life.ENDED)
    store._looked_at = 0.0
    assert read_on(store, trace, position) == position
    assert not store.is_live
    assert store.summary == "1 recorder: 1 ended"
    del lab.states["lab-1"]
    store._looked_at = 0.0
    read_on(store, trace, position)
    assert store.tellings() == ("lab-1 is no longer there; what was read from it stays",)
    lab.away = "Redis cannot be reached"
    store._looked_at = 0.0
    assert store.read(position).trouble == "Redis cannot be reached"
    lab.away = None
    store._looked_at = 0.0
    assert store.read(position).trouble is None


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (
            {"life": Life.SILENT, "silent": 75.0},
            "lab-1 is silent: it or its connection to Redis is down; what it records in the "
            "meantime appears when it is back",
        ),
        (
            {"clock_off": 11_520.0},
            "The clock of lab-1 is 3 h 12 min ahead: its steps are ordered among the others by "
            "arrival",
        ),
        (
            {"clock_off": -86_400.0},
            "The clock of lab-1 is 1 d behind: its steps are ordered among the others by arrival",
        ),
    ],
)
def test_what_is_wrong_with_a_recorder_is_told(state: dict[str, Any], line: str) -> None:
    """One line each, that says what it means for the viewer."""
    one, two = recording(visit("a=1").events, "one"), recording(visit("b=2", 1).events, "two")
    lab = Lab()
    lab.begin("lab-1", one[0], **state).append(one[1:])
    lab.begin("lab-2", two[0]).append(two[1:])
    store, trace = JoinedStore(lab), Trace()
    read_on(store, trace, START)
    assert store.tellings() == (line,)
    assert len(trace.exchanges) == 2


def test_a_clock_that_is_ahead_is_noticed_by_what_it_writes() -> None:
    """No recording is from the future; its steps come when they arrive, not hours later."""
    one = recording(visit("a=1").events, "one", ahead=7200.0)
    two = recording(visit("b=2", 1).events, "two")
    lab = lab_of(one, two)
    store, trace = JoinedStore(lab, clock=lambda: two[-1].at + 5), Trace()  # type: ignore[union-attr]
    position = read_on(store, trace, START)
    lab.stores["lab-2"].append(recording(visit("c=1", 9).events, "two")[2:])
    read_on(store, trace, position)
    (line,) = store.tellings()
    assert line.startswith("The clock of lab-1 is 1 h 59 min ahead")
    assert trace.exchanges[0].exchange_id == "lab-2:x1" or len(trace.exchanges) == 2


def test_a_damaged_capture_stops_no_other() -> None:
    """It is told, whether it cannot be opened or breaks off while it is read."""
    one, two = recording(visit("a=1").events, "one"), recording(visit("b=2", 1).events, "two")
    lab = lab_of(one, two)
    lab.broken["lab-1"] = "its start is damaged"
    store, trace = JoinedStore(lab), Trace()
    position = read_on(store, trace, START)
    assert store.tellings() == ("lab-1 is not shown: its start is damaged",)
    lab.stores["lab-2"].append(two[2:])
    lab.stores["lab-2"].close()
    read_on(store, trace, position)
    assert [each.exchange_id for each in trace.exchanges] == ["lab-2:x1"]
    assert store.tellings()[1] == "lab-2 cannot be read any further: the capture has been closed"


def test_what_does_not_go_together_is_told_or_refused() -> None:
    """Tokens beside values, the same recording twice: refused, or told while others are viewed."""
    plain = recording(visit("a=1").events, "one")
    tokens = list(redacted(recording(visit("b=2").events, "two")))
    mixed = "the capture lab-2 is redacted and the capture lab-1 is not: view them one by one"
    twice = "the capture lab-2 and the capture lab-1 are the same recording"
    for other, line in ((tokens, mixed), (plain, twice)):
        store, trace = JoinedStore(lab_of(plain, other)), Trace()
        read_on(store, trace, START)
        assert store.tellings()[0].startswith(f"lab-2 is not shown: {line}")
        assert len(trace.exchanges) == 1
        with pytest.raises(CaptureError, match=line):
            JoinedStore(lab_of(plain, other, grows=False), follows=False)


def test_two_recorders_with_one_name_stay_apart() -> None:
    """The second one is numbered, and that is told."""
    lab = lab_of(recording(visit("a=1").events, "one"), recording(visit("b=2").events, "two"))
    lab.names = {"lab-1": "shop", "lab-2": "shop"}
    store, trace = JoinedStore(lab), Trace()
    read_on(store, trace, START)
    assert [state.recorder for state in trace.clients] == ["shop", "shop (2)"]
    assert store.tellings() == (
        "Another recorder is also called shop: the capture lab-2 is shown as shop (2)",
    )


def test_too_many_or_no_captures_are_one_line() -> None:
    """More than a screen can tell apart; none that can appear."""
    one = visit("a=1").events
    many = lab_of(*[recording(one, f"{number}") for number in range(MOST_CAPTURES + 1)])
    with pytest.raises(CaptureError, match=r"201 captures match lab-[*]: at most 200 can be shown"):
        JoinedStore(many)
    with pytest.raises(CaptureError, match=r"no capture matches lab-[*]"):
        JoinedStore(Lab(grows=False))
    with pytest.raises(CaptureError, match=r"no capture matches lab-[*]"):
        JoinedStore(Lab(), follows=False)
    with pytest.raises(CaptureError, match="can only be read"):
        JoinedStore(lab_of(recording(one, "one"))).append(one)


def test_a_packed_trace_reads_its_older_exchanges_from_all_captures() -> None:
    """Headers and bodies come from the capture in which they are."""
    one, two = torn(30), torn(40)
    store = JoinedStore(lab_of(recording(one, "one"), recording(two, "two")), follows=False)
    with StoredEvents(store) as events:
        packed, plain = folded(events), fold(list(events))
        assert [(each.request.event, each.response) for each in packed.exchanges] == [
            (each.request.event, each.response) for each in plain.exchanges
        ]


def test_a_gap_and_a_start_are_those_of_one_recorder() -> None:
    """The note names it; listeners of all are there; a start ends nothing of the others."""
    one, two = recording(torn(1), "one"), recording(torn(1), "two")
    listener = ev.Listener(mode="regular", address="127.0.0.1:8080")
    at = one[-1].at  # type: ignore[union-attr]
    one += [
        ev.Recorder(at=at, state="gap", message="The disk was full."),
        ev.Recorder(at=at, state="started", listeners=(listener,)),
    ]
    two += [ev.Recorder(at=at, state="stopped")]
    store, trace = JoinedStore(lab_of(one, two)), Trace()
    read_on(store, trace, START)
    assert [note.message for note in trace.notes] == ["lab-1: The disk was full."]
    assert trace.recorder is not None
    assert trace.recorder.state == "started"
    assert trace.listeners == (listener,)
    assert [state.lost for state in store.recorders()] == [1, 0]
