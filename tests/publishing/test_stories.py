"""What a viewer reads through Redis is the story that a redacted export tells."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace import events as ev
from cookietrace.formats import export, stored_events
from cookietrace.publishing.options import PublishingOptions
from cookietrace.redact import redacted
from cookietrace.stores import START
from cookietrace.trace import fold
from tests.publishing.conftest import Recorded
from tests.publishing.local import Local, fresh_name, rows, told
from tests.redis_server import RedisServer
from tests.story import Story
from tests.trace.test_properties import CONTEXTS, COOKIES, LINES
from tests.verdict_stories import anew, full, late, rich, settled, siblings


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize("make", [rich, late, full, settled, anew, siblings])
def test_it_is_the_story_of_a_redacted_export(
    make: Callable[[], Story], step: int, recorded: Recorded
) -> None:
    """However little is recorded at a time: verdicts, tokens, jars, rows, notes are the same."""
    story = make()
    local = recorded(story)
    while local.record(step):
        if not local.left and step == 1000:
            local.store.close()  # nobody can have seen it: each record is final at once
        assert local.publish()
    through = local.trace()
    exported = fold(redacted(story.events))
    assert told(through) == told(exported)
    assert rows(through) == rows(exported) == rows(story.trace())
    assert [note.message for note in through.notes] == [note.message for note in exported.notes]


@pytest.mark.parametrize("make", [late, settled, anew])
def test_what_is_exported_from_redis_has_one_record_for_each_exchange(
    make: Callable[[], Story], recorded: Recorded, tmp_path: Path
) -> None:
    """At any time, a JSONL file of it can be read again, and says what a viewer says."""
    story = make()
    local = recorded(story)
    out = tmp_path / "out.jsonl"
    while local.record(4):
        assert local.publish()
        with stored_events(local.url) as stored:
            out.write_bytes(b"".join(export(stored, "jsonl")))
        with stored_events(out) as again:
            events = list(again)
        assert not any(isinstance(event, ev.Verdicts) and event.revised for event in events)
        assert told(fold(events)) == told(local.trace())


@st.composite
def traffic(draw: st.DrawFn) -> Story:
    """Return a story of a few exchanges that overlap as they like, with any headers."""
    story = Story("https://shop.test")
    under_way: list[str] = []
    for _ in range(draw(st.integers(1, 14))):
        responds: bool = draw(st.booleans())
        if under_way and responds:
            which = draw(st.integers(0, len(under_way) - 1))
            lines: list[str] = draw(st.lists(LINES, max_size=3))
            story.respond(under_way.pop(which), *lines)
        else:
            under_way.append(
                story.ask(
                    draw(st.sampled_from(["/", "/x", "https://www.shop.test/x/y"])),
                    draw(COOKIES),
                    headers=draw(CONTEXTS),
                    after=draw(st.sampled_from([0.1, 10.0])),
                )
            )
    return story


def verdicts(trace: Any) -> list[Any]:
    """Return what is said about each exchange, without names and values."""
    return [
        (
            each["exchange_id"],
            each["step"],
            each["context"],
            [cookie["status"] for cookie in each["request_cookies"]],
            [cookie["reasons"] for cookie in each["withheld"]],
            [(cookie["status"], cookie["reasons"]) for cookie in each["missing"]],
            [
                (line["outcome"], line["reasons"], line["standing"], line["settled_by"])
                for line in each["set_cookies"]
            ],
            len(each["jar"]),
        )
        for each in told(trace)
    ]


@settings(max_examples=12)
@given(story=traffic(), step=st.sampled_from([1, 2, 1000]))
def test_any_traffic_keeps_its_verdicts(
    story: Story, step: int, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the headers are, and however little is published at a time."""
    url = redis_server.url(fresh_name())
    with closing(Local(tmp_path_factory.mktemp("local"), url, story)) as local:
        while local.record(step):
            assert local.publish()
        through, plain = local.trace(), story.trace()
    assert verdicts(through) == verdicts(plain)
    assert rows(through) == rows(plain)


def test_with_values_a_viewer_folds_what_was_recorded(recorded: Recorded) -> None:
    """``--publish-values`` publishes every event as it is, bodies included."""
    story = rich()
    options = PublishingOptions(values=True)
    local = recorded(story, options)
    local.record()
    assert local.publish()
    assert local.read() == story.events


@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
def test_positions_lie_between_any_two_events(limit: int, recorded: Recorded) -> None:
    """However few events are read at a time, none is missing and none comes twice."""
    local = recorded(settled())
    while local.record(5):
        local.publish()
    store = local.viewer()
    everything = local.read()
    found: list[ev.Event] = []
    places: list[int] = []
    position = START
    while (batch := store.read(position, limit)).events:
        assert len(batch.events) <= limit
        found += batch.events
        places += batch.places
        position = batch.position
    assert found == everything
    assert places == sorted(set(places))
    assert store.events_at(places[::3]) == everything[::3]
    assert store.read(position).position == position
    assert store.ahead(START) >= store.ahead(position) == 0
    store.close()
