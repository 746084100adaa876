"""A capture whose beginning was removed gives every later exchange the verdicts of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace import events as ev
from cookietrace.cookies import Cookie
from cookietrace.cutting.compacting import compact
from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.explain import Explainer
from cookietrace.trace import Trace, fold
from tests import verdict_stories
from tests.cutting.stories import ODD, torn_stories
from tests.story import Story

RICH = (
    verdict_stories.rich,
    verdict_stories.full,
    verdict_stories.late,
    verdict_stories.settled,
    verdict_stories.anew,
)


def after(position: int) -> Any:
    """Return where a capture may be cut: anywhere after so many events."""
    seen = iter(range(position + 10**6))
    return lambda event: next(seen) >= position


def encoded(events: Iterable[ev.Event]) -> list[ev.Event]:
    """Return events as they are read back."""
    return [ev.decode(ev.encode(event)) for event in events]


def said(trace: Trace) -> dict[str, Any]:
    """Return all that is said about each exchange, and the rows that show it."""
    explainer = Explainer(trace)
    found: dict[str, Any] = {}
    for exchange in trace.exchanges:
        explanation = explainer.explanation(exchange, jar=True)
        del explanation["number"]
        if exchange.response is None:
            del explanation["jar"]  # if it was open at a cut, that of the cut is all there is
        found[exchange.exchange_id] = explanation, exchange.request.context
    for row in trace.rows:
        name = f"rows {row.exchange_id}"
        found.setdefault(name, []).append((row.kind, row.label, row.refutes))
    return found


def differences(whole: dict[str, Any], part: dict[str, Any]) -> list[Any]:
    """Return what a part says otherwise than the whole."""
    return [
        (name, whole[name], part[name])
        for name in part
        if not name.startswith("rows") and part[name] != whole[name]
    ] + [
        (name, whole[name], part[name])
        for name in part
        if name.startswith("rows")
        and part[name] != whole[name][-len(part[name]) :]
        and not any(kind is RowKind.REFUTED for kind, *_ in whole[name])
    ]


def held(trace: Trace, client_id: str) -> list[Cookie]:
    """Return a client's jar; its history does not say when a cookie was last sent."""
    jar = trace.jar_at(client_id, trace.position)
    return [msgspec.structs.replace(cookie, last_access_at=0.0) for cookie in jar]


def check_cut(events: Sequence[ev.Event], position: int) -> None:
    """Assert that a cut changes no verdict on what is left, and says what it removed."""
    whole = fold(events)
    cut = encoded(compact(events, after(position)))
    part = fold(cut)
    assert differences(said(whole), said(part)) == []
    missing = len(whole.exchanges) - len(part.exchanges)
    assert (0 if part.removed is None else part.removed.exchanges) == missing
    for client in part.clients:
        assert held(part, client.client_id) == held(whole, client.client_id)


@settings(max_examples=25, deadline=None)
@given(torn_stories(), st.integers(0, 60))
def test_a_cut_anywhere_changes_no_later_verdict(story: Story, position: int) -> None:
    """Whatever is open, doubtful or in progress: context, cookies, jar, standing and rows agree."""
    check_cut(story.events, position)


@settings(max_examples=10, deadline=None)
@given(torn_stories(), st.lists(st.integers(0, 40), min_size=2, max_size=3))
def test_cut_again_and_again(story: Story, positions: list[int]) -> None:
    """What was cut can be cut again; the count of removed exchanges is that of all cuts."""
    whole, events = fold(story.events), list[ev.Event](story.events)
    for position in positions:
        events = encoded(compact(events, after(position)))
    part = fold(events)
    assert differences(said(whole), said(part)) == []
    missing = len(whole.exchanges) - len(part.exchanges)
    assert (0 if part.removed is None else part.removed.exchanges) == missing


def test_every_kind_of_verdict_survives_every_cut() -> None:
    """The stories with every kind of verdict, and odd ones, each cut before each of its events."""
    for story in (*RICH, *ODD):
        events = story().events
        for position in range(len(events)):
            check_cut(events, position)
