"""All modes: one key each, and one selected step for all."""

from __future__ import annotations

import pytest

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.modes import MODES
from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.dialogs.help import HelpDialog
from tui.modes import SCREENS

USER = Focus(path="/", cookies=("user",))


def test_the_table_of_modes() -> None:
    """There are nine keys, and each screen has its own mode and help title."""
    assert [mode.key for mode in MODES] == list("123456789")
    assert [screen.MODE for screen in SCREENS] == list(MODES)
    assert [screen.GUIDE.title for screen in SCREENS] == [mode.title for mode in MODES]


@pytest.mark.parametrize("width", [160, 80])
async def test_a_mode_has_one_name(opened: Open, width: int) -> None:
    """The row of modes has the whole names; in a narrow terminal, the last word of each."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(width, 48)) as pilot:
        await it.settled(pilot)
        bar = screen_text(it.app).splitlines()[0].lower()
        for mode in MODES:
            name = mode.title if width == 160 else mode.title.split()[-1]
            assert f"{mode.key} {name.lower()}" in bar
    assert len({mode.slug for mode in MODES}) == len(MODES)


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
async def test_every_mode_draws_every_trace(opened: Open, size: tuple[int, int]) -> None:
    """Each mode draws an empty, a growing and a whole hostile trace, and steps through them.

    Every mode is drawn with values shown and hidden, in the dark and the light theme.
    """
    it = opened([captures.started()])
    rich = captures.rich()[1:]
    share = -(-len(rich) // len(MODES))
    async with it.app.run_test(size=size, notifications=True) as pilot:
        for mode in MODES:
            assert mode.title in await it.go_to(pilot, mode.key)
        for number, mode in enumerate(MODES):
            await it.go_to(pilot, mode.key)
            it.append(rich[number * share : (number + 1) * share])
            await it.settled(pilot)
            story = it.app.story
            assert story.step == story.count, f"{mode.title} follows the newest step"
            await pilot.press("home", "right", "right", "m", "question_mark")
            await dialog(pilot, HelpDialog)
            assert mode.title in screen_text(it.app), f"{mode.title} has help"
            assert story.step == min(3, story.count), f"{mode.title} steps"
            await pilot.press("escape", "t", "end")
            await it.settled(pilot)
            assert story.step == story.count, f"{mode.title} goes to the newest step"
        assert it.app.story.count > 20
        for mode in MODES:
            await it.go_to(pilot, mode.key)
            await pilot.press("home", "right", "m", "t", "end")
            await it.settled(pilot)
            assert it.app.story.step == it.app.story.count, f"{mode.title} draws the whole trace"


async def test_the_selected_step_is_shared(opened: Open) -> None:
    """A step chosen in one mode is the selected step in every other."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(140, 40), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("home")
        for mode in MODES:
            assert "step 1 of 3" in await it.go_to(pilot, mode.key), mode.title
        await pilot.press("right")
        assert "step 2 of 3" in await it.go_to(pilot, "3")
        assert it.app.story.step == 2


async def test_the_mouse_picks_modes(opened: Open) -> None:
    """A click on a mode's name opens it."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.click("ModeBar", offset=(78, 0))
        await until(pilot, lambda: it.app.current_mode == "9")
