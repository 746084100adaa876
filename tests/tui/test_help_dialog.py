"""Help, readable to its last line on any screen."""

from __future__ import annotations

from textual.containers import VerticalScroll

from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.dialogs.help import EVERYWHERE, HelpDialog, help_text
from tui.widgets.guide import Guide


async def test_help_scrolls_to_its_last_key(opened: Open) -> None:
    """At any size End shows the last key, title and hint stay, and only the page scrolls."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(60, 16)) as pilot:
        await it.settled(pilot)
        for size in ((60, 16), (80, 24), (100, 30), (100, 60)):
            await it.resize(pilot, *size)
            await pilot.press("question_mark")
            await dialog(pilot, HelpDialog)
            page = it.app.screen.query_one(VerticalScroll)
            assert it.app.screen.query_one(".dialog-box").max_scroll_y == 0, size
            await pilot.press("end")
            await until(pilot, lambda page=page: page.scroll_y == page.max_scroll_y)  # type: ignore[misc]
            await until(pilot, lambda: EVERYWHERE[-1][0] in screen_text(it.app))
            text = screen_text(it.app)
            assert HelpDialog.HEADING in text, size
            assert HelpDialog.KEYS in text, size
            await pilot.press("home")
            await until(pilot, lambda: "Execution table" in screen_text(it.app))
            await pilot.press("escape")
            await until(pilot, lambda: it.in_front)


def test_a_long_line_hangs_below_its_text() -> None:
    """In a narrow window the meaning of a sign or a key continues below its first word."""
    guide = Guide(
        title="A",
        text="b c",
        signs=(("▲", "problem", "a problem, not a note"),),
        keys=(("Enter", "show all of the details"),),
    )
    lines = help_text(guide, 22).plain.splitlines()
    assert lines[6:8] == ["  ▲  a problem, not a", "     note"]
    assert lines[11:14] == ["  Enter   show all of", "          the details", ""]
    assert all(len(line) <= 22 for line in lines)
