"""Several recorders in one trace: each has a clock, a state and listeners of its own."""

from __future__ import annotations

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.fold.recorders import Recorders
from cookietrace.trace import Trace, fold
from tests.story import Story

ONE, OTHER = (ev.Listener(mode="regular", address=f"127.0.0.1:{port}") for port in (8080, 8081))


def named(event: ev.Event, name: str, ahead: float = 0.0) -> ev.Event:
    """Return an event of a recorder, by a clock that is so many seconds ahead."""
    changes: dict[str, object] = {}
    if isinstance(event, ev.Client | ev.Recorder | ev.Request):
        changes["recorder"] = name
    for field in ("client_id", "exchange_id"):
        if getattr(event, field, None) is not None:
            changes[field] = f"{name}:{getattr(event, field)}"
    if ahead:
        changes["at"] = event.at + ahead  # type: ignore[union-attr]
    return msgspec.structs.replace(event, **changes)


def lived(name: str, ahead: float) -> list[ev.Event]:
    """Return a visit that sets a cookie for a minute, and one two seconds later that sends it."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Max-Age=60")
    story.visit("/", "a=1")
    return [named(event, name, ahead) for event in story.events[1:]]


@pytest.mark.parametrize("ahead", [0.0, 7200.0, -7200.0])
def test_no_verdict_depends_on_the_clock_of_another(ahead: float) -> None:
    """A cookie that lives for a minute is alive although another machine's clock says no."""
    capture = Story("https://shop.test").events[0]
    one, other = lived("one", 0.0), lived("other", ahead)
    mixed = [event for pair in zip(one, other, strict=True) for event in pair]
    trace = fold([capture, *mixed])
    assert not trace.notes
    for exchange in trace.exchanges[2:]:
        assert [cookie.status.value for cookie in exchange.request.cookies] == ["sent"]
        assert not exchange.request.removed
    assert [(state.recorder, state.place, state.ordinal) for state in trace.clients] == [
        ("one", 1, 1),
        ("other", 1, 2),
    ]
    jars = {jar.client_id: jar.at for jar in trace.jars(None)}
    assert jars["other:c1"] - jars["one:c1"] == pytest.approx(ahead)


def test_a_clock_that_is_set_back_is_that_of_one() -> None:
    """The note names the recorder, and comes once until that clock has caught up."""
    trace = Trace()
    for number, (name, at) in enumerate(
        (("a", 100.0), ("b", 50.0), ("a", 90.0), ("b", 51.0), ("a", 91.0))
    ):
        story = Story("https://shop.test")
        story.client(f"c{number}")
        trace.apply(msgspec.structs.replace(story.events[-1], at=at, recorder=name))
    assert [note.message[:36] for note in trace.notes] == ["a: The recorder's clock was set back"]


def test_state_and_listeners() -> None:
    """The story continues while one recorder does; listeners are those of all."""
    recorders = Recorders()
    assert recorders.latest is None
    recorders.apply(ev.Recorder(at=1, state="started", listeners=(ONE,), recorder="a"))
    recorders.apply(ev.Recorder(at=2, state="started", listeners=(ONE, OTHER), recorder="b"))
    recorders.apply(ev.Recorder(at=3, state="stopped", recorder="b"))
    assert recorders.latest is not None
    assert recorders.latest.recorder == "a"
    assert recorders.listeners == (ONE, OTHER)
    assert recorders.listeners_of("b") == (ONE, OTHER)
    assert recorders.listeners_of("c") == ()
    recorders.apply(ev.Recorder(at=4, state="stopped", recorder="a"))
    assert recorders.latest.state == "stopped"


def test_the_name_is_written_only_if_there_is_one() -> None:
    """A capture of one recorder is written as before; a story of several names them again."""
    plain = ev.Client(client_id="c", at=1.0, listen="", peer="")
    assert b"recorder" not in ev.encode(plain)
    told = msgspec.structs.replace(plain, recorder="lab-1")
    assert ev.decode(ev.encode(told)) == told
    assert ev.recorder_of(told) == "lab-1"
    assert ev.recorder_of(plain) is None
