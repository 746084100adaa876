"""Several recordings made one: by time, with clients apart, and the verdicts of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace import events as ev
from cookietrace.cutting.compacting import compact
from cookietrace.cutting.merge import merge
from cookietrace.errors import CaptureError
from cookietrace.redact import redacted
from cookietrace.trace import Trace, fold
from tests.cutting.stories import ODD, torn_stories
from tests.cutting.test_verdicts import after, encoded, said
from tests.story import Story


def named(story: Story, capture_id: str, ids: str = "") -> list[ev.Event]:
    """Return a story as a recording of its own; ``ids`` makes its exchanges' ids others."""
    events: list[ev.Event] = []
    for event in story.events:
        if isinstance(event, ev.Capture):
            event = msgspec.structs.replace(event, capture_id=capture_id)
        elif (name := getattr(event, "exchange_id", None)) is not None:
            event = msgspec.structs.replace(event, exchange_id=ids + name)
        events.append(event)
    return events


def judged(trace: Trace, of: str) -> list[object]:
    """Return what is said about the exchanges to a host, without ids and numbers."""
    found: list[object] = []
    explained = said(trace)
    for exchange in trace.exchanges:
        if exchange.request.url.endswith(of):
            explanation, context = explained[exchange.exchange_id]
            for name in ("step", "exchange_id", "client_id"):
                del explanation[name]
            for result in explanation["set_cookies"]:
                result["settled_by"] = result["settled_by"] is not None
            found.append((explanation, context))
    return found


def marked(story: Story, mark: str) -> Story:
    """Return a story in which every URL ends in a mark."""
    story.events = [
        msgspec.structs.replace(event, url=f"{event.url}#{mark}")
        if isinstance(event, ev.Request)
        else event
        for event in story.events
    ]
    return story


@settings(max_examples=12, deadline=None)
@given(torn_stories(14), torn_stories(14), st.integers(0, 20), st.booleans())
def test_every_exchange_keeps_the_verdicts_of_its_capture(
    one: Story, other: Story, position: int, alike: bool
) -> None:
    """Also if one was cut before, and if both give their exchanges the same ids."""
    second = named(marked(other, "two"), "two", "" if alike else "y")
    shifted = [later(event, 0.125) for event in second]  # the same ids, and not the same exchange
    first = named(marked(one, "one"), "one")
    cut = encoded(compact(shifted, after(position)))
    merged = fold(encoded(merge([("a", first), ("b", cut)])))
    for events, mark in ((first, "one"), (cut, "two")):
        assert judged(merged, mark) == judged(fold(events), mark)
    numbers = [row.number for row in merged.rows if not row.aside]
    assert numbers == sorted(numbers)
    assert len(merged.clients) == len(fold(first).clients) + len(fold(cut).clients)


@pytest.mark.parametrize("odd", ODD)
def test_odd_stories_keep_their_verdicts(odd: Callable[[], Story]) -> None:
    """Whatever their clocks say, and however their cookies are called; cut anywhere."""
    other = [later(event) for event in named(marked(visit("b=2; Max-Age=9"), "two"), "two", "y")]
    whole = named(marked(odd(), "one"), "one")
    for position in range(len(whole)):
        part = encoded(compact(whole, after(position)))
        merged = fold(encoded(merge([("a", part), ("b", other)])))
        assert judged(merged, "one") == judged(fold(part), "one")
        assert judged(merged, "two") == judged(fold(other), "two")


def later(event: ev.Event, seconds: float = 5.0) -> ev.Event:
    """Return an event as if it had happened later."""
    return msgspec.structs.replace(event, at=event.at + seconds) if has_time(event) else event


def has_time(event: ev.Event) -> TypeGuard[ev.Known]:
    """Return whether the time of an event is known."""
    return hasattr(event, "at")


def visit(cookie: str) -> Story:
    """One visit that sets a cookie."""
    story = Story("https://shop.test")
    story.visit("/", None, cookie)
    return story


def test_what_cannot_be_merged_is_refused() -> None:
    """One capture, the same recording twice, and one redacted capture beside a plain one."""
    one, two = named(visit("a=1"), "one"), named(visit("b=2"), "two")
    two = [two[0], *map(later, two[1:])]
    copy = [msgspec.structs.replace(one[0], capture_id="copy"), *one[1:]]
    tokens = list(redacted(one))
    for captures, error in (
        ([("a", one)], "name at least two captures"),
        ([("a", one), ("b", one)], "b and a are the same recording"),
        ([("a", one), ("b", copy)], "b and a are the same recording"),
        ([("a", tokens), ("b", two)], "b is not redacted, and another one is"),
        ([("a", one), ("b", two[1:])], "b does not begin with a capture event"),
    ):
        with pytest.raises(CaptureError, match=error):
            list(merge(captures))


def test_redacted_captures_can_be_merged() -> None:
    """Their verdicts name the clients and exchanges as they are called then."""
    one = named(visit("a=1"), "one")
    two = [later(event) for event in named(visit("b=2"), "two")]
    merged = fold(merge([("a", list(redacted(one))), ("b", list(redacted(two)))]))
    assert [note.kind.value for note in merged.notes] == ["redacted"]
    assert [len(each.response.set_cookies) for each in merged.exchanges if each.response] == [1, 1]
