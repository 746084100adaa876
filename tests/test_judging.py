"""What is made of exchanges that are then forgotten is what is made of a trace that keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.captures import doubtful, ordinary, siblings
from cookietrace import events as ev
from cookietrace import judging
from cookietrace.archive import MemoryBlocks
from cookietrace.events import Event
from cookietrace.fold.browser_word import BrowserWord
from cookietrace.fold.exchange import Exchange
from cookietrace.judging import ForgottenError, made_of_verdicts
from cookietrace.lesson.explain import explanations, plain, shorten, whole_explanation
from cookietrace.lesson.explained import Explained
from cookietrace.lesson.made_early import StructCodec
from cookietrace.stores import MemoryStore, StoredEvents
from cookietrace.trace import fold
from tests.lesson.random_traces import random_story
from tests.story import Story
from tests.trace.test_properties import stories
from tests.trace.test_verdict_replay import with_verdicts
from tests.verdict_stories import anew, full, late, overheard, rich, settled
from tests.verdict_stories import siblings as of_siblings

Printed = list[dict[str, object]]


def made(events: Iterable[Event], newest: int = 1, page: int = 1) -> tuple[Printed, int]:
    """Return what is made of all exchanges, and how often the events were read for it."""
    passes = 0

    def passing(each: Iterable[Event]) -> Iterator[Event]:
        nonlocal passes
        passes += 1
        return iter(each)

    _, pages = made_of_verdicts(
        StoredEvents(MemoryStore(list(events))),
        whole_explanation,
        StructCodec(Explained),
        passing=passing,
        newest=newest,
        page=page,
    )
    found = [explained for each in pages for explained in each]
    for explained in found:
        shorten(explained)
    return [plain(explained) for explained in found], passes


@settings(max_examples=50)
@given(story=stories(), newest=st.integers(1, 3), page=st.integers(1, 3))
def test_any_traffic(story: Story, newest: int, page: int) -> None:
    """Whatever is on the wire, in whatever order, and however little is kept."""
    assert made(story.events, newest, page)[0] == list(explanations(story.trace()))


@pytest.mark.parametrize("seed", range(6))
def test_random_stories(seed: int) -> None:
    """The same of longer stories."""
    story = random_story(seed, 24)
    expected = list(explanations(story.trace()))
    for newest, page in ((1, 1), (2, 3), (5, 2)):
        assert made(story.events, newest, page)[0] == expected


@pytest.mark.parametrize("make", [rich, late, full, settled, anew, of_siblings, overheard])
def test_every_verdict(make: Callable[[], Story]) -> None:
    """The same of every kind of verdict, and of a redacted capture, which brings its own."""
    story = make()
    replayed = with_verdicts(story, story.trace())
    assert made(story.events)[0] == list(explanations(story.trace()))
    assert made(replayed)[0] == list(explanations(fold(replayed)))


@pytest.mark.parametrize("shape", [ordinary, siblings, doubtful])
def test_one_pass(shape: Callable[[int], Iterator[Event]]) -> None:
    """The captures of the benchmarks are read once: nothing is asked for that is gone."""
    events = list(shape(200))
    printed, passes = made(events, 8, 4)
    assert passes == 1
    assert printed == list(explanations(fold(events)))


def _late_events() -> dict[str, Callable[[str], Sequence[Event]]]:
    at = 1_790_000_100.0
    failure = ev.Failure(at=at, kind="aborted", message="gone")
    again = ev.Response(at=at, exchange_id="", status_code=500, http_version="HTTP/1.1", headers=())
    body = ev.Body(at=at, exchange_id="", of="response", content_type=None, size=1, content="x")
    return {
        "a failure": lambda name: [_of(failure, name)],
        "a second response": lambda name: [_of(again, name)],
        "a body": lambda name: [_of(body, name)],
        "the same request": lambda name: [
            ev.Request(
                exchange_id=name,
                client_id="c1",
                at=at,
                method="GET",
                url="http://shop.test/",
                http_version="HTTP/1.1",
                headers=(),
            )
        ],
    }


def _of(event: ev.Failure | ev.Response | ev.Body, name: str) -> Event:
    return msgspec.structs.replace(event, exchange_id=name)


@pytest.mark.parametrize(
    ("what", "passes"),
    [("a failure", 2), ("a second response", 2), ("the same request", 2), ("a body", 1)],
)
def test_about_what_is_forgotten(what: str, passes: int) -> None:
    """An event about an exchange that is gone is not lost: all is read again, and kept."""
    story = Story()
    names = []
    for number in range(9):
        names.append(story.ask(f"/{number}", None))
        story.respond(names[-1])
    events = [*story.events, *_late_events()[what](names[0])]
    assert made(events, 3, 2) == (list(explanations(fold(events))), passes)


def test_an_exchange_that_is_not_finished_stays() -> None:
    """A response that comes late is read in the same pass as what came before it."""
    story = Story()
    names = [story.ask(f"/{number}", None) for number in range(9)]
    for name in reversed(names):
        story.respond(name, "a=1; Max-Age=99999999999999999999")
    printed, passes = made(story.events)
    assert passes == 1
    assert printed == list(explanations(story.trace()))
    assert all(each["set_cookies"] for each in printed)


def test_events_that_are_read_once() -> None:
    """Events that cannot be read again are kept."""
    story = rich()
    _, pages = made_of_verdicts(iter(story.events), _number, StructCodec(int))
    assert [number for page in pages for number in page] == [
        each.number for each in story.trace().exchanges
    ]


def _number(exchange: Exchange, _: BrowserWord) -> int:
    return exchange.number


@given(st.lists(st.text(max_size=3)), st.text(max_size=3))
def test_forgotten_ids(names: list[str], other: str) -> None:
    """Every id that was added is there; another one is not, whatever run it would be in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "_FRESH", 3)
        patch.setattr(judging, "_MARKS", 64)
        ids = judging._Ids()
        for name in names:
            ids.add(name)
        assert all(name in ids for name in names)
        assert (other in ids) is (other in names)


def test_what_is_gone_says_so() -> None:
    """Nothing else is returned instead of an exchange that is gone."""
    story = Story()
    name = story.ask("/", None)
    story.respond(name)
    store = MemoryStore(story.events)
    recent = judging.RecentExchanges(store.events_at, MemoryBlocks())
    (exchange,) = story.trace().exchanges
    recent.add(exchange, None)
    assert recent.find(name) == exchange == recent[-1]
    recent.leave(1)
    for ask in (
        lambda: recent.find(name),
        lambda: recent[0],
        lambda: recent.id_of(1),
        lambda: recent.number(name),
    ):
        with pytest.raises(ForgottenError):
            ask()
    assert len(recent) == 1
    assert recent.find("another") is None
    with pytest.raises(IndexError):
        recent[1]
