"""Verdicts that travel with a redacted capture read as those that were made."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from cookietrace import events as ev
from cookietrace.fold.exchange import JarChange
from cookietrace.fold.verdict_replay import verdicts_of
from cookietrace.lesson.explain import explanations
from cookietrace.trace import Trace, fold
from tests.story import Story


def with_verdicts(story: Story, trace: Trace) -> list[ev.Event]:
    """The story's events, marked as redacted, each request followed by its verdicts."""
    changes: dict[str, list[JarChange]] = defaultdict(list)
    for state in trace.clients:
        for change in trace.jar_changes(state.client_id):
            changes[change.exchange_id].append(change)
    told: list[ev.Event] = []
    for event in story.events:
        if isinstance(event, ev.Capture):
            event = msgspec.structs.replace(event, redacted=True)
        told.append(event)
        if isinstance(event, ev.Request):
            exchange = trace.exchange(event.exchange_id)
            content = msgspec.json.encode(verdicts_of(exchange, tuple(changes[event.exchange_id])))
            told.append(
                ev.Verdicts(
                    exchange_id=event.exchange_id, at=event.at, content=msgspec.Raw(content)
                )
            )
    return told


def rich() -> Story:
    """Everything a request can be told: sent, withheld, missing, unexplained, expired, refused."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Path=/", "b=2; Path=/admin", "c=3; Max-Age=5")
    story.visit("/", "a=1", "d=4; Domain=other.test", "a=9; Path=/; Secure; HttpOnly")
    story.visit("/", "a=script")
    story.visit("/admin", "a=script; b=2; x=y", "b=; Max-Age=0; Path=/admin")
    story.ask("/never-answered", "a=script; x=y")
    return story


def test_replay_says_what_the_fold_said() -> None:
    """Read back through JSON, every explanation and every jar is the same."""
    story = rich()
    first = story.trace()
    lines = [ev.encode(event) for event in with_verdicts(story, first)]
    second = fold(ev.decode(line) for line in lines)
    assert list(explanations(second, jar=True)) == list(explanations(first, jar=True))
    assert [row.kind for row in second.rows] == [row.kind for row in first.rows]


def test_a_redacted_request_without_verdicts_gets_none() -> None:
    """Tokens are never folded: where the verdicts are lost there are none, and nothing fails."""
    story = rich()
    events = [
        event for event in with_verdicts(story, story.trace()) if not isinstance(event, ev.Verdicts)
    ]
    trace = fold(events)
    assert all(not exchange.request.cookies for exchange in trace.exchanges)
    assert all(
        not exchange.response.set_cookies for exchange in trace.exchanges if exchange.response
    )


def test_broken_verdicts_are_passed_over() -> None:
    """Verdicts that are not what they should be, or belong nowhere, are left out."""
    story = rich()
    events = with_verdicts(story, story.trace())
    bad = ev.Verdicts(exchange_id="x1", at=1.0, content=msgspec.Raw(b'{"profile": 7}'))
    ghost = ev.Verdicts(exchange_id="ghost", at=1.0, content=msgspec.Raw(b"{}"))
    trace = fold([*events, bad, ghost])
    assert len(trace.exchanges) == 5
    assert fold([*story.events, bad]).exchanges == story.trace().exchanges
