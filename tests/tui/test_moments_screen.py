"""Mode 5: the key moments of a trace, their answers, and the steps they are about."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.table import Table
from cookietrace.trace import fold
from tests.tui import captures
from tests.tui.conftest import Open, Opened, screen_text, until
from tests.tui.test_hostile import EVENTS, dangers
from tui.modes.moments import AnswerView, MomentsScreen
from tui.widgets.step_links import StepLinks

USER = Focus(path="/", cookies=("user",))
SEED = tuple(moment.question for moment in key_moments(Table(fold(captures.seed()), USER)))
"""The three questions of the seed trace, about steps 1, 3 and 3; their words are the board's."""


async def moments(it: Opened, pilot: Pilot[Any]) -> MomentsScreen:
    """Open the mode, and wait until it has read every step."""
    await it.go_to(pilot, "5")
    screen = it.app.screen
    assert isinstance(screen, MomentsScreen)
    return screen


def asked(screen: MomentsScreen) -> str:
    """The question under the cursor."""
    assert screen.moment is not None
    return screen.moment.question


def answer(screen: MomentsScreen) -> str:
    """The text of the answer on one line."""
    content = screen.query_one(AnswerView).query_one(Static).content
    return " ".join(str(content).split())


async def test_the_questions_and_answers_of_the_board_are_shown(opened: Open) -> None:
    """Each question of the seed trace is listed, with its answer and fix, at both sizes."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        screen = await moments(it, pilot)
        expected = key_moments(it.app.story.table)
        assert len(expected) == 3
        for size in ((80, 24), (160, 48)):
            await it.resize(pilot, *size)
            await it.press(pilot, *["up"] * (len(expected) - 1))
            await until(pilot, lambda: "3 questions" in screen_text(it.app))
            for moment in expected:
                await until(pilot, lambda question=moment.question: question in screen_text(it.app))  # type: ignore[misc]
                assert asked(screen) == moment.question
                assert " ".join(moment.answer.split()) in answer(screen), size
                assert moment.advice in answer(screen), size
                await it.press(pilot, "j")


async def test_enter_goes_to_the_step_and_then_to_the_table(opened: Open) -> None:
    """It opens on the selected step's question. Enter goes to a step; again, to the table at it."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await moments(it, pilot)
        assert asked(screen) == SEED[1]
        assert "Enter: open the table" in screen_text(it.app)
        assert "Enter: go to its step" in await it.press(pilot, "up")
        await pilot.press("enter")
        await until(pilot, lambda: it.app.story.step == 1)
        assert it.app.current_mode == "5"
        assert asked(screen) == SEED[0]
        assert "▌●    1  Client sends first request" in screen_text(it.app)
        assert "Enter: open the table" in screen_text(it.app)
        await pilot.press("enter")
        await until(pilot, lambda: it.app.current_mode == "3")
        assert it.app.story.step == 1


async def test_its_other_steps_are_links(opened: Open) -> None:
    """Tab goes to the steps: arrows select one, Enter opens the table, Esc goes back."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await moments(it, pilot)
        await pilot.press("tab")
        await until(pilot, lambda: isinstance(it.app.focused, StepLinks))
        assert tuple(screen.links.steps) == (1, 2, 3)
        assert screen.links.step == 3
        await pilot.press("up")
        await until(pilot, lambda: it.app.story.step == 2)
        assert "Client stores cookie 'user'='Alice'" in screen_text(it.app)
        assert asked(screen) == SEED[1]
        await pilot.press("escape")
        await until(pilot, lambda: it.app.focused is screen.questions)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: it.app.current_mode == "3")
        assert it.app.story.step == 2


async def test_the_mouse_follows_links(opened: Open) -> None:
    """A click on a question shows its answer, a click on a step goes there."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await moments(it, pilot)
        await pilot.click("#questions", offset=(20, 2))
        await until(pilot, lambda: asked(screen) == SEED[1])
        await pilot.click("#links", offset=(20, 2))
        await until(pilot, lambda: it.app.story.step == 2)
        assert it.app.current_mode == "5"


