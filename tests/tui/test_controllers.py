"""The app's controllers, driven without a running app."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import pytest
from textual.timer import Timer

from cookietrace.events import Listener
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.live.recording import Recording
from cookietrace.protocol import Report
from cookietrace.stores import MemoryStore
from cookietrace.trace import Trace
from tests.story import Story as StoryOnTheWire
from tests.tui import captures
from tui.app.copying import Copying
from tui.app.focusing import Focusing
from tui.app.problems import Problems
from tui.app.recording import RecordingMonitor
from tui.app.searching import Searching
from tui.app.stepping import Stepping
from tui.app.updates import Updates
from tui.dialogs.base import Dialog
from tui.dialogs.menu import MenuDialog
from tui.modes.base import ModeScreen
from tui.state.story import Story

Result = TypeVar("Result")


class FakeTimer:
    """A timer that never fires by itself."""

    def stop(self) -> None:
        """Do nothing."""


class FakeHost:
    """Records what the controllers ask for; ``run_timers`` plays the clock."""

    ready_screen: ModeScreen | None = None
    dialog_open = False

    key_waiting = False
    since_key = float("inf")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.dialogs: list[object] = []
        self.timers: list[Callable[[], object]] = []
        self.answer: object = None

    def ask(self, dialog: Dialog[Result], done: Callable[[Result | None], None]) -> None:
        """Answer every dialog with ``answer``."""
        self.dialogs.append(dialog)
        done(cast(Result, self.answer))

    def notify(self, message: str, **_options: object) -> None:
        """Keep the line."""
        self.lines.append(message)

    def set_timer(self, _delay: float, callback: Callable[[], object], /) -> Timer:
        """Keep the callback."""
        self.timers.append(callback)
        return cast(Timer, FakeTimer())

    def take_turns(self, work: Callable[[float], bool], /) -> None:
        """Keep the work until it is done; each run of the timers is one turn without a limit."""

        def turn() -> None:
            if not work(math.inf):
                self.take_turns(work)

        self.timers.append(turn)

    def call_later(self, callback: Callable[[], object], /) -> bool:
        """Call it now."""
        callback()
        return True

    def run_timers(self) -> None:
        """Run what is due now."""
        due, self.timers = self.timers, []
        for callback in due:
            callback()


@pytest.fixture
def host() -> FakeHost:
    """A host without a screen."""
    return FakeHost()


@pytest.fixture
def story() -> Story:
    """The seed trace, read to its end."""
    trace = Trace()
    story = Story(trace, Focus(), Recording("test", live=True))
    for event in captures.seed():
        story.apply(trace.apply(event))
    return story


def test_stepping_stays_in_range(host: FakeHost, story: Story) -> None:
    """Steps before the first and after the last are the first and the last."""
    stepping = Stepping(host, story)
    stepping.step(-10)
    assert (story.step, story.selection.following) == (1, False)
    stepping.step(100)
    assert story.step == story.count
    stepping.follow()
    assert story.selection.following


def test_playing_waits_for_a_dialog(host: FakeHost, story: Story) -> None:
    """A tick behind a dialog moves nothing; the next one does."""
    stepping = Stepping(host, story)
    stepping.go_to(1)
    stepping.play_or_pause()
    host.dialog_open = True
    host.run_timers()
    assert (story.step, story.playing.on) == (1, True)
    host.dialog_open = False
    host.run_timers()
    assert story.step == 2


def test_matches_lead_to_their_steps(host: FakeHost, story: Story) -> None:
    """Each answer has its own words: nothing to search for, no matches, a match."""
    stepping = Stepping(host, story)
    searching = Searching(host, story, stepping)
    searching.go_to_match(1)
    searching.search("no row contains this")
    searching.go_to_match(1)
    assert host.lines == ["Nothing to search for. Press / first.", "No matches."]
    searching.search("STORES COOKIE")
    searching.go_to_match(1)
    assert story.step == 2
    searching.end()
    assert not story.finder.needle


@pytest.mark.parametrize(("chosen", "opens"), [(False, True), (True, False)])
def test_only_an_initial_focus_opens(
    host: FakeHost, story: Story, chosen: bool, opens: bool
) -> None:
    """An exchange outside the initial focus shows everything; a chosen focus stays."""
    stepping = Stepping(host, story)
    searching, problems = Searching(host, story, stepping), Problems(host, story, stepping)
    updates = Updates(host, story, searching, problems)
    focusing = Focusing(host, story, updates, opens=True)
    focus = Focus(host="elsewhere.test")
    if chosen:
        focusing.set(focus)
    else:
        story.set_focus(focus)
    exchanges = tuple(exchange.exchange_id for exchange in story.trace.exchanges)
    focusing.exchanges_changed(TraceUpdate(story.trace.position, exchanges=exchanges))
    assert (story.focus == Focus()) is opens
    assert bool(host.lines) is opens


def test_copying_fills_the_clipboard(host: FakeHost, story: Story) -> None:
    """The letter that the menu returns chooses what is copied."""
    clipboard: list[str] = []
    copying = Copying(host, story, clipboard.append)
    host.answer = "h"
    copying.choose()
    assert clipboard == ["user=Alice"]
    assert isinstance(host.dialogs[0], MenuDialog)
    story.set_masked(True)
    copying.choose()
    assert clipboard[1].startswith("user=•")
    assert host.lines[1] == "Copied: Cookie header (values hidden)."


def test_copying_asks_again_if_there_is_more_than_one(host: FakeHost) -> None:
    """A correction is a header or code: a second menu asks; what it needs is told."""
    trace = Trace()
    story = Story(trace, Focus(), Recording("test", live=True))
    refused = StoryOnTheWire("http://shop.test")
    refused.visit("/", None, "sid=abc; SameSite=None")
    for event in refused.events:
        story.apply(trace.apply(event))
    clipboard: list[str] = []
    host.answer = "f"  # the fix, then Flask
    Copying(host, story, clipboard.append).choose()
    assert clipboard == [
        'response.set_cookie("sid", value, path="/", secure=True, samesite="None")'
    ]
    assert [type(dialog) for dialog in host.dialogs] == [MenuDialog, MenuDialog]
    assert host.lines == ["Copied: Flask. Send it over https."]


def test_a_listener_that_other_machines_can_use() -> None:
    """The user is told once, when it opens; a listener on loopback needs no warning."""
    host = FakeHost()
    story = Story(Trace(), Focus(), Recording("test"))
    monitor = RecordingMonitor(host, story, MemoryStore(StoryOnTheWire().events), Path("none"))
    own = Listener(mode="regular", address="127.0.0.1:8080")
    opened = Listener(mode="regular", address="0.0.0.0:8081")
    for listeners in ((own,), (own, opened), (own, opened)):
        monitor.proxy_reported(Report(type="listening", listeners=listeners))
    assert len(host.lines) == 1
    assert host.lines[0].startswith("0.0.0.0:8081 is open to other machines")
