"""Two tellings side by side, of which what is the same is folded once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace.events import Event, Request
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.lesson.what_if import LineChange, Move, Scenario, retold
from cookietrace.lesson.what_if.editor import Editor
from cookietrace.lesson.what_if.sent_oddly import SentOddly, sent_oddly
from cookietrace.stores import ImportedStore, StoredEvents
from cookietrace.trace import Trace
from tests.cutting.stories import torn_stories
from tests.lesson.random_traces import random_story
from tests.story import Story

CHANGES = [
    ("SameSite", "None"), ("SameSite", "Strict"), ("Secure", None), ("Path", "/x"),
    ("Max-Age", "0"), ("Domain", "shop.test"),
]  # fmt: skip


def plainly(events: list[Event], scenario: Scenario) -> tuple[Trace, Trace, Editor]:
    """Fold both tellings from beginning to end."""
    real = Trace()

    def oddly(exchange_id: str) -> SentOddly | None:
        return sent_oddly(real.exchange(exchange_id).request)

    editor = Editor(scenario, oddly, real)
    imagined = Trace(scenario.browser or "auto", imagine=editor.imagine)
    for event in events:
        real.apply(event)
        told = editor.edited(event)
        for one in told:
            imagined.apply(one)
        if not told:
            imagined.pass_over(event)
    return real, imagined, editor


def content(trace: Trace) -> list[Any]:
    """Return all that can be read of a trace."""
    table = Table(trace)
    return [
        list(trace.exchanges),
        list(trace.rows),
        list(trace.notes),
        trace.clients,
        [trace.requests.client(each.number) for each in trace.exchanges],
        [trace.requests.position(each.number) for each in trace.exchanges],
        [
            [trace.jar_at(client.client_id, at) for at in range(0, trace.position + 1, 3)]
            for client in trace.clients
        ],
        [list(trace.jar_changes(client.client_id)) for client in trace.clients],
        problems(table),
    ]


def same(events: list[Event], scenario: Scenario) -> None:
    """Compare the tellings side by side with the plain ones."""
    real, imagined, editor = plainly(events, scenario)
    stored = StoredEvents(ImportedStore(events, at_once=True))
    try:
        for source in (events, stored):
            found = retold(source, scenario, most_whole=0, patience=1)
            assert found.changed == tuple(editor.changed)
            assert found.set_so_already == editor.set_so_already
            for own, expected in zip(content(found.real), content(real), strict=True):
                assert own == expected
            for own, expected in zip(content(found.imagined), content(imagined), strict=True):
                assert own == expected
    finally:
        stored.close()


@st.composite
def scenarios(draw: st.DrawFn, events: list[Event]) -> Scenario:
    """Return something that is different in a story."""
    asked = [event.exchange_id for event in events if isinstance(event, Request)]
    of = st.sampled_from([None, *asked])
    name = draw(st.sampled_from(["a", "b", "sid", "__Host-a"]))
    kind = draw(st.sampled_from(["set", "set", "drop", "later", "browser", "move"]))
    if kind == "set":
        change = LineChange(name, (draw(st.sampled_from(CHANGES)),), exchange_id=draw(of))
        return Scenario(changes=(change,))
    if kind == "drop":
        return Scenario(changes=(LineChange(name, drop=True, exchange_id=draw(of)),))
    if kind == "later" and asked:
        return Scenario(later=((draw(st.sampled_from(asked)), 30.0),))
    if kind == "browser":
        return Scenario(browser="firefox")
    return Scenario(moves=(Move.parse("https://shop.test=https://b.example"),))


@settings(max_examples=40, deadline=None)
@given(st.data(), torn_stories())
def test_any_traffic_is_told_as_by_two_whole_folds(data: st.DataObject, story: Story) -> None:
    """However often both agree and part again, everything is as if each were folded alone."""
    same(story.events, data.draw(scenarios(story.events)))


def test_another_browser_is_asked_for_in_the_imagined_telling_alone() -> None:
    """Which problems there are depends on it: a program is no browser unless one was asked for."""
    story = Story("https://ads.test")
    story.respond(story.ask(), "a=1; Domain=shop.test")
    same(story.events, Scenario(browser="firefox"))
    found = retold(story.events, Scenario(browser="firefox"))
    assert (found.real.asked, found.imagined.asked) == (None, "firefox")


@pytest.mark.parametrize("seed", range(3))
def test_a_long_story_is_told_as_by_two_whole_folds(seed: int) -> None:
    """So it is if the older exchanges of both are packed."""
    story = random_story(seed, exchanges=60)
    asked = [event.exchange_id for event in story.events if isinstance(event, Request)]
    for exchange_id in (None, asked[20], asked[40]):
        for name in ("a", "sid"):
            change = LineChange(name, (("SameSite", "Strict"),), exchange_id=exchange_id)
            same(story.events, Scenario(changes=(change,)))
    same(story.events, Scenario(later=((asked[40], 4000.0),)))
