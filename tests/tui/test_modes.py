"""All modes: one key each, one selected step for all, and something true on every screen."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.modes import MODES
from tests.tui import captures
from tests.tui.conftest import Open, Opened, screen_text, until
from tui.modes import SCREENS
from tui.modes.base import ModeScreen

USER = Focus(path="/", cookies=("user",))
SIZES = [(80, 24), (60, 16)]


async def go(it: Opened, pilot: Pilot[None], key: str) -> None:
    """Press a mode's key and wait for its screen."""
    await pilot.press(key)
    await until(
        pilot,
        lambda: isinstance(it.app.screen, ModeScreen) and key == it.app.screen.MODE.key,
    )
    await it.settled(pilot)


def test_the_table_of_modes() -> None:
    """Nine keys, each with a short name; a screen knows its own key."""
    assert [mode.key for mode in MODES] == list("123456789")
    assert [screen.MODE for screen in SCREENS] == list(MODES)
    assert [screen.GUIDE.title for screen in SCREENS] == [mode.title for mode in MODES]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.title)
async def test_every_mode_takes_every_trace(opened: Open, mode: object, size: object) -> None:
    """Empty, hostile, or both: each mode draws it, steps through it, and goes on as it grows."""
    it = opened([captures.started()])
    assert isinstance(size, tuple)
    async with it.app.run_test(size=size, notifications=True) as pilot:
        await it.settled(pilot)
        await go(it, pilot, mode.key)  # type: ignore[attr-defined]
        it.append(captures.rich()[1:])
        await it.settled(pilot)
        assert it.app.story.step == it.app.story.count > 20
        await pilot.press("home", "right", "right", "m", "question_mark", "escape", "t", "end")
        await it.settled(pilot)
        assert it.app.story.step == it.app.story.count


async def test_the_selected_step_is_shared(opened: Open) -> None:
    """Choose a step in one mode, and every other one stands there."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(140, 40), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("home")
        for mode in MODES:
            await go(it, pilot, mode.key)
            assert "step 1 of 3" in screen_text(it.app)
        await pilot.press("right")
        await go(it, pilot, "3")
        assert it.app.story.step == 2
        assert "step 2 of 3" in screen_text(it.app)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("1", ["Client sends request", "Next request includes them", "'user'='Alice'"]),
        ("2", ['request.cookies.get("user")', "reads 'user': 'Alice'", "hello"]),
        ("4", ["request.cookies", "After Step 1", "After Step 3", "response cookie 'user'"]),
        ("5", ["Why does the server read None for 'user' in step 1?", "Client sends first"]),
        ("7", ["set a cookie that the client did not have", "sent a stored cookie back"]),
        ("8", ["2 requests from 1 client", "hello reads 'user' and gets None", "“Hello Alice”"]),
        ("9", ["Life of user", "Alice"]),
    ],
)
async def test_what_each_mode_tells_of_the_seed_trace(
    opened: Open, key: str, told: list[str]
) -> None:
    """Each mode says of the design's trace what it is there to say."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(140, 50), notifications=True) as pilot:
        await it.settled(pilot)
        await go(it, pilot, key)
        text = screen_text(it.app)
        assert [words for words in told if words not in text] == []


async def test_without_a_witness_the_code_says_how_to_add_one(opened: Open) -> None:
    """An app that reports nothing gets the two lines that would change that."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("home")
        await go(it, pilot, "2")
        assert "from cookietrace.witness.flask import witness" in screen_text(it.app)


async def test_the_mouse_picks_modes(opened: Open) -> None:
    """A click on a mode's name goes there."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.click("ModeBar", offset=(78, 0))
        await until(pilot, lambda: it.app.current_mode == "9")


async def test_recap_leads_to_the_step(opened: Open) -> None:
    """Enter on a fact goes to the step where it was seen first."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 40), notifications=True) as pilot:
        await it.settled(pilot)
        await go(it, pilot, "7")
        await pilot.press("down", "enter")
        await until(pilot, lambda: it.app.current_mode == "3" and it.app.story.step == 2)
