"""Loading a capture in turns, and saying how far it is."""

from __future__ import annotations

import asyncio
import math
import time

import pytest
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.message import Message

from cookietrace.events import SCHEMA, Capture
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.focus_choices import ChoiceCount, choices
from cookietrace.lesson.live.progress import Progress
from cookietrace.lesson.live.recording import Recording
from cookietrace.lesson.table import Table
from cookietrace.stores import START, MemoryStore
from cookietrace.trace import Trace, fold
from tests.tui import captures
from tests.tui.conftest import Open, screen_text, until
from tests.tui.test_controllers import FakeHost
from tui.app.early_keys import announcing
from tui.app.loading import Loading
from tui.app.problems import Problems
from tui.app.searching import Searching
from tui.app.stepping import Stepping
from tui.app.turns import Turns
from tui.app.updates import Updates
from tui.messages import EventsRead
from tui.state.story import Story


class FakeReader:
    """Counts how often the next batch was asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def start(self) -> None:
        """Do nothing."""

    def go_on(self) -> None:
        """Count."""
        self.asked += 1

    def stop(self) -> None:
        """Do nothing."""

    def join(self, seconds: float) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress(0, 0), "────────── 0 %"),
        (Progress(43, 100), "━━━━────── 43 %"),
        (Progress(100, 100), "━━━━━━━━━─ 99 %"),
        (Progress(120, 100), "━━━━━━━━━─ 99 %"),
    ],
)
def test_progress_is_legible_without_colours(progress: Progress, text: str) -> None:
    """A bar and a number; what is not over is never all of it."""
    assert " ".join(progress.text(10).split()) == text


def test_more_is_read_when_all_is_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each turn folds a little and says what changed; in the end the loading is over, once."""
    monkeypatch.setattr("tui.app.loading._FIRST_TURN", 0.0)
    host, reader, trace = FakeHost(), FakeReader(), Trace()
    grown: list[TraceUpdate] = []
    over: list[int] = []
    loading = Loading(host, reader, trace, None, grown.append, lambda: over.append(trace.position))
    info = Capture(capture_id="0" * 32, schema=SCHEMA, at=captures.START, producer="tests")
    store = MemoryStore([info, *captures.rich()])
    batch = store.read(START, 1000)
    loading.take(EventsRead(batch, store.ahead(), reader))
    assert (reader.asked, over, len(grown)) == (0, [], 1)
    assert loading.progress is not None
    assert 0 < loading.progress.percent < 99
    while host.timers:
        host.run_timers()
    assert (reader.asked, over) == (1, [len(batch.events)])
    assert vars(loading)["progress"] is None
    assert grown[-1].position == trace.position == len(batch.events)
    loading.take(EventsRead(store.read(batch.position), 0, reader))
    assert (reader.asked, over) == (2, [len(batch.events)])


def test_a_key_ends_a_turn() -> None:
    """Work that finds a key waiting does a little and leaves the rest to the next turn."""
    host, reader, trace = FakeHost(), FakeReader(), Trace()
    loading = Loading(host, reader, trace, None, lambda _: None, lambda: None)
    info = Capture(capture_id="0" * 32, schema=SCHEMA, at=captures.START, producer="tests")
    store = MemoryStore([info, *captures.rich()])
    batch = store.read(START, 1000)
    host.key_waiting = True
    loading.take(EventsRead(batch, store.ahead(), reader))
    assert 0 < trace.position < len(batch.events) / 2
    host.key_waiting = False
    host.run_timers()
    assert trace.position == len(batch.events)


async def test_a_key_that_arrives_is_said_until_the_next_turn() -> None:
    """The terminal's thread says it; what the turn left undone continues once the key is done."""
    turns = Turns(lambda _: None)
    seen: list[bool] = []

    class Terminal(HeadlessDriver):
        def __init__(self) -> None:
            self.sent: list[Message] = []

        def send_message(self, message: Message) -> None:
            self.sent.append(message)

    terminal = announcing(Terminal, turns.key_arrived)()  # type: ignore[call-arg]

    def work(_end: float) -> bool:
        seen.append(turns.key_waiting)
        terminal.send_message(events.Key("down", None))
        seen.append(turns.key_waiting)
        return len(seen) == 4

    terminal.send_message(events.Focus())
    assert not turns.key_waiting
    turns.take(work)
    while len(seen) < 4:
        await asyncio.sleep(0.001)
    assert seen == [False, True, False, True]
    assert isinstance(terminal, Terminal)
    assert len(terminal.sent) == 3


def test_what_keys_do_is_drawn_before_what_was_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """While keys are pressed, what was loaded waits; in the end all of it is drawn."""
    monkeypatch.setattr("tui.app.updates._LONGEST_WAIT", math.inf)
    host, trace = FakeHost(), Trace()
    story = Story(trace, Focus(), Recording("test"))
    stepping = Stepping(host, story)
    updates = Updates(
        host, story, Searching(host, story, stepping), Problems(host, story, stepping)
    )
    story.loading = Progress()
    every = iter(captures.rich())
    updates.apply(trace.apply(next(every)))
    assert updates.drawn_position == 1
    host.since_key = 0.0
    updates.apply(trace.apply(next(every)))
    for _ in range(3):
        host.run_timers()
    assert updates.drawn_position == 1
    host.since_key = math.inf
    host.run_timers()
    assert updates.drawn_position == 2


