"""What all dialogs have in common."""

from __future__ import annotations

from textual.widgets import Input

from tests.tui import captures
from tests.tui.conftest import Open, until
from tui.dialogs.base import Dialog


async def test_q_closes_what_has_no_field(opened: Open) -> None:
    """Where a lazygit user presses q, the dialog closes and the screen stays; a field gets a q."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(110, 40)) as pilot:
        await it.settled(pilot)
        for key in ("question_mark", "P", "y"):
            await pilot.press(key)
            await until(pilot, lambda: isinstance(it.app.screen, Dialog))
            await pilot.press("q")
            await until(pilot, lambda: it.in_front)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(it.app.screen, Dialog))
        assert it.app.screen.query_one(Input).has_focus
        await pilot.press("q")
        await pilot.pause()
        assert not it.in_front
        await pilot.press("escape")
        await until(pilot, lambda: it.in_front)
        assert it.app.is_running
