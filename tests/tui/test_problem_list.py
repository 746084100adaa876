"""``P`` without problems: what was refused all the same is said."""

from __future__ import annotations

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