async def test_the_selected_step_marks_the_questions_about_it(opened: Open) -> None:
    """Stepping marks the questions about the step and leaves the cursor where it is."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await moments(it, pilot)

        def lit() -> list[str]:
            lines = screen_text(it.app).splitlines()
            found = [line for line in lines if any(question in line for question in SEED)]
            return [line[8:].strip() for line in found[:3] if line.lstrip().startswith("▌")]

        await pilot.press("home")
        await it.settled(pilot)
        assert it.app.story.step == 1
        assert lit() == list(SEED)
        assert "▌3 about step 1" in screen_text(it.app)
        await pilot.press("end")
        await it.settled(pilot)
        assert lit() == list(SEED[1:])
        assert asked(screen) == SEED[1]


async def test_growth_leaves_the_cursor_with_its_question(opened: Open) -> None:
    """More traffic adds questions; cursor and answer stay with the one being read."""
    it = opened(captures.rich()[:12])
    async with it.app.run_test(size=(80, 24)) as pilot:
        screen = await moments(it, pilot)
        before = screen.questions.count
        await pilot.press("down")
        question = asked(screen)
        it.append(captures.rich()[12:])
        await it.settled(pilot)
        assert screen.questions.count > before
        assert asked(screen) == question
        assert question in screen_text(it.app)
        shown = tuple(screen._rows.moments)
        assert shown == key_moments(it.app.story.table)


async def test_a_long_trace_is_read_in_parts(opened: Open) -> None:
    """What was read so far is shown at once, with how far it is; in the end all is shown."""
    it = opened([event for batch in captures.many(600) for event in batch])
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await moments(it, pilot)
        story = it.app.story
        story.set_focus(Focus(path="/"))
        assert not screen.read_more()
        screen.caught_up = False
        screen.draw()
        board = story.boards.moments.board
        assert 0 < board.seen < story.count
        await pilot.pause()
        assert f"read {board.seen:,} of {story.count:,} steps" in screen_text(it.app)
        screen.show_story()
        await it.settled(pilot)
        assert board.seen == story.count
        assert f" of {story.count:,} steps" not in screen_text(it.app)
        assert tuple(screen._rows.moments) == key_moments(story.table)


async def test_masked_it_shows_no_value(opened: Open) -> None:
    """``m`` hides the values in questions, answers and steps."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(160, 48)) as pilot:
        screen = await moments(it, pilot)
        await pilot.press("m")
        await it.settled(pilot)
        for _ in range(screen.questions.count):
            text = screen_text(it.app)
            for secret in ("dark", "light", "eyJ1c2VyIjoiYWxpY2UifQ", "u-771", "'42'"):
                assert secret not in text
            await pilot.press("down")
            await pilot.pause()


async def test_hostile_text_stays_text(opened: Open) -> None:
    """No question, answer or step passes a control character on or interprets markup."""
    it = opened(EVENTS)
    async with it.app.run_test(size=(120, 40)) as pilot:
        screen = await moments(it, pilot)
        assert screen.questions.count > 1
        await it.press(pilot, *["pageup"] * 3)
        seen = []
        for _ in range(screen.questions.count):
            seen.append(screen_text(it.app))
            assert dangers(seen[-1]) == []
            await pilot.press("down")
            await it.settled(pilot)
        assert any("[red]" in text for text in seen)


async def test_a_focus_asks_other_questions(opened: Open) -> None:
    """The questions are about the cookies and steps in focus."""
    it = opened(captures.rich(), focus=Focus(cookies=("session",)))
    async with it.app.run_test(size=(120, 40)) as pilot:
        screen = await moments(it, pilot)
        assert all("session" in moment.question for moment in screen._rows.moments)
        await pilot.press("O")
        await until(pilot, lambda: len(screen._rows.moments) > 10)


async def test_empty_states(opened: Open) -> None:
    """Without traffic it says how to get some; without questions, what raises one."""
    it = opened([captures.started()])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await moments(it, pilot)
        assert "Waiting for the first request" in screen_text(it.app)
        assert "Questions that the traffic raises" in screen_text(it.app)
        await pilot.press("enter", "tab", "down", "enter", "escape", "left")
        it.append([captures.client(), *captures.visit(1, "http://a.test/", content="x")])
        await it.settled(pilot)
        text = screen_text(it.app)
        assert "This trace raises no questions yet." in text
        assert "Open a page that sets a cookie" in text
        await pilot.press("enter", "tab", "down", "enter", "escape", "left")
        it.append(captures.visit(2, "http://a.test/", set_cookies=["a=1"]))
        it.append(captures.visit(3, "http://a.test/", cookie="a=1"))
        await it.settled(pilot)
        assert "How does 'a' get back to the server" in screen_text(it.app)


async def test_an_answer_that_does_not_fit_can_be_scrolled(opened: Open) -> None:
    """Tab stops at the answer only if it does not fit."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(60, 16)) as pilot:
        screen = await moments(it, pilot)
        view = screen.query_one(AnswerView)
        await until(pilot, lambda: view.max_scroll_y > 0 and view.can_focus)
        await pilot.press("tab", "down")
        await until(pilot, lambda: view.scroll_offset.y > 0)
        await pilot.press("escape")
        await it.resize(pilot, 160, 48)
        await until(pilot, lambda: view.max_scroll_y == 0 and not view.can_focus)
        await pilot.press("tab")
        await until(pilot, lambda: it.app.focused is screen.links)
