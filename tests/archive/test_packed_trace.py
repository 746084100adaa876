"""A trace that packs its older exchanges says what a plain one says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings

from cookietrace import events as ev
from cookietrace.archive import PLAIN, MemoryBlocks, PackedShelf, Shelf
from cookietrace.archive.exchange_codec import EXCHANGE_CODEC
from cookietrace.archive.kept import Kept, stripped
from cookietrace.cookies import Outcome
from cookietrace.follow import apply_batch
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import Opening, story_paragraphs, transcript
from cookietrace.stores import CaptureStore, MemoryStore
from cookietrace.trace import Trace
from tests.lesson.random_traces import random_story
from tests.story import Story
from tests.trace.test_properties import stories
from tests.trace.test_verdict_replay import revised, with_verdicts
from tests.verdict_stories import anew, full, late, rich, settled

FOCUSES = (
    Focus(host="shop.test"),
    Focus(path="/*"),
    Focus(cookies=("a",)),
    Focus(housekeeping=True),
)


def read(store: CaptureStore, shelf: Shelf | None = None) -> Trace:
    """Return the trace of a whole store; packed unless told otherwise."""
    trace = Trace(shelf=shelf or PackedShelf(store.events_at, MemoryBlocks(), newest=2, block=2))
    for _ in apply_batch(trace, store.read(limit=100_000)):
        pass
    return trace


def both(events: Sequence[ev.Event]) -> tuple[Trace, Trace]:
    """Return the plain trace of some events, and the packed one.

    What each row shows must be what it showed when it was added, whatever came later.
    """
    store, plain = MemoryStore(events), Trace()
    added = [row for event in events for row in plain.apply(event).rows]
    assert list(plain.rows) == added
    return plain, read(store)


def assert_same(plain: Trace, packed: Trace) -> None:
    """Check everything that a front end can ask of a trace."""
    assert list(packed.exchanges) == list(plain.exchanges)
    assert list(packed.rows) == list(plain.rows)
    assert packed.notes == plain.notes
    assert packed.clients == plain.clients
    for exchange in plain.exchanges:
        assert packed.exchange(exchange.exchange_id) == exchange
    count = len(plain.exchanges)
    for start, stop in ((-1, None), (-3, -1), (0, 2), (count - 2, count - 9), (count, count + 1)):
        assert packed.exchanges[start:stop] == plain.exchanges[start:stop]
    assert packed.exchanges[::-2] == plain.exchanges[::-2]
    assert packed.find("no such exchange") is None
    for client in plain.clients:
        name = client.client_id
        assert list(packed.jar_changes(name)) == list(plain.jar_changes(name))
        for position in range(0, plain.position + 1, max(1, plain.position // 100)):
            assert packed.jar_at(name, position) == plain.jar_at(name, position)
            assert list(packed.changes_at(name, position)) == list(plain.changes_at(name, position))
        for key in {change.key for change in plain.jar_changes(name)}:
            assert list(packed.stored(name, key)) == list(plain.stored(name, key))


@settings(max_examples=60)
@given(story=stories())
def test_any_traffic(story: Story) -> None:
    """Whatever is on the wire, in whatever order."""
    assert_same(*both(story.events))


@pytest.mark.parametrize("seed", range(12))
def test_what_the_lesson_makes_of_it(seed: int) -> None:
    """Table, problems and transcript are the same."""
    plain, packed = both(random_story(seed, 24).events)
    assert_same(plain, packed)
    tables = Table(plain), Table(packed)
    rows = [[table.row(step) for step in range(1, len(table) + 1)] for table in tables]
    assert rows[0] == rows[1]
    assert problems(tables[0]) == problems(tables[1])
    for focus in (None, *FOCUSES):
        assert list(transcript(plain, focus=focus)) == list(transcript(packed, focus=focus)), focus


def test_a_transcript_reads_the_capture_a_few_times() -> None:
    """Exchanges are read some at a time, and to count them for the opening needs no look."""
    store, looks = MemoryStore(random_story(1, 200).events), 0

    def events_at(places: Sequence[int]) -> list[ev.Event]:
        nonlocal looks
        looks += 1
        return store.events_at(places)

    trace = read(store, PackedShelf(events_at, MemoryBlocks(), newest=2, block=2))
    looks = 0
    Opening(trace).text()
    assert looks == 0
    told = list(story_paragraphs(trace))
    assert len(told) > 100
    assert looks < len(told) / 2


@pytest.mark.parametrize("make", [rich, late, full, settled, anew])
def test_every_verdict(make: Callable[[], Story]) -> None:
    """Every kind of verdict is the same, and so is a redacted capture, which brings its own.

    Also if these come again, as those of a recording that is published do.
    """
    story = make()
    assert_same(*both(story.events))
    replayed = with_verdicts(story, story.trace())
    ends = [revised(event) for event in replayed if isinstance(event, ev.Verdicts)]
    assert_same(*both(replayed))
    assert_same(*both([*replayed, *ends]))


def test_what_changes_later_is_packed_again() -> None:
    """A late response, a settled cookie and a withdrawn verdict reach exchanges that are packed."""
    story = Story()
    late = [story.ask(f"/{number}", None) for number in range(700)]
    for exchange_id in late:
        story.respond(exchange_id, f"a={exchange_id}; Max-Age=99999999999999999999")
    plain, packed = both(story.events)
    assert_same(plain, packed)
    response = packed.exchanges[3].response
    assert response is not None
    assert response.set_cookies[0].outcome in (Outcome.CREATED, Outcome.REPLACED)


def test_deleted_events_leave_the_facts() -> None:
    """What a recorder has deleted from the capture is missing in an exchange, and nothing else."""
    story = Story()
    for number in range(6):
        story.visit(f"/{number}", None, f"a={number}")
    store = MemoryStore(story.events)
    shelf = PackedShelf(lambda _places: [], MemoryBlocks(), newest=1, block=2)
    plain, packed = read(store, PLAIN), read(store, shelf)
    assert packed.exchanges[0].request.headers == ()
    assert packed.exchanges[0].response_body is None
    for one, other in zip(plain.exchanges, packed.exchanges, strict=True):
        assert one.request.url == other.request.url
        assert one.response is not None
        assert other.response is not None
        assert one.response.set_cookies == other.response.set_cookies


@pytest.mark.parametrize("make", [rich, late, full, settled, anew])
def test_no_exchange_has_to_stay_whole(make: Callable[[], Story]) -> None:
    """Each can be packed, and is then what is kept of it."""
    exchanges = make().trace().exchanges
    kept = [Kept(stripped(exchange), (exchange.number, 2**40)) for exchange in exchanges]
    for size in (1, len(kept)):
        blocks = [kept[at : at + size] for at in range(0, len(kept), size)]
        assert [
            list(EXCHANGE_CODEC.decode(EXCHANGE_CODEC.encode(each))) for each in blocks
        ] == blocks
