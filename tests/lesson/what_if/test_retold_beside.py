"""Both tellings at the same time: what is found is what one process finds."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.captures import doubtful, ordinary, siblings
from cookietrace.commands.beside import Here
from cookietrace.errors import EndedError, FormatError
from cookietrace.events import Capture, Event
from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.mask import masked, unmasked
from cookietrace.lesson.what_if import (
    CookiePlace,
    LineChange,
    Move,
    Retold,
    Scenario,
    imagining,
    retold,
    what_if_entry,
    what_if_lines,
)
from cookietrace.lesson.what_if import retold_beside as module
from cookietrace.lesson.what_if.imagining import Imagining
from cookietrace.lesson.what_if.retold_beside import (
    RetoldBeside,
    can_be_told_beside,
    retold_beside,
)
from cookietrace.stores import MemoryStore, StoredEvents
from cookietrace.trace import fold
from tests.cutting.stories import torn_stories
from tests.lesson.random_traces import random_story
from tests.lesson.what_if.test_side_by_side import CHANGES
from tests.lesson.what_if.test_what_if import LAX, OMITTING, REFUSED, omitting
from tests.redact.test_lines_beside import Slow
from tests.story import Story


class Passed(Here):
    """Another process: whatever goes there or comes back is a copy."""

    def call(self, name: str, *arguments: object) -> Any:
        """Return a copy of what a method returns."""
        return copied(super().call(name, *copied(arguments)))


def copied(what: Any) -> Any:
    """Return what another process gets."""
    return pickle.loads(pickle.dumps(what))


def beside(
    events: Iterable[Event], scenario: Scenario, mask: Any = unmasked, kind: type[Here] = Passed
) -> RetoldBeside:
    """Return both tellings, the imagined one as in another process."""
    other = kind(lambda: Imagining(events, scenario, "auto", mask))
    other.ready()
    return retold_beside(events, scenario, "auto", other, iter)


def same(events: list[Event], scenario: Scenario) -> None:
    """Compare all that is reported with what one process reports."""
    assert can_be_told_beside(scenario)
    alone = retold(events, scenario)
    told = beside(events, scenario)
    assert (told.changed, told.set_so_already) == (alone.changed, alone.set_so_already)
    assert told.differences() == alone.differences()
    assert what_if_entry(told) == what_if_entry(alone)
    assert lines(beside(events, scenario, masked)) == lines(alone)


def lines(told: Retold) -> list[str]:
    """Return the report in plain text."""
    return list(what_if_lines(told, mask=masked, width=98, most=1000))


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Return something that is different in a story, in any step."""
    changes = []
    for name in draw(st.lists(st.sampled_from(["a", "b", "sid", "__Host-a"]), max_size=2)):
        attributes = draw(st.lists(st.sampled_from(CHANGES), max_size=1))
        changes.append(LineChange(name, tuple(attributes), drop=not attributes))
    return Scenario(
        browser=draw(st.sampled_from([None, "firefox", "safari"])),
        changes=tuple(changes),
        moves=draw(st.sampled_from([(), (Move.parse("https://shop.test=https://b.example"),)])),
    )


@settings(max_examples=60, deadline=None)
@given(scenarios(), torn_stories())
def test_any_traffic_is_told_as_by_one_process(scenario: Scenario, story: Story) -> None:
    """Whatever happens, and whatever is different, the report is the same."""
    same(story.events, scenario)


LONG: list[tuple[str, Iterator[Event]]] = [
    ("session", ordinary(150)),
    ("session", siblings(150)),
    ("a3", doubtful(80)),
    *(("a", iter(random_story(seed, exchanges=60).events)) for seed in range(2)),
]


