"""Traffic of which little is known is folded in time linear in its exchanges, and in bounded space.

Counted in lines that run. The limits are lowered, so that few exchanges show what many do.
"""

from __future__ import annotations

import msgspec
import pytest

from benchmarks.captures import doubtful
from cookietrace import events as ev
from cookietrace.fold import doubts, inferred, unconfirmed
from cookietrace.fold.exchange import CookieStatus
from cookietrace.trace import Trace, fold
from tests.story import Story
from tests.trace.test_standing import OWN, PAGE, standings
from tests.work import lines_run


def test_time_is_linear_in_exchanges_that_each_set_a_new_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unknown credentials and overlapping requests cost the same late in a capture as early."""
    monkeypatch.setattr(unconfirmed, "MOST_CHAINS", 8)
    monkeypatch.setattr(inferred, "MOST_INFERRED", 8)
    events, trace = list(doubtful(96)), Trace(browser="spec")  # no limit to a site's cookies

    def work(begin: int, end: int) -> int:
        return lines_run(lambda: [trace.apply(event) for event in events[begin:end]])

    work(0, 50)  # up to the limits
    early, _, late = (work(begin, begin + 48) for begin in (50, 98, 146))
    assert late <= 1.2 * early


def test_a_cookie_that_was_given_up_is_known_when_it_is_carried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is no longer listed as withheld; a request that carries it proves nothing unexplained."""
    monkeypatch.setattr(unconfirmed, "MOST_CHAINS", 2)
    story = Story(PAGE)
    for name in "abc":
        story.respond(story.ask("/x", headers=OWN), f"{name}=1")
    without = story.ask("/y", headers=OWN)
    carrying = story.ask("/x", "a=1")
    trace = story.trace()
    listed = [entry.cookie.name for entry in trace.exchange(without).request.withheld]
    assert listed == ["b", "c"]
    (cookie,) = trace.exchange(carrying).request.cookies
    assert (cookie.name, cookie.status.value) == ("a", "sent")


def test_the_limits_hold_across_a_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a cut capture says about the requests after the cut is what the whole says."""
    monkeypatch.setattr(unconfirmed, "MOST_CHAINS", 8)
    monkeypatch.setattr(inferred, "MOST_INFERRED", 8)
    events = list(doubtful(80))
    cut = 2 + 40 * 2  # after the capture, the client, and forty exchanges
    carried = next(event for event in events if isinstance(event, ev.Response))
    first_pair = carried.headers[0][1].partition(";")[0]
    for index, event in enumerate(events):
        if index > cut and isinstance(event, ev.Request) and "api." in event.url:
            cookie = ("Cookie", first_pair)  # the jar gave it up before the cut
            events[index] = msgspec.structs.replace(event, headers=(*event.headers, cookie))
            break
    begun = fold(events[:cut])
    removed = ev.Removed(exchanges=40, until=0.0, why="compacted")
    after = fold([*events[:2], *begun.jars(removed), *events[cut:]])
    parts = [each.request for each in after.exchanges]
    whole = [each.request for each in fold(events).exchanges][40:]
    for part, expected in zip(parts, whole, strict=True):
        assert (part.cookies, part.withheld) == (expected.cookies, expected.withheld)
    assert CookieStatus.SENT in {cookie.status for part in parts for cookie in part.cookies}


def test_inferred_cookies_that_are_no_longer_carried_leave_the_jar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those carried last stay, however long ago they were first seen."""
    monkeypatch.setattr(inferred, "MOST_INFERRED", 4)
    story = Story(PAGE)
    for number in range(8):
        story.ask("/", f"kept=1; n{number}=1")
    names = [cookie.name for cookie in fold(story.events).jar_at("c1", len(story.events))]
    assert names == ["kept", "n5", "n6", "n7"]


def test_only_the_latest_doubts_wait_for_their_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that shows its credentials late settles what has not been forgotten."""
    monkeypatch.setattr(doubts, "MOST_WAITING", 2)
    story = Story(PAGE)
    for connection in "klm":
        line = f"{connection}=1; Path=/deep"
        story.respond(story.ask("/x", headers=OWN, connection=connection), line)
    for connection in "klm":
        story.ask("/", connection=connection)
    assert standings(story.trace()).split("; ") == [
        "x1 k created unconfirmed",
        "x2 l created confirmed x5",
        "x3 m created confirmed x6",
    ]
