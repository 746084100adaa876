"""Hostile text from the wire is shown, and does nothing."""

from __future__ import annotations

import unicodedata

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
    """Return the characters that a terminal would act on or not show."""
    return [
        character
        for character in text
        if character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Cs")
    ]


async def test_no_mode_passes_it_on(opened: Open) -> None:
    """No control, bidi override or zero-width character reaches the screen of any mode."""
    it = opened(EVENTS)
    async with it.app.run_test(size=(200, 60), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("home")
        for mode in MODES:
            text = await it.go_to(pilot, mode.key)
            assert dangers(text) == [], mode.title
            assert "[red]" in text or mode.key not in "389", mode.title


async def test_no_dialog_passes_it_on(opened: Open) -> None:
    """Dialogs are as safe as the screens: focus, copy, export, notices, help."""
    it = opened(EVENTS)
    async with it.app.run_test(size=(120, 50), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("home")
        for key in ("o", "y", "e", "exclamation_mark", "question_mark"):
            await pilot.press(key)
            await dialog(pilot, Dialog)
            assert dangers(screen_text(it.app)) == [], key
            await pilot.press("escape")
            await until(pilot, lambda: it.in_front)


async def test_a_notice_is_no_markup(opened: Open) -> None:
    """A notice that quotes wire text shows it literally."""
    it = opened(EVENTS)
    async with it.app.run_test(size=(120, 50), notifications=True) as pilot:
        await it.settled(pilot)
        it.app.notify("[b]literally\x1b[/b]")
        await until(pilot, lambda: r"[b]literally\x1b[/b]" in screen_text(it.app))
