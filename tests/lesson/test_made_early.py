"""What is made of exchanges before a capture has been read is what is made of them at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given, settings

from benchmarks.captures import doubtful, ordinary, siblings
from cookietrace import events as ev
from cookietrace.archive import MemoryBlocks, PackedShelf
from cookietrace.events import Event
from cookietrace.formats import outgoing, outgoing_explanations
from cookietrace.json_text import json_bytes
from cookietrace.lesson.explain import explanations, plain, shorten, whole_explanation
from cookietrace.lesson.explained import Explained
from cookietrace.lesson.made_early import MadeEarly, StructCodec
from cookietrace.stores import MemoryStore, StoredEvents
from cookietrace.trace import Trace, fold
from tests.lesson.random_traces import random_story
from tests.story import Story
from tests.trace.test_properties import stories
from tests.trace.test_verdict_replay import with_verdicts
from tests.verdict_stories import anew, full, late, rich, settled
from tests.verdict_stories import siblings as of_siblings


def early(events: Sequence[Event], newest: int = 2, page: int = 2) -> list[dict[str, object]]:
    """Return what is made of the exchanges while the events are read, oldest first."""
    blocks = MemoryBlocks()
    made = MadeEarly(
        whole_explanation, StructCodec(Explained), blocks=blocks, newest=newest, page=page
    )
    store = MemoryStore(events)
    trace = Trace(shelf=PackedShelf(store.events_at, MemoryBlocks(), newest=2, block=2))
    batch = store.read(limit=100_000)
    for event, place in zip(batch.events, batch.places, strict=True):
        made.watch(trace, trace.apply(event, place))
    pages = list(made.pages(trace))
    assert all(len(each) == page for each in pages[:-1])
    assert len(blocks) == max(0, (len(trace.exchanges) - max(newest, page)) // page + 1)
    found = [explained for each in pages for explained in each]
    for explained in found:
        shorten(explained)
    return [plain(explained) for explained in found]


@settings(max_examples=30)
@given(story=stories())
def test_any_traffic(story: Story) -> None:
    """Whatever is on the wire, in whatever order."""
    assert early(story.events) == list(explanations(story.trace()))


@pytest.mark.parametrize("seed", range(6))
def test_random_stories(seed: int) -> None:
    """The same of longer stories, for pages of any length."""
    story = random_story(seed, 24)
    expected = list(explanations(story.trace()))
    for newest, page in ((1, 1), (2, 3), (5, 2), (1000, 64)):
        assert early(story.events, newest, page) == expected


@pytest.mark.parametrize("make", [rich, late, full, settled, anew, of_siblings])
def test_every_verdict(make: Callable[[], Story]) -> None:
    """The same of every kind of verdict, and of a redacted capture, which brings its own."""
    story = make()
    replayed = with_verdicts(story, story.trace())
    assert early(story.events) == list(explanations(story.trace()))
    assert early(replayed) == list(explanations(fold(replayed)))


def test_what_changes_later_is_made_again() -> None:
    """A late response and a failure reach an exchange of which something was made already."""
    story = Story()
    names = [story.ask(f"/{number}", None) for number in range(9)]
    story.respond(names[0], "a=1; Max-Age=99999999999999999999")
    failed = ev.Failure(exchange_id=names[1], at=1_790_000_000.0, kind="aborted", message="gone")
    first, second, *_ = early([*story.events, failed])
    assert first["set_cookies"]
    assert second["failure"] == {"kind": "aborted", "message": "gone"}


def test_doubtful_traffic() -> None:
    """The same of responses of which later requests show what the browser did with them."""
    events = list(doubtful(150, 3))
    assert early(events) == list(explanations(fold(events)))


@pytest.mark.parametrize("show_values", [False, True])
@pytest.mark.parametrize(
    ("shape", "length"), [(ordinary, 1_100), (siblings, 1_100), (doubtful, 80)]
)
def test_what_the_command_prints(
    shape: Callable[[int, int], Iterable[Event]], length: int, show_values: bool
) -> None:
    """Byte by byte, also of captures that are longer than what is kept whole."""
    events = list(shape(length, 3))
    expected = explanations(fold(outgoing(events, show_values=show_values, bodies=False)))
    with StoredEvents(MemoryStore(events)) as stored:
        printed = b"".join(outgoing_explanations(stored, show_values=show_values))
    assert printed.splitlines() == list(map(json_bytes, expected))