@pytest.mark.parametrize(("name", "story"), LONG)
def test_a_long_story(name: str, story: Iterator[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is if the other process is told of it bit by bit."""
    events = list(story)
    monkeypatch.setattr(module, "_TOGETHER", 7)
    for scenario in (
        Scenario(changes=(LineChange(name, drop=True),)),
        Scenario(changes=(LineChange(name, (("SameSite", "Strict"),)),)),
        Scenario(browser="safari"),
    ):
        same(events, scenario)


def test_a_story_that_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is if both read the older exchanges again from the capture."""
    events = list(random_story(7, exchanges=400).events)
    scenario = Scenario(changes=(LineChange("a", (("SameSite", "Strict"),)),))
    alone = retold(events, scenario)
    for each in (module, imagining):
        monkeypatch.setattr(each, "packed_from", lambda events: events.events_at)
    told = beside(StoredEvents(MemoryStore(events)), scenario, masked)
    assert not isinstance(told.real.exchanges, list)
    assert told.differences() == alone.differences() != []
    assert lines(told) == lines(alone)


def test_a_process_that_is_slow() -> None:
    """It is waited for now and then, and in the end."""
    events, scenario = list(ordinary(300)), Scenario(changes=(LineChange("session", drop=True),))
    told = beside(events, scenario, kind=Slow)
    assert what_if_entry(told) == what_if_entry(retold(events, scenario))


@pytest.mark.parametrize("seed", range(2))
def test_what_is_about_a_step(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is passed on when it comes, unless the time before it changes and it has begun."""
    events = list(random_story(seed, exchanges=8).events)
    rows = fold(events).rows
    for together in (1, 512):
        monkeypatch.setattr(module, "_TOGETHER", together)
        for row in rows:
            change = LineChange("sid", drop=True, exchange_id=row.label)
            same(events, Scenario(changes=(change,), by_step=True))
            later = Scenario(later=((row.label, 4000.0),), by_step=True)
            if row.kind is RowKind.EXCHANGE:
                same(events, later)
            else:
                with pytest.raises(EndedError):
                    beside(events, later)


@pytest.mark.parametrize(("story", "scenario"), [each[:2] for each in OMITTING])
def test_requests_without_credentials(story: Story, scenario: Scenario) -> None:
    """If one was told otherwise before its browser said so, this process has to tell it again."""
    try:
        told = beside(story.events, scenario)
        found = told.differences()
    except EndedError as error:
        assert "had no credentials" in str(error)  # noqa: PT017 - or it is the same
    else:
        assert found == retold(story.events, scenario).differences()


def test_a_request_told_before_it_was_known_to_have_no_credentials() -> None:
    """What the other process found is not used."""
    with pytest.raises(EndedError, match="had no credentials"):
        beside(omitting(REFUSED).events, LAX).differences()


def test_a_step_that_does_not_exist() -> None:
    """It is said as by one process."""
    events, scenario = list(ordinary(3)), Scenario(later=(("99", 5.0),), by_step=True)
    with pytest.raises(FormatError) as alone:
        retold(events, scenario)
    with pytest.raises(FormatError, match=str(alone.value)):
        beside(events, scenario)


def test_the_cookie_of_a_place() -> None:
    """It needs the trace of what happened, so one process tells both."""
    assert not can_be_told_beside(Scenario(place=CookiePlace("shop.test", "/")))


def test_a_redacted_capture() -> None:
    """It is refused before anything is told."""
    capture = Capture(
        capture_id="0" * 32, schema=1, at=0.0, producer="test", redacted=True, sensitive=True
    )
    with pytest.raises(FormatError, match="this capture is redacted"):
        beside([capture], Scenario(browser="safari"))


def test_another_reading_of_the_capture() -> None:
    """If the other process read something else, what it found is not used."""
    events, scenario = list(ordinary(9)), Scenario(browser="safari")
    more = StoredEvents(MemoryStore(list(ordinary(10))))
    other = Passed(lambda: Imagining(more, scenario, "auto", unmasked))
    other.ready()
    told = retold_beside(events, scenario, "auto", other, iter)
    with pytest.raises(EndedError):
        told.differences()
