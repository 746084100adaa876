"""A fresh browser takes over from a client: nothing of what was known about that one holds."""

from __future__ import annotations

import pytest

from cookietrace import events as ev
from cookietrace.fold.exchange import CookieStatus, NoteKind
from tests.story import CHROMIUM, Story
from tests.verdict_stories import anew


def test_a_fresh_browser_has_a_jar_of_its_own() -> None:
    """Its requests are judged by what it was given, and late responses belong to who asked."""
    trace = anew().trace()
    assert [state.follows for state in trace.clients] == [None, "c1"]
    for exchange in trace.exchanges:
        assert exchange.request.observed == exchange.request.expected
        assert not exchange.request.withheld
    jars = [
        [(cookie.name, cookie.value) for cookie in trace.jar_at(client_id, trace.position)]
        for client_id in ("c1", "c2")
    ]
    assert jars == [[("a", "2"), ("b", "1"), ("c", "2")], [("a", "3")]]
    (note,) = trace.notes
    assert (note.kind, note.client_id) == (NoteKind.FRESH_BROWSER, "c2")
    assert note.message == (
        "A fresh browser from here on: client 2 takes over from client 1, with an empty jar."
    )


def test_pages_and_connections_are_forgotten() -> None:
    """What one browser showed of its frames and connections says nothing about the fresh one."""
    image = (
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Mode", "cors"),
        ("Sec-Fetch-Dest", "empty"),
    )
    contexts = []
    for fresh in (False, True):
        story = Story("https://shop.test")
        first = story.ask("/", connection="1")
        story.respond(first, "a=1; Path=/")
        story.respond(story.ask("/", "a=1", connection="1"))
        client_id = "c1"
        if fresh:
            story.fresh("c2")
            client_id = "c2"
        story.ask("/data", headers=image, client_id=client_id, connection="1")
        contexts.append(story.trace().exchanges[-1].request.context.credentials)
    assert [credentials.value for credentials in contexts] == ["include", "unknown"]


def test_without_its_client_event_it_is_like_the_one_before() -> None:
    """A lost ``client`` event costs nothing."""
    story = anew()
    story.events = [
        event
        for event in story.events
        if not (isinstance(event, ev.Client) and event.client_id == "c2")
    ]
    state = story.trace().client("c2")
    assert (state.ordinal, state.user_agent, state.profile) == (2, CHROMIUM, "chromium")
    assert state.follows == "c1"


@pytest.mark.parametrize(
    ("client_id", "follows"), [("c1", "c1"), ("c2", "nobody"), ("c2", "c2"), ("c9", "nobody")]
)
def test_an_event_that_makes_no_sense_is_passed_over(client_id: str, follows: str) -> None:
    """It adds no client and no note, and changes no verdict."""
    story = Story()
    story.visit("/", None, "a=1")
    story.client("c2")
    story.events.append(ev.Session(client_id=client_id, at=story.now, follows=follows))
    story.visit("/", "a=1")
    trace = story.trace()
    assert [(state.client_id, state.follows) for state in trace.clients] == [
        ("c1", None),
        ("c2", None),
    ]
    assert not trace.notes
    assert trace.exchanges[-1].request.cookies[0].status is CookieStatus.SENT
