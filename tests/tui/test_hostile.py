"""Text that wants to do harm: it is shown, and does nothing."""

from __future__ import annotations

import unicodedata

import pytest

from cookietrace.lesson.modes import MODES
from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.dialogs.base import Dialog

NASTY = "[red]r[/red]\x1b[2J\x1b]52;c;QQ==\x07\u202e\u200b\x9b31m\n[@click=app.quit]x[/]"
WIRE = NASTY.encode().decode("latin-1")

EVENTS = [
    captures.started(),
    captures.client(user_agent=WIRE),
    *captures.visit(
        1,
        f"http://a.test/{WIRE}",
        cookie=f"{WIRE}={WIRE}",
        set_cookies=[f"{WIRE}={WIRE}; Path=/{WIRE}", f"ok=[bold]{WIRE}", "[u]=1"],
        content=NASTY,
        headers=((WIRE, WIRE),),
        method=WIRE,
    ),
    *captures.visit(2, "http://a.test/", cookie="ok=[bold]; [u]=1", client_id="c1"),
]


def dangers(text: str) -> list[str]:
    """Return every character that a terminal would act on, or not show."""
    return [
        character
        for character in text
        if character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Cs")
    ]


@pytest.mark.parametrize("mode", [mode.key for mode in MODES])
async def test_no_mode_passes_it_on(opened: Open, mode: str) -> None:
    """No control, no bidi override and nothing without width reaches the screen of any mode."""
    it = opened(EVENTS)
    async with it.app.run_test(size=(200, 60), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press(mode, "home")
        await it.settled(pilot)
        text = screen_text(it.app)
        assert dangers(text) == []
        assert "[red]" in text or mode not in "389"


@pytest.mark.parametrize("key", ["o", "y", "e", "exclamation_mark", "question_mark"])
async def test_no_dialog_passes_it_on(opened: Open, key: str) -> None:
    """What dialogs list is as safe as what the screens show."""
    it = opened(EVENTS)
    async with it.app.run_test(size=(120, 50), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("home", key)
        await dialog(pilot, Dialog)
        await pilot.pause()
        assert dangers(screen_text(it.app)) == []


async def test_a_notice_is_no_markup(opened: Open) -> None:
    """A line that quotes wire text is shown as it is."""
    it = opened(EVENTS)
    async with it.app.run_test(size=(120, 50), notifications=True) as pilot:
        await it.settled(pilot)
        it.app.notify("[b]literally\x1b[/b]")
        await until(pilot, lambda: r"[b]literally\x1b[/b]" in screen_text(it.app))
