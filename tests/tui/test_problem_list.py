"""``P``: what was refused besides the problems is said, also if there are none."""

from __future__ import annotations

import pytest
from textual.widgets import OptionList

from tests.story import Story
from tests.tui.conftest import Open, dialog, screen_text
from tui.dialogs.problem_list import ProblemListDialog


async def test_the_list_without_problems_says_what_was_refused(opened: Open) -> None:
    """A refused line that is no problem is named with its step, in lines that fit."""
    story = Story("https://shop.test")
    story.respond(story.ask("/"), "theme=1; Path=/; SameSite=None")
    it = opened(story.events, live=False)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        await pilot.press("P")
        await dialog(pilot, ProblemListDialog)
        text = " ".join(screen_text(it.app).replace("│", " ").split())
        assert "No problems, no warnings. 1 Set-Cookie line was refused; nothing shows" in text
        assert "app needed the cookie (step 2)." in text


@pytest.mark.parametrize("way", ["a", "h"])
async def test_the_list_names_what_else_was_refused(opened: Open, way: str) -> None:
    """After the problems, however they are grouped; it is no line to choose."""
    story = Story("https://shop.test")
    theme = "theme=1; Path=/; SameSite=None"
    story.respond(story.ask("/login"), "sid=1; Path=/; SameSite=None", theme)
    story.respond(story.ask("/account"), status=401)
    it = opened(story.events, live=False)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        await pilot.press("P")
        await dialog(pilot, ProblemListDialog)
        await pilot.press(way)
        await it.settled(pilot)
        text = " ".join(screen_text(it.app).replace("│", " ").split())
        assert "1 Set-Cookie line was refused; nothing shows that the app" in text
        assert "(step 3)." in text
        listing = it.app.screen.query_one(OptionList)
        assert listing.get_option_at_index(listing.option_count - 1).disabled
