"""What is in focus: chosen in the dialog, or opened by itself if it was only a start."""

from __future__ import annotations

from textual.widgets import Input

from cookietrace.lesson.focus import Focus
from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.__main__ import options
from tui.dialogs.focus import FocusDialog
from tui.modes.base import ModeScreen

USER = Focus(path="/", cookies=("user",))
OPENED = "Now showing everything. Press o to choose a focus."
LESSONS = captures.visit(5, "http://127.0.0.1:8081/lessons", seconds=20)
FAVICON = captures.visit(4, "http://127.0.0.1:8081/favicon.ico", seconds=19)


def test_a_focus_opens_only_if_asked_to() -> None:
    """By default the focus of the command line stays."""
    assert not options(["x.cookietrace", "--focus-path", "/"]).focus_opens
    assert options(["x.cookietrace", "--focus-path", "/", "--focus-opens"]).focus_opens


async def test_the_first_focus_opens_when_it_leaves_something_out(opened: Open) -> None:
    """A favicon does not open the focus; a request for another page shows everything."""
    it = opened(captures.seed(), focus=USER, focus_opens=True)
    async with it.app.run_test(size=(120, 30), notifications=True) as pilot:
        await it.settled(pilot)
        it.append(FAVICON)
        await it.settled(pilot)
        assert it.app.story.focus == USER
        assert OPENED not in screen_text(it.app)
        it.append(LESSONS)
        await it.settled(pilot)
        await until(pilot, lambda: OPENED in screen_text(it.app))
        assert it.app.story.focus == Focus()
        assert it.app.story.step == it.app.story.count == 4
        assert "/lessons" in screen_text(it.app)


async def test_a_request_without_a_response_may_still_be_in_focus(opened: Open) -> None:
    """A request for the path in focus waits for its response; for another path it does not."""
    it = opened([*captures.seed()[:2]], focus=USER, focus_opens=True)
    async with it.app.run_test(size=(120, 30)) as pilot:
        it.append(captures.seed()[2:3])
        await it.settled(pilot)
        assert it.app.story.focus == USER
        it.append(captures.seed()[3:])
        await it.settled(pilot)
        assert it.app.story.focus == USER
        it.append(LESSONS[:1])
        await it.settled(pilot)
        assert it.app.story.focus == Focus()


async def test_a_chosen_focus_never_opens(opened: Open) -> None:
    """A focus that the user has confirmed stays, even if it is the same."""
    it = opened(captures.seed(), focus=USER, focus_opens=True)
    async with it.app.run_test(size=(120, 30)) as pilot:
        await it.settled(pilot)
        await pilot.press("o")
        await dialog(pilot, FocusDialog)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(it.app.screen, ModeScreen))
        it.append(LESSONS)
        await it.settled(pilot)
        await until(pilot, lambda: "elsewhere" in screen_text(it.app))
        assert it.app.story.focus == USER


async def test_the_preview_says_what_enter_applies(opened: Open) -> None:
    """A typed path is added to the cookies in focus, in the preview and by Enter."""
    it = opened([*captures.seed(), *LESSONS], focus=Focus(cookies=("user",)))
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("o")
        await dialog(pilot, FocusDialog)
        assert "3 of 3 exchanges  cookie user" in screen_text(it.app)
        it.app.screen.query_one(Input).value = "/les*"
        both = "1 of 3 exchanges  path /les* · cookie user"
        await until(pilot, lambda: both in screen_text(it.app))
        await pilot.press("enter")
        await until(pilot, lambda: it.app.story.focus == Focus(path="/les*", cookies=("user",)))


async def test_the_preview_follows_the_highlight(opened: Open) -> None:
    """While something is typed, the preview shows the highlighted entry."""
    it = opened([*captures.seed(), *LESSONS])
    async with it.app.run_test(size=(120, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("o")
        await dialog(pilot, FocusDialog)
        it.app.screen.query_one(Input).value = "/"
        await until(pilot, lambda: "2 of 3 exchanges  path /" in screen_text(it.app))
        await pilot.press("down")
        await until(pilot, lambda: "1 of 3 exchanges  path /lessons" in screen_text(it.app))
