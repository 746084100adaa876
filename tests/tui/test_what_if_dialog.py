"""``W``: what would be different, in a dialog."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.lesson.what_if.test_what_if import sign_in
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.dialogs.menu import MenuDialog
from tui.dialogs.what_if import TypedDialog, WhatIfDialog


async def test_the_selected_cookie(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter chooses a change; the report has the first difference, and Enter goes there."""
    value = "s3cret-8841"
    capture = opened(sign_in(f"sid={value}; Path=/; Secure", f"sid={value}").events, live=False)
    copied: list[str] = []
    monkeypatch.setattr(capture.app.imagining, "_to_clipboard", copied.append)
    async with capture.app.run_test(size=(80, 24)) as pilot:
        await capture.settled(pilot)
        capture.app.stepping.go_to(1)
        await pilot.press("m", "W")
        await dialog(pilot, MenuDialog)
        assert "What if 'sid' were different" in screen_text(capture.app)
        await pilot.press("s")
        await dialog(pilot, WhatIfDialog)
        await until(pilot, lambda: "exchanges would be" in screen_text(capture.app))
        shown = screen_text(capture.app)
        assert "What if 'sid' had SameSite=Strict?" in shown
        assert "1 of 3 exchanges would be different:" in shown
        assert "Step 3: app.example/back: 'sid' is not sent (it was sent)" in shown
        await pilot.press("o")
        await until(pilot, lambda: "in this step only" in screen_text(capture.app))
        await until(pilot, lambda: "o all steps" in screen_text(capture.app))
        await pilot.press("y")
        await until(pilot, lambda: bool(copied))
        assert "Set-Cookie: sid=•••#" in copied[0]
        assert value not in copied[0]
        await pilot.press("escape")
        capture.app.stepping.go_to(3)
        await pilot.press("W")
        await dialog(pilot, MenuDialog)
        await pilot.press("b")
        await until(pilot, lambda: "the specification" in screen_text(capture.app))
        await pilot.press("r")
        await dialog(pilot, WhatIfDialog)
        await until(pilot, lambda: "Enter first" in screen_text(capture.app))
        capture.app.stepping.go_to(1)
        await pilot.press("enter")
        await until(pilot, lambda: capture.app.story.step == 3)


async def test_what_is_typed(opened: Open) -> None:
    """A change that is none is refused at once; Escape gives up what is being folded."""
    capture = opened(sign_in().events, live=False)
    async with capture.app.run_test(size=(80, 24)) as pilot:
        await capture.settled(pilot)
        capture.app.stepping.go_to(1)
        await pilot.press("W", "e")
        await dialog(pilot, TypedDialog)
        capture.app.screen.query_one(Input).value = "Colour=red"
        await pilot.press("enter")
        await until(pilot, lambda: "not an attribute: Colour=red" in screen_text(capture.app))
        capture.app.screen.query_one(Input).value = "Path=/account"
        await pilot.press("enter")
        await dialog(pilot, WhatIfDialog)
        imaginer = capture.app.imagining._imaginer
        assert imaginer is not None
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(capture.app.screen, WhatIfDialog))
        assert imaginer._cancelled.is_set()


async def test_every_choice_is_seen(opened: Open) -> None:
    """In a terminal of 80x24, no choice is below the end of the list."""
    line = "sid=1; Path=/a; Domain=very-long-name-of-a-host.example"
    story = sign_in(line, "sid=1", base="https://very-long-name-of-a-host.example")
    capture = opened(story.events, live=False)
    async with capture.app.run_test(size=(80, 24)) as pilot:
        await capture.settled(pilot)
        capture.app.stepping.go_to(1)
        await pilot.press("W")
        await dialog(pilot, MenuDialog)
        shown = screen_text(capture.app)
        assert all(f" {key} " in shown for key in "nlsuhpdaxebtm")
        assert "such as SameSite=None; Secure; -Domain" in shown
