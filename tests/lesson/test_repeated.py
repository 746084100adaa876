"""Fields that are encoded once are those that are made of each exchange."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings

from cookietrace.events import Edited
from cookietrace.json_text import json_bytes
from cookietrace.lesson import repeated
from cookietrace.lesson.explain import whole_explanation
from cookietrace.lesson.explained import Explained
from cookietrace.lesson.made_early import StructCodec
from cookietrace.lesson.repeated import CONTEXT, REQUEST_COOKIES, Packed, Repeated
from cookietrace.trace import Trace
from tests.lesson.random_traces import random_story
from tests.story import Story
from tests.trace.test_properties import stories
from tests.verdict_stories import anew, full, late, overheard, rich, settled, siblings


def assert_same(trace: Trace) -> None:
    """Check both kinds of what is made of each exchange, byte by byte."""
    expected = [json_bytes(whole_explanation(each, trace.browser)) for each in trace.exchanges]
    made = Repeated()
    assert [json_bytes(made.explained(each, trace.browser)) for each in trace.exchanges] == expected
    codec = StructCodec(Packed)
    unpacked = codec.decode(
        codec.encode([made.packed(each, trace.browser) for each in trace.exchanges])
    )
    for packed, line in zip(unpacked, expected, strict=True):
        *values, edited, browser, scripts = msgspec.structs.astuple(packed)
        for at in (CONTEXT, REQUEST_COOKIES):
            values[at] = msgspec.Raw(values[at])
        explained = Explained(*values)
        explained.edited = msgspec.UNSET if edited is None else edited
        explained.browser = msgspec.UNSET if browser is None else browser
        explained.scripts = msgspec.UNSET if scripts is None else scripts
        assert json_bytes(explained) == line


@settings(max_examples=30)
@given(story=stories())
def test_any_traffic(story: Story) -> None:
    """Whatever is on the wire, with room for everything and for two fields of each kind."""
    trace = story.trace()
    assert_same(trace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeated, "_REMEMBERED", 2)
        assert_same(trace)


@pytest.mark.parametrize("seed", range(3))
def test_random_stories(seed: int) -> None:
    """The same of longer stories."""
    assert_same(random_story(seed, 24).trace())


@pytest.mark.parametrize("make", [rich, late, full, settled, anew, siblings, overheard])
def test_every_verdict(make: Callable[[], Story]) -> None:
    """The same of every kind of verdict."""
    assert_same(make().trace())


def test_what_the_user_changed() -> None:
    """The same of an exchange with a cookie that was changed by hand."""
    story = rich()
    name = story.visit("/", "sid=1", "sid=2")
    story.events.append(
        Edited(exchange_id=name, at=story.now, of="response", name="sid", before="sid=2")
    )
    trace = story.trace()
    assert trace.exchanges[-1].edited
    assert_same(trace)
