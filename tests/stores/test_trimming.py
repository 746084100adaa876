"""Replacing the beginning of a capture while others record into it and read it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace import events as ev
from cookietrace.archive import PackedShelf
from cookietrace.cutting.limits import Limits, cut_to_limits
from cookietrace.errors import CaptureError
from cookietrace.fold.exchange import NoteKind
from cookietrace.follow import apply_batch, follow
from cookietrace.lesson.explain import Explainer
from cookietrace.stores import START, Batch, MemoryStore, create_capture, events_of, open_store
from cookietrace.stores.trimming import Trimming
from cookietrace.trace import Trace, fold
from tests.story import Story

MOST = 250_000
LIMITS = Limits(most_bytes=MOST)


def long_story(visits: int = 300) -> Story:
    """Visits whose cookie changes each time, with bodies that take room."""
    story = Story("https://shop.test")
    cookie = None
    for number in range(visits):
        exchange_id = story.ask(f"/page/{number}", cookie)
        story.respond(exchange_id, f"n={number}; Path=/; Max-Age=90000", body="x" * 700)
        cookie = f"n={number}"
    return story


def written(path: Path, story: Story) -> ev.Capture:
    """Write a story into a new capture."""
    info = story.events[0]
    assert isinstance(info, ev.Capture)
    with create_capture(path, info=info) as store:
        store.append(story.events[1:])
    return info


def explained(trace: Trace) -> dict[str, object]:
    """Return what is said about each exchange, without what counts from the capture's start."""
    explainer = Explainer(trace)
    found: dict[str, object] = {}
    for exchange in trace.exchanges:
        said = explainer.explanation(exchange, jar=True)
        del said["number"]
        found[exchange.exchange_id] = said
    return found


def test_a_capture_is_cut_while_it_is_written_and_read(tmp_path: Path) -> None:
    """A cut leaves the newest exchanges, as they were judged; the freed room is used again."""
    story, path = long_story(), tmp_path / "long.cookietrace"
    written(path, story)
    whole = fold(story.events)
    with closing(open_store(path, write=True)) as store, closing(open_store(path)) as reader:
        early = reader.read(START, 100)
        size = path.stat().st_size
        with Trimming(path) as trimming:
            before = trimming.size
            removed = cut_to_limits(trimming, LIMITS, story.now, pause=lambda _: None)
            assert trimming.size < MOST < before
            assert cut_to_limits(trimming, LIMITS, story.now) is None
        assert removed is not None
        assert store.first() == reader.first() != "1"
        late = reader.read(early.position, 5).events
        assert isinstance(late[0], ev.Capture)
        left = list(events_of(reader))
        trace = fold(left)
        assert trace.removed == removed
        assert removed.exchanges == 300 - len(trace.exchanges)
        said = explained(whole)
        assert all(said[name] == each for name, each in explained(trace).items())
        slow = fold([*early.events, *events_of(MemoryStore(left))])
        assert slow.exchanges[-1].request.cookies == whole.exchanges[-1].request.cookies
        assert slow.exchanges[-1].row.label == whole.exchanges[-1].row.label
        for _ in range(8):
            store.append(story.events[2:40])
            with Trimming(path) as trimming:
                cut_to_limits(trimming, LIMITS, story.now, pause=lambda _: None)
        assert path.stat().st_size <= size


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_cut_that_was_interrupted_is_whole_to_every_reader(tmp_path: Path, steps: int) -> None:
    """Ended after any step, the capture has the verdicts of the whole; the next cut continues.

    The last exchange before the gap may have lost its response.
    """
    story, path = long_story(), tmp_path / "long.cookietrace"
    written(path, story)
    said = explained(fold(story.events))
    with closing(open_store(path, write=True)) as store:
        pauses = iter(range(steps))
        with Trimming(path) as trimming:
            trimming.most_rows = 16
            cut_to_limits(trimming, LIMITS, story.now, pause=lambda _: next(pauses, None) is None)
        trace = fold(events_of(store))
        torn = [name for name, each in explained(trace).items() if said[name] != each]
        assert [trace.exchange(name).response for name in torn] == [None] * len(torn)
        assert len(torn) <= 1
        with Trimming(path) as trimming:
            removed = cut_to_limits(trimming, LIMITS, story.now, pause=lambda _: None)
        trace = fold(events_of(store))
        assert removed is not None
        assert removed.exchanges == 300 - len(trace.exchanges)
        assert all(said[name] == each for name, each in explained(trace).items())