def test_problems_are_graded_once_all_is_loaded() -> None:
    """While a capture is loaded they are only read along."""
    host, story = FakeHost(), Story(Trace(), Focus(), Recording("test"))
    problems = Problems(host, story, Stepping(host, story))
    story.loading = Progress()
    for event in captures.rich():
        story.apply(story.trace.apply(event))
        problems.story_changed()
    while host.timers:
        host.run_timers()
    assert (story.problems(), problems.at_rest) == ((), True)
    problems.go_on(1)
    assert host.lines == ["Problems are looked for once everything is read."]
    story.loading = None
    problems.story_changed()
    while host.timers:
        host.run_timers()
    assert story.problems() != ()


def test_the_default_focus_is_kept() -> None:
    """Going back to it reads nothing anew; what came meanwhile is there."""
    events = captures.rich()
    story = Story(Trace(), Focus(), Recording("test"))
    for at, event in enumerate(events):
        story.apply(story.trace.apply(event))
        if at == len(events) // 2:
            before = story.table
            story.set_focus(Focus(host="shop.test"))
    assert len(story.table) < len(before)
    story.set_focus(Focus())
    whole = Table(fold(events))
    steps = range(1, len(whole) + 1)
    assert story.table is before
    assert [before.row(step) for step in steps] == [whole.row(step) for step in steps]
    story.set_masked(True)
    story.set_focus(Focus(host="shop.test"))
    story.set_masked(False)
    story.set_focus(Focus())
    assert [story.table.row(step) for step in steps] == [whole.row(step) for step in steps]


def test_counting_in_parts_counts_the_same() -> None:
    """The choices of a focus do not depend on how many exchanges are counted at a time."""
    trace = fold(captures.rich())
    count = ChoiceCount(trace)
    while not count.read(1):
        assert count.seen < len(trace.exchanges)
    assert count.choices() == choices(trace)


async def test_turns_alternate_with_everything_else() -> None:
    """Each piece of work has its turn, and what else is ready runs between two turns."""
    begun = time.monotonic()
    ran: list[str] = []
    errors: list[Exception] = []
    turns = Turns(errors.append)

    def work(name: str) -> None:
        left = [3]

        def turn(end: float) -> bool:
            assert end > begun
            ran.append(name)
            left[0] -= 1
            return not left[0]

        turns.take(turn)
        turns.take(turn)

    work("a")
    work("b")
    while len(ran) < 6:
        ran_before = len(ran)
        await asyncio.sleep(0)
        assert len(ran) <= ran_before + 1
    assert "".join(ran) == "ababab"


@pytest.mark.parametrize("pressed", [True, False])
async def test_what_a_key_does_has_room_between_two_turns(pressed: bool) -> None:
    """It takes many hops; while no key is pressed, little else is waited for."""
    turns, hops, between = Turns(lambda _: None), [0], list[int]()

    async def hop() -> None:
        while len(between) < 4:
            hops[0] += 1
            await asyncio.sleep(0)

    def turn(_end: float) -> bool:
        between.append(hops[0])
        hops[0] = 0
        if pressed:
            turns.key_arrived()
        return len(between) == 4

    turns.take(turn)
    await hop()
    assert all(count >= 20 for count in between[1:]) is pressed
    assert all(1 <= count < 6 for count in between[1:]) is not pressed


async def test_a_key_that_arrives_between_two_turns_goes_first() -> None:
    """The next turn waits until what the key does had room."""
    turns, hops, between = Turns(lambda _: None), [0], list[int]()

    def turn(_end: float) -> bool:
        between.append(hops[0])
        return len(between) == 2

    turns.take(turn)
    while len(between) < 2:
        await asyncio.sleep(0)
        hops[0] += 1
        if len(between) == 1 and hops[0] == between[0] + 1:
            turns.key_arrived()
    assert between[1] - between[0] >= 20


async def test_a_bug_in_a_turn_is_reported() -> None:
    """It ends the work, and the app gets the exception."""
    errors: list[Exception] = []
    turns = Turns(errors.append)

    def broken(_end: float) -> bool:
        raise ZeroDivisionError

    turns.take(broken)
    while not errors:
        await asyncio.sleep(0)
    assert isinstance(errors[0], ZeroDivisionError)
    turns.stop()


async def test_the_screen_says_how_far_it_is(opened: Open) -> None:
    """At 80×24: loading in the status line, searching and a new focus above the table."""
    it = opened(captures.rich(), live=False)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        story, screen = it.app.story, it.app.mode_screen
        assert screen is not None
        assert "loading" not in screen_text(it.app)
        story.loading = Progress(43, 100, lasting=True)
        screen.refresh_bars()
        await until(pilot, lambda: "loading ━━━━────── 43 %" in screen_text(it.app))
        story.loading = None
        story.finder.look_for("zzzz")
        screen.refresh_bars()
        await until(pilot, lambda: "searched 0 %, Esc ends" in screen_text(it.app))
        assert "loading" not in screen_text(it.app)
        story.finder.scan(story.table, math.inf)
        screen.refresh_bars()
        await until(pilot, lambda: "no match" in screen_text(it.app))
