"""``B`` in a view that no recorder listens to: read anew, with a fresh browser from here on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot

from cookietrace.events import Event, Session
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.formats import read_capture
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.live.recording import Recording
from cookietrace.lesson.new_sessions import first_requests
from cookietrace.redact import redacted
from cookietrace.trace import Trace, fold
from tests.lesson.test_new_sessions import private_window
from tests.tui import captures
from tests.tui.conftest import PATIENCE, Open, Opened, screen_text, until
from tests.tui.test_controllers import FakeHost
from tui.__main__ import main
from tui.app.fresh_browsers import FreshBrowsers
from tui.app.loading import Loading
from tui.app.problems import Problems
from tui.app.searching import Searching
from tui.app.stepping import Stepping
from tui.app.updates import Updates
from tui.feed.exporter import ExportChoice, start_export
from tui.feed.follower import Follower
from tui.messages import EventsRead
from tui.state.story import Story


async def pressed(it: Opened, pilot: Pilot[Any], step: int, words: str) -> None:
    """Press ``B`` at a step, and wait until the screen says these words."""
    it.app.stepping.go_to(step)
    await pilot.press("B")
    await until(pilot, lambda: words in " ".join(screen_text(it.app).split()))


async def test_it_is_marked_and_taken_back(opened: Open) -> None:
    """Every screen shows the trace as it is with the mark; ``B`` at its step takes it back.

    What is recorded later, by another process, belongs to the fresh browser.
    """
    it = opened(private_window().events[1:-2])
    async with it.app.run_test(size=(160, 48), notifications=True) as pilot:
        await it.settled(pilot)
        story = it.app.story
        before = [story.table.row(step).cells for step in range(1, story.count + 1)]
        await pressed(it, pilot, 5, "client 2 is a fresh browser")
        assert [state.follows for state in story.trace.clients] == [None, "c1"]
        assert story.exchange is not None
        assert (story.exchange.number, story.exchange.request.client_id) == (3, "c1-session-2")
        await pilot.press("8")
        await until(pilot, lambda: "Note: A fresh browser from here on" in screen_text(it.app))
        await pilot.press("9")
        await until(pilot, lambda: "client 2 · " in screen_text(it.app))
        await pilot.press("3")
        count = len(story.trace.exchanges)
        it.append(captures.visit(90, "https://shop.test/more", cookie="a=2"))
        await until(pilot, lambda: len(story.trace.exchanges) == count + 1)
        assert story.trace.exchanges[-1].request.client_id == "c1-session-2"
        await pressed(it, pilot, story.step, "Taken back")
        after = [story.table.row(step).cells for step in range(1, story.count + 1)]
        assert after[: len(before)] == before
        assert story.begun == frozenset()


@pytest.mark.parametrize(
    ("events", "step", "client_id", "words"),
    [
        ([], 0, None, "There is no client yet"),
        (private_window().events, 1, None, "Client 1 makes its first request here"),
        (list(redacted(private_window().events, key=b"k" * 32)), 4, None, "the original file"),
        (private_window().events, 2, None, "Client 1 makes its first request here"),
        (captures.rich(), 99, "c2", "Client 2 makes no request from this step on"),
    ],
)
def test_where_none_can_begin(
    events: list[Event], step: int, client_id: str | None, words: str
) -> None:
    """It says why, and nothing is read anew."""
    host = FakeHost()
    story = Story(fold(events), Focus(), Recording("test"))
    stepping = Stepping(host, story, 0.0)
    stepping.go_to(step)
    if client_id is not None:
        stepping.show_client(client_id)
    updates = Updates(
        host, story, Searching(host, story, stepping), Problems(host, story, stepping)
    )
    asked: list[frozenset[str]] = []
    FreshBrowsers(host, story, stepping, updates, None, asked.append).begin()
    assert words in host.lines[-1]
    assert not asked


def test_an_export_has_it_too(tmp_path: Path) -> None:
    """What the screen shows is what it writes."""
    events = private_window().events
    captures.write(tmp_path / "a.cookietrace", events[1:]).close()
    (third,) = [each.exchange_id for each in fold(events).exchanges if each.number == 3]
    done: Queue[Message] = Queue()
    path = tmp_path / "a.jsonl"
    start_export(
        tmp_path / "a.cookietrace",
        ExportChoice("jsonl", path, show_values=True, replace=False),
        Focus(),
        "auto",
        done.put,
        lenient=False,
        begun=frozenset({third}),
    )
    done.get(timeout=PATIENCE)
    assert [event.follows for event in read_capture(path) if isinstance(event, Session)] == ["c1"]


def test_loading_adds_them_as_it_reads(tmp_path: Path) -> None:
    """As ``view --new-session`` does from the start."""
    events = private_window().events
    begun = first_requests(events, [4, 8])
    trace, host = Trace(), FakeHost()
    read: Queue[Message] = Queue()
    with closing(captures.write(tmp_path / "a.cookietrace", events[1:])) as store:
        follower = Follower(store, read.put)
        loading = Loading(host, follower, trace, NewSessions(begun), lambda _: None, lambda: None)
        follower.start()
        message = read.get(timeout=PATIENCE)
        assert isinstance(message, EventsRead)
        loading.take(message)
        follower.stop()
        follower.join(PATIENCE)
    while host.timers:
        host.run_timers()
    assert [state.follows for state in trace.clients] == [None, "c1", "c1-session-2"]


def test_a_wrong_step_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The screen does not start, and the exit status is 2."""
    path = tmp_path / "a.cookietrace"
    captures.write(path, private_window().events[1:]).close()
    assert main([str(path), "--new-session", "9"]) == 2
    assert capsys.readouterr().err == (
        "cookietrace: --new-session: there is no step 9 in this capture: its steps are 1 to 8\n"
    )
