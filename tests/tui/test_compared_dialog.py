"""``C``: what each browser does with the cookies of a step."""

from __future__ import annotations

import pytest

from tests.lesson.what_if.test_what_if import sign_in
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.dialogs.compared import ComparedDialog


async def test_the_selected_step(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The box shows its cookies, hidden if values are; a step without any says so."""
    story = sign_in()
    story.respond(story.ask("https://plain.test/"))
    capture = opened(story.events, live=False)
    async with capture.app.run_test(size=(80, 24)) as pilot:
        await capture.settled(pilot)
        capture.app.stepping.go_to(3)
        await pilot.press("m", "C")
        await dialog(pilot, ComparedDialog)
        shown = screen_text(capture.app)
        assert "This request: a POST from a page of another site" in shown
        assert "sid=•••#" in shown
        assert "Chromium 80+      ✓       2 min" in shown
        await pilot.press("C")
        await pilot.pause()
        assert not isinstance(capture.app.screen, ComparedDialog)
        capture.app.stepping.go_to(5)
        told: list[str] = []
        monkeypatch.setattr(capture.app, "notify", lambda message, **_: told.append(message))
        await pilot.press("C")
        await until(pilot, lambda: told == ["This step has no cookies to compare."])
        assert not isinstance(capture.app.screen, ComparedDialog)