def test_exchanges_beyond_an_age_are_removed(tmp_path: Path) -> None:
    """What is older than the limit is gone, and a little more; what is younger is not."""
    story, path = long_story(50), tmp_path / "old.cookietrace"
    written(path, story)
    limits = Limits(most_seconds=200.0)
    with closing(open_store(path, write=True)) as store:
        with Trimming(path) as trimming:
            assert cut_to_limits(trimming, limits, story.now) is not None
        ages = [story.now - each.request.at for each in fold(events_of(store)).exchanges]
    assert ages
    assert 150 < max(ages) <= 190.5


def test_a_viewer_that_is_open_keeps_what_it_has_and_says_what_was_removed(
    tmp_path: Path,
) -> None:
    """It gets one note; what it has folded stays, and what comes is judged as before."""
    story, path = long_story(), tmp_path / "watched.cookietrace"
    written(path, story)
    trace, stop, come = Trace(), threading.Event(), threading.Condition()

    def take(batch: Batch) -> None:
        with come:
            for _ in apply_batch(trace, batch):
                pass
            come.notify_all()

    def wait(done: Callable[[], bool]) -> None:
        with come:
            assert come.wait_for(done, 60)

    with closing(open_store(path, write=True)) as store, closing(open_store(path)) as reader:
        thread = threading.Thread(
            target=follow, args=(reader,), kwargs={"stop": stop, "take": take}
        )
        thread.start()
        try:
            wait(lambda: trace.settled == len(story.events))
            with Trimming(path) as trimming:
                removed = cut_to_limits(trimming, LIMITS, story.now, pause=lambda _: None)
            store.append([ev.Recorder(at=story.now, state="started")])
            wait(lambda: bool(trace.notes))
            late = story.visit("/late", "n=299")
            store.append(story.events[-3:])
            wait(lambda: trace.find(late) is not None)
        finally:
            stop.set()
            thread.join()
    (note,) = [note for note in trace.notes if note.kind is NoteKind.REMOVED]
    assert removed is not None
    assert f"{removed.exchanges} exchanges up to" in note.message
    assert "limited to 250 kB" in note.message
    assert len(trace.exchanges) == 301
    assert [cookie.status.value for cookie in trace.exchange(late).request.cookies] == ["sent"]


def test_a_beginning_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    """A cut needs as many rows before it as the new beginning has."""
    path = tmp_path / "short.cookietrace"
    written(path, long_story(2))
    with Trimming(path) as trimming:
        events = [event for _, _, event in trimming.rows()]
        assert trimming.begin_with(events, 3) is None
        assert [event for _, _, event in trimming.rows()] == events


def test_a_file_that_is_no_capture_is_refused(tmp_path: Path) -> None:
    """Nothing is opened for deleting that this version did not make."""
    path = tmp_path / "notes.txt"
    path.write_text("not a capture")
    with pytest.raises(CaptureError):
        Trimming(path)


def test_a_place_that_was_used_again_shows_nothing_of_another_exchange() -> None:
    """A viewer reads old exchanges by place; there may be the new beginning of the capture now."""
    story = long_story(1100)
    events = dict(enumerate(story.events))
    trace = Trace("auto", PackedShelf(lambda places: [events[place] for place in places]))
    for place, event in enumerate(story.events):
        trace.apply(event, place)
    events[2] = next(each for each in reversed(story.events) if isinstance(each, ev.Request))
    first = trace.exchanges[0]
    assert first.exchange_id == "x1"
    assert first.request.url.endswith("/page/0")
    assert first.request.headers == ()
