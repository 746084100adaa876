"""Problems on the screen: where a capture opens, how to get to them, what names a new one."""

from __future__ import annotations

import msgspec

from cookietrace.events import Event, Request, Response
from tests.tui import captures
from tests.tui.conftest import Open, screen_text, until
from tui.widgets.notice_line import NoticeLine

WHY, FIX = "'session' refused: SameSite=None without Secure", "→ Add Secure and serve over https"


async def test_a_finished_capture_opens_on_its_worst_problem(opened: Open) -> None:
    """At 80×24, no key pressed: the count, the reason in the row, and verdict and fix below."""
    it = opened(captures.login_bug(), live=False)
    async with it.app.run_test(size=(80, 24), notifications=True) as pilot:
        await it.settled(pilot)
        assert it.app.story.step == 4
        lines = screen_text(it.app).splitlines()
        assert "▲ 1 problem" in lines[1]
        verdict = next(i for i, line in enumerate(lines) if f"▲ Problem: {WHY}" in line)
        row = next(i for i, line in enumerate(lines) if WHY in line)
        assert row < verdict
        assert lines[row - 2].startswith(" ▲✗")
        assert any(FIX in line for line in lines[verdict:])
        assert "▲ 1 problem" in await it.go_to(pilot, "9")
        for key, step in (("home", 1), ("right_square_bracket", 4), ("end", 6)):
            await it.press(pilot, key)
            assert it.app.story.step == step
        assert "no other problem" not in screen_text(it.app)
        await it.press(pilot, "left_square_bracket", "left_square_bracket")
        assert it.app.story.step == 4
        await until(pilot, lambda: "no other problem" in screen_text(it.app))


def again(events: list[Event]) -> list[Event]:
    """Return the same exchanges once more."""
    return [
        msgspec.structs.replace(event, exchange_id=f"{event.exchange_id}-again")
        if isinstance(event, Request | Response)
        else event
        for event in events
    ]


async def test_a_new_problem_is_named_and_moves_nothing(opened: Open) -> None:
    """Without problems ``]`` says so; a new one has a line, until the user goes there."""
    it = opened(captures.login_bug()[:2])
    events = captures.login_bug()[2:-1]
    async with it.app.run_test(size=(80, 24)) as pilot:
        await it.settled(pilot)
        assert "problem" not in screen_text(it.app).splitlines()[1]
        assert "no problems" in await it.press(pilot, "right_square_bracket")
        it.append(events[:4])
        await it.settled(pilot)
        await it.press(pilot, "home")
        it.append(events[4:])
        await it.settled(pilot)
        assert it.app.story.step == 1
        assert it.app.screen.query_one(NoticeLine).display
        text = screen_text(it.app)
        assert f"▲ New in step 4: {WHY}" in text
        assert "no problems" not in text
        it.append(again(events))
        await it.settled(pilot)
        assert f"▲ New in step 4: {WHY}" in screen_text(it.app)
        text = await it.press(pilot, "right_square_bracket")
        assert it.app.story.step == 4
        assert "New in step" not in text
