"""Modes 7 and 8: what the trace has shown up to a step, and the transcript in prose."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from cookietrace.events import Recorder
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.snapshot import snapshot
from cookietrace.lesson.transcript import paragraph
from tests.tui import captures
from tests.tui.conftest import Open, Opened, screen_text, until
from tests.tui.test_hostile import EVENTS, dangers
from tui.modes.base import ModeScreen
from tui.modes.snapshot import SnapshotScreen
from tui.widgets.step_links import StepLinks

USER = Focus(path="/", cookies=("user",))


async def go(it: Opened, pilot: Pilot[Any], key: str) -> ModeScreen:
    """Open a mode, and wait until it has read every step."""
    await it.go_to(pilot, key)
    assert isinstance(it.app.screen, ModeScreen)
    return it.app.screen


def counted(screen: ModeScreen) -> dict[str, int]:
    """The concepts on the screen, with their counts."""
    assert isinstance(screen, SnapshotScreen)
    return {line.concept: line.count for line in screen._rows.lines}


# Mode 7 -----------------------------------------------------------------------------------


def flat_text(it: Opened) -> str:
    """Return the screen's text with its line breaks and columns as single spaces."""
    return " ".join(screen_text(it.app).split())


async def test_the_lines_of_the_board_are_shown(opened: Open) -> None:
    """The six lines of the seed trace are shown, on small and large screens."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await go(it, pilot, "7")
        expected = snapshot(it.app.story.table)
        assert len(expected) == 6
        wanted = ("6 things shown", *(line.text[:30] for line in expected))
        for size in ((80, 24), (160, 48)):
            await it.resize(pilot, *size)
            await until(pilot, lambda: all(words in flat_text(it) for words in wanted))


async def test_lines_and_counts_are_those_of_the_selected_step(opened: Open) -> None:
    """Lines and counts are those of the steps up to the selected one."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        screen = await go(it, pilot, "7")
        for key in ("end", "left", "left", "home", "right"):
            await pilot.press(key)
            await it.settled(pilot)
            expected = snapshot(it.app.story.table, it.app.story.step)
            assert counted(screen) == {line.concept: line.count for line in expected}
        assert counted(screen) == {"without-cookies": 1, "set": 2}
        assert "up to step 2 of 21" in screen_text(it.app)


async def test_a_line_leads_to_its_steps(opened: Open) -> None:
    """Enter opens the table at the first step that showed it; the links lead to the last."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40)) as pilot:
        screen = await go(it, pilot, "7")
        assert isinstance(screen, SnapshotScreen)
        await pilot.press("down", "down", "down")
        line = screen.line
        assert line is not None
        assert (line.concept, line.step) == ("sent", 3)
        assert line.latest > line.step
        await pilot.press("enter")
        await until(pilot, lambda: it.app.current_mode == "3" and it.app.story.step == 3)
        await pilot.press("end")
        await go(it, pilot, "7")
        assert screen.line is not None
        assert screen.line.concept == "sent"
        await pilot.press("tab", "down", "enter")
        await until(pilot, lambda: it.app.current_mode == "3")
        await until(pilot, lambda: it.app.story.step == line.latest)


async def test_the_snapshot_grows_and_keeps_its_line(opened: Open) -> None:
    """Live traffic adds lines and counts; the cursor stays with its line."""
    it = opened(captures.rich()[:12])
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await go(it, pilot, "7")
        assert isinstance(screen, SnapshotScreen)
        await pilot.press("down")
        assert screen.line is not None
        concept = screen.line.concept
        it.append(captures.rich()[12:])
        await it.settled(pilot)
        expected = snapshot(it.app.story.table)
        assert counted(screen) == {line.concept: line.count for line in expected}
        assert screen.line.concept == concept


async def test_a_long_trace_is_read_in_parts(opened: Open) -> None:
    """The counts so far are shown at once; in the end they are those of all steps."""
    it = opened([event for batch in captures.many(600) for event in batch])
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await go(it, pilot, "7")
        assert isinstance(screen, SnapshotScreen)
        story = it.app.story
        story.set_focus(Focus(path="/"))
        assert not screen.read_more()
        screen.caught_up = False
        screen.draw()
        board = story.boards.snapshot.board
        assert 0 < board.seen < story.count
        await pilot.pause()
        assert f"read {board.seen:,} of {story.count:,} steps" in screen_text(it.app)
        screen.show_story()
        await it.settled(pilot)
        assert board.seen == story.count
        expected = snapshot(story.table)
        assert counted(screen) == {line.concept: line.count for line in expected}


@pytest.mark.parametrize(
    ("key", "promise"),
    [("7", "listed and counted here"), ("8", "explained here in plain sentences")],
)
async def test_empty_states(opened: Open, key: str, promise: str) -> None:
    """Without traffic both modes say how to get some, and no key does harm."""
    it = opened([captures.started()])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await go(it, pilot, key)
        text = " ".join(screen_text(it.app).split())
        assert "Waiting for the first request" in text
        assert promise in text
        await pilot.press("enter", "tab", "down", "enter", "escape", "left")
        it.append(captures.seed()[1:])
        await it.settled(pilot)
        assert "Waiting" not in screen_text(it.app)


async def test_out_of_focus(opened: Open) -> None:
    """If all traffic is outside the focus, the screen says so; ``O`` shows everything."""
    it = opened(captures.seed(), focus=Focus(host="other.test"))
    async with it.app.run_test(size=(80, 24)) as pilot:
        await go(it, pilot, "7")
        assert "Nothing is in focus." in screen_text(it.app)
        await pilot.press("O")
        await until(pilot, lambda: "things shown" in screen_text(it.app))
        assert not it.app.screen.query_one(StepLinks).has_focus


# Mode 8 -----------------------------------------------------------------------------------


async def test_the_transcript_is_that_of_explain(opened: Open) -> None:
    """Each paragraph is shown in full; that of the selected step is marked and visible."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(100, 30)) as pilot:
        await go(it, pilot, "8")
        for key in ("home", "right", "right", "right", "right", "right", "end"):
            await pilot.press(key)
            await it.settled(pilot)
            lines = screen_text(it.app).splitlines()
            marked = " ".join(line.strip(" ▌▎█▁▂▃▄▅▆▇") for line in lines if line[1:2] == "▌")
            exchange = it.app.story.exchange
            assert exchange is not None
            whole = " ".join(paragraph(it.app.story.trace, exchange).split())
            assert marked
            assert whole.startswith(marked)


async def test_notes_are_part_of_the_transcript(opened: Open) -> None:
    """A note about the trace is shown where it was made."""
    events = captures.seed()
    gap = Recorder(at=captures.START + 1.5, state="gap", message="the disk was full")
    it = opened([*events[:-3], gap, *events[-3:]])
    async with it.app.run_test(size=(100, 30)) as pilot:
        await go(it, pilot, "8")
        assert "Note: " in screen_text(it.app)
        assert "the disk was full" in screen_text(it.app)


@pytest.mark.parametrize("key", ["7", "8"])
async def test_masked_and_hostile(opened: Open, key: str) -> None:
    """Hidden values show nowhere; no character acts on the terminal."""
    it = opened([*EVENTS, *captures.visit(9, "http://a.test/", set_cookies=["s=hunter2hunter2"])])
    async with it.app.run_test(size=(120, 40)) as pilot:
        await go(it, pilot, key)
        assert dangers(screen_text(it.app)) == []
        assert key == "7" or "hunter2hunter2" in screen_text(it.app)
        await pilot.press("m")
        await it.settled(pilot)
        assert "hunter2" not in screen_text(it.app)
