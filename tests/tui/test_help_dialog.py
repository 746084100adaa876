"""Help, which must be readable to its last line on any screen."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll

from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.dialogs.help import EVERYWHERE, HelpDialog


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (100, 30), (100, 60)])
async def test_help_scrolls_to_its_last_key(opened: Open, size: tuple[int, int]) -> None:
    """End brings the last key on the screen; title and hint never leave it; one thing scrolls."""
    it = opened(captures.seed())
    async with it.app.run_test(size=size) as pilot:
        await it.settled(pilot)
        await pilot.press("question_mark")
        await dialog(pilot, HelpDialog)
        await pilot.pause()
        page = it.app.screen.query_one(VerticalScroll)
        box = it.app.screen.query_one(".dialog-box")
        assert box.max_scroll_y == 0
        await pilot.press("end")
        await until(pilot, lambda: page.scroll_y == page.max_scroll_y)
        await until(pilot, lambda: EVERYWHERE[-1][0] in screen_text(it.app))
        text = screen_text(it.app)
        assert HelpDialog.HEADING in text
        assert HelpDialog.KEYS in text
        await pilot.press("home")
        await until(pilot, lambda: "Execution table" in screen_text(it.app))
