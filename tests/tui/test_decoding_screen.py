"""``D``: what is inside the cookies of a step, and of the jar."""

from __future__ import annotations

from tests.story import Story
from tests.tui.conftest import Open, screen_text, until

VALUE = "eyJ2aXNpdHMiOjF9.aw1z-A.DWcez219Hc-DnywFOId4N1MahdI"


async def test_on_a_key_and_hidden_with_the_values(opened: Open) -> None:
    """Nothing is decoded until D asks for it; hidden values hide it; D ends it."""
    story = Story()
    story.visit("/", None, f"sid={VALUE}")
    story.visit("/", f"sid={VALUE}")
    capture = opened(story.events, live=False)
    async with capture.app.run_test(size=(100, 40)) as pilot:
        await capture.settled(pilot)
        await pilot.press("home")
        await until(pilot, lambda: "On the server" not in screen_text(capture.app))
        assert "visits" not in screen_text(capture.app)
        await pilot.press("D")
        await until(pilot, lambda: 'contents: {"visits": 1}' in screen_text(capture.app))
        assert "'sid', set: Flask session" in screen_text(capture.app)
        await pilot.press("m")
        await until(pilot, lambda: "Values are hidden" in screen_text(capture.app))
        assert "visits" not in screen_text(capture.app)
        await pilot.press("m", "D")
        await until(pilot, lambda: "Inside the cookies" not in screen_text(capture.app))
        await pilot.press("end", "9", "D")
        await until(pilot, lambda: "'sid', in the jar" in screen_text(capture.app))
        assert "visits" in screen_text(capture.app)
