"""The oldest entries are removed from Redis, and the jars stay as they were."""

from __future__ import annotations

import time
from contextlib import closing

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.publishing.options import PublishingOptions
from cookietrace.publishing.retention import Retention
from cookietrace.stores import START, events_of
from cookietrace.stores.redis_streams.address import parse_redis_url
from cookietrace.stores.redis_streams.keys import events_key, start_key
from cookietrace.trace import fold
from tests.publishing.conftest import Recorded
from tests.publishing.local import Local, told
from tests.publishing.test_outages import patiently, visits
from tests.redis_server import RedisServer
from tests.story import Story


def long_story() -> Story:
    """Visits that send what was set long before, and one that lacks it at the end."""
    story = Story("https://shop.test")
    story.visit("/", None, "old=1; Path=/; Secure", "b=1; Path=/")
    for number in range(60):
        story.visit("/", f"old=1; b={number + 1}", f"b={number + 2}; Path=/")
    story.visit("/", "b=61")
    return story


def ends(trace_told: list[dict[str, object]], count: int) -> list[dict[str, object]]:
    """Return what is said about the last exchanges, but for their numbers."""
    for each in trace_told:
        del each["number"]
    return trace_told[-count:]


@pytest.mark.parametrize("values", [False, True])
@pytest.mark.parametrize("step", [5, 7, 500])
def test_what_is_left_is_judged_as_in_the_whole(
    step: int, values: bool, recorded: Recorded, redis_server: RedisServer
) -> None:
    """Also with a publisher that is started again, and when Redis has lost everything."""
    story = long_story()
    whole = recorded(story, PublishingOptions(values=values))
    whole.record()
    whole.publish()
    options = PublishingOptions(values=values, retention=Retention(most_events=60))
    local = recorded(story, options)
    while local.record(step):
        assert local.publish()
    name = parse_redis_url(local.url).name
    with redis_server.client() as client:
        assert client.xlen(events_key(name)) <= 60
        everything = told(whole.trace())
        for deleted in (False, True):
            if deleted:
                client.delete(events_key(name), start_key(name))
                local.publisher.beat()
                patiently(local)
            left = local.trace()
            assert 12 <= len(left.exchanges) <= 40
            assert left.removed is not None
            assert left.removed.exchanges + len(left.exchanges) == 62
            assert ends(told(left), 12) == ends([dict(each) for each in everything], 12)


def test_an_attached_viewer_is_told_what_was_removed(recorded: Recorded) -> None:
    """It reads the new beginning once, and continues."""
    local = recorded(long_story(), PublishingOptions(retention=Retention(most_events=40)))
    local.record(10)
    local.publish()
    with closing(local.viewer()) as viewer:
        first = viewer.first()
        seen = viewer.read(START, 1000)
        while local.record(10):
            local.publish()
        assert viewer.first() != first
        later = viewer.read(seen.position, 1000)
        assert isinstance(later.events[0], ev.Capture)
        jars = [event for event in later.events if isinstance(event, ev.Jar)]
        assert len(jars) == 1
        assert jars[0].removed is not None
        trace = fold([*seen.events, *later.events])
        assert told(trace)[-1]["missing"] == told(local.trace())[-1]["missing"] != []
        assert viewer.read(later.position, 1000).events == ()


def test_an_exchange_that_is_under_way_stays(recorded: Recorded) -> None:
    """Its request and its verdicts follow the jars, and its response comes when it comes."""
    story = visits(3)
    slow = story.ask("/slow", "n=value-2")
    for _ in range(30):
        story.visit("/", "n=value-2")
    story.respond(slow, "late=1; Path=/")
    story.visit("/", "n=value-2; late=1")
    local = recorded(story, PublishingOptions(retention=Retention(most_events=24)))
    while local.record(5):
        assert local.publish()
    trace = local.trace()
    exchange = trace.exchange(slow)
    assert exchange.response is not None
    assert [one.name for one in exchange.request.cookies] == ["n"]
    assert [line.name for line in exchange.response.set_cookies] == ["late"]
    last = told(trace)[-1]
    assert [cookie["status"] for cookie in last["request_cookies"]] == ["sent", "sent"]


def test_what_is_too_old_goes_also_if_nothing_new_comes(recorded: Recorded) -> None:
    """An age counts from now: the last exchanges go as well, and the jar stays."""
    story = visits(20)
    shift = time.time() - story.now - 5.0
    story.events = [
        msgspec.structs.replace(event, at=event.at + shift)
        for event in story.events
        if not isinstance(event, ev.Unknown)
    ]
    local = recorded(story, PublishingOptions(retention=Retention(most_seconds=60.0)))
    local.record()
    assert local.publish()
    assert 4 <= len(local.trace().exchanges) <= 12
    with pytest.MonkeyPatch.context() as patch:
        later = time.time() + 120
        patch.setattr("cookietrace.publishing.publisher.time.time", lambda: later)
        local.publisher.beat()
    trace = local.trace()
    assert len(trace.exchanges) == 0
    assert [cookie.name for cookie in trace.jar_at("c1", trace.position)] == ["n"]


def test_a_capture_that_was_cut_before_it_was_published(recorded: Recorded) -> None:
    """The recorder's own limit removed what was not published yet: the story begins anew there."""
    from cookietrace.cutting.limits import Limits, cut_to_limits
    from cookietrace.stores.trimming import Trimming

    story = visits(400)
    local = recorded(story)
    local.record(100)
    assert local.publish()
    with closing(local.viewer()) as viewer:
        seen = list(events_of(viewer))
        position = viewer.read(START, 10_000).position
        local.record()
        with Trimming(local.path) as trimming:
            removed = cut_to_limits(trimming, Limits(trimming.size // 3), 0.0)
        assert removed is not None
        assert local.publish()
        later = viewer.read(position, 10_000)
        assert isinstance(later.events[0], ev.Capture)
        rest = [*later.events]
        while (batch := viewer.read(later.position, 10_000)).events:
            rest += batch.events
            later = batch
    trace = fold([*seen, *rest])
    assert told(trace)[-1]["request_cookies"][0]["status"] == "sent"
    left = local.trace()
    assert left.removed is not None
    assert left.removed.exchanges + len(left.exchanges) == 400
    _check_last(local, story)


def _check_last(local: Local, story: Story) -> None:
    sent = told(local.trace())[-1]["request_cookies"]
    assert [cookie["name"] for cookie in sent] == ["n"]
    assert told(story.trace())[-1]["exchange_id"] == told(local.trace())[-1]["exchange_id"]
