"""Predict mode: the next step is shown once the user has answered what it will do."""

from __future__ import annotations

from textual.pilot import Pilot

from cookietrace.events import Event
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.modes import MODES
from cookietrace.lesson.snapshot import snapshot
from tests.tui import captures
from tests.tui.conftest import Open, Opened, dialog, screen_text, until
from tui.dialogs.goto import GoToDialog
from tui.dialogs.predict import PredictDialog
from tui.state.quiz_round import Score
from tui.widgets.choices import Choices
from tui.widgets.find_bar import FindBar
from tui.widgets.step_table import StepTable

USER = Focus(path="/", cookies=("user",))


async def predicting(it: Opened, pilot: Pilot[None]) -> None:
    """Select the first step and start predicting."""
    await it.settled(pilot)
    await pilot.press("home", "p")
    assert it.app.story.predicting
    await pilot.pause()
    assert "? predicting" in screen_text(it.app)


async def asked(pilot: Pilot[None]) -> None:
    """Go a step on, and wait for the question about it."""
    await pilot.press("right")
    await dialog(pilot, PredictDialog)


async def left(it: Opened, pilot: Pilot[None]) -> None:
    """Wait until no dialog is in front."""
    await until(pilot, lambda: it.in_front)


async def test_a_right_answer_shows_the_step(opened: Open) -> None:
    """Until it is answered the screen is covered; then the step and the explanation are shown."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(110, 40)) as pilot:
        await predicting(it, pilot)
        await asked(pilot)
        question = it.app.story.boards.quiz.board.predict(2)
        assert question is not None
        text = screen_text(it.app)
        assert "What will step 2 do?" in text
        assert "Execution table" not in text
        assert it.app.story.step == 1
        await pilot.press(*["down"] * question.right, "enter")
        await until(pilot, lambda: it.app.story.step == 2)
        await until(pilot, lambda: "Execution table" in screen_text(it.app))
        text = screen_text(it.app)
        assert "✓ Right." in text
        assert question.feedback[:40] in text
        assert "1 of 1 right" in text
        await pilot.press("enter")
        await left(it, pilot)
        assert (it.app.story.step, it.app.story.score) == (2, Score(1, 1))


async def test_right_again_asks_about_the_next_step(opened: Open) -> None:
    """Right leads from the explanation to the next question; a click answers, too."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(110, 40)) as pilot:
        await predicting(it, pilot)
        await asked(pilot)
        await pilot.press("right", "enter")
        await until(pilot, lambda: it.app.story.step == 2)
        await pilot.press("right")
        await until(pilot, lambda: "What will step 3 do?" in screen_text(it.app))
        await dialog(pilot, PredictDialog)
        await pilot.click(Choices, offset=(5, 1))
        await until(pilot, lambda: it.app.story.step == 3)
        assert it.app.story.score.asked == 2


async def test_escape_shows_the_step_without_an_answer(opened: Open) -> None:
    """Neither Esc nor a hint counts as an answer."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(110, 40)) as pilot:
        await predicting(it, pilot)
        await asked(pilot)
        await pilot.press("h")
        await until(pilot, lambda: "Hint" in screen_text(it.app))
        assert it.app.story.step == 1
        await pilot.press("escape")
        await left(it, pilot)
        assert (it.app.story.step, it.app.story.score) == (2, Score())


async def test_a_wrong_answer_shows_the_right_one(opened: Open) -> None:
    """A wrong answer counts, and is explained, too."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(110, 40)) as pilot:
        await predicting(it, pilot)
        await asked(pilot)
        question = it.app.story.boards.quiz.board.predict(2)
        assert question is not None
        await pilot.press(*["down"] * ((question.right + 1) % 4), "enter")
        await until(pilot, lambda: "✗ Wrong:" in screen_text(it.app))
        assert question.feedback[:30] in screen_text(it.app)
        assert it.app.story.score == Score(0, 1)


async def test_every_mode_asks_and_ends_asking(opened: Open) -> None:
    """``p`` works in every mode; once it is off, a step is shown at once."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(110, 40)) as pilot:
        await predicting(it, pilot)
        for mode in MODES:
            await it.go_to(pilot, mode.key)
            it.app.stepping.go_to(1)
            it.app.action_step(1)
            await dialog(pilot, PredictDialog)
            await pilot.press("escape")
            await left(it, pilot)
            assert it.app.story.step == 2, mode.title
        await pilot.press("p", "home", "right")
        assert it.app.story.step == 2
        assert "? predicting" not in screen_text(it.app)


async def test_modes_that_show_nothing_ahead_stay_visible(opened: Open) -> None:
    """Jar and snapshot may be read for the answer: they hold nothing of later steps."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(110, 40)) as pilot:
        text = await it.go_to(pilot, "7")
        lines = snapshot(it.app.story.table)
        ahead = [line.text[:34] for line in lines if line.step > 1]
        assert len(ahead) == 4
        assert [line for line in ahead if line not in text] == []
        await predicting(it, pilot)
        await asked(pilot)
        text = screen_text(it.app)
        assert lines[0].text in text
        assert [line for line in ahead if line in text] == []
        await pilot.press("escape")
        await left(it, pilot)
        await it.go_to(pilot, "9", "home")
        await asked(pilot)
        assert "Cookie jar" in screen_text(it.app)


async def test_nothing_to_ask_is_no_question(opened: Open) -> None:
    """A step without a question is shown at once; going back and jumping never ask."""
    events: list[Event] = [captures.started(), captures.client()]
    for number in (1, 2, 3):
        events += captures.visit(number, "http://plain.test/", content="hi")
    it = opened(events)
    async with it.app.run_test(size=(110, 40)) as pilot:
        await predicting(it, pilot)
        quiet = [s for s in (2, 3) if it.app.story.boards.quiz.board.predict(s) is None]
        assert quiet == [2, 3]
        await pilot.press("right", "right")
        assert it.app.story.step == 3
        await pilot.press("left", "home", "end", "right")
        assert it.in_front


async def test_playing_asks_nothing(opened: Open) -> None:
    """Playing shows the steps without questions."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(110, 40)) as pilot:
        await predicting(it, pilot)
        await pilot.press(*["greater_than_sign"] * 3, "space")
        await until(pilot, lambda: it.app.story.step == 3)
        assert it.in_front


async def rows(it: Opened, pilot: Pilot[None], count: int) -> None:
    """Wait until the table has that many rows."""
    await until(pilot, lambda: it.app.screen.query_one(StepTable).count == count)


async def test_the_table_ends_at_the_selected_step(opened: Open) -> None:
    """Later rows appear when the user continues or stops predicting."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(110, 40)) as pilot:
        await it.settled(pilot)
        await rows(it, pilot, 3)
        await predicting(it, pilot)
        await rows(it, pilot, 1)
        assert "Client stores cookie" not in screen_text(it.app)
        await pilot.press("g")
        await dialog(pilot, GoToDialog)
        await pilot.press("2", "enter")
        await rows(it, pilot, 2)
        assert "Client stores cookie" in screen_text(it.app)
        assert "Hello Alice" not in screen_text(it.app)
        await pilot.press("end")
        await rows(it, pilot, 3)
        await pilot.press("left", "left")
        await rows(it, pilot, 1)
        await pilot.press("p")
        await rows(it, pilot, 3)
        assert it.app.story.step == 1


async def test_a_search_ends_at_the_selected_step_too(opened: Open) -> None:
    """Typing shows no match in a later row; ``n`` goes to it, and shows it."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(110, 40)) as pilot:
        await predicting(it, pilot)
        await pilot.press("slash")
        await until(pilot, lambda: it.app.screen.query_one(FindBar).display)
        await pilot.press(*"second", "enter")
        await until(pilot, lambda: it.app.story.finder.matches == [3])
        await rows(it, pilot, 0)
        assert it.app.story.step == 1
        await pilot.press("n")
        await rows(it, pilot, 1)
        assert it.app.story.step == 3
        await pilot.press("escape")
        await rows(it, pilot, 3)
        await pilot.press("N", "home")
        await rows(it, pilot, 1)


async def test_steps_that_come_meanwhile_wait(opened: Open) -> None:
    """New steps are counted but not shown, even if the newest step was followed."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(110, 40)) as pilot:
        await it.settled(pilot)
        await pilot.press("p")
        assert it.app.story.selection.following
        url = "http://127.0.0.1:8081/"
        it.append(captures.visit(3, url, cookie="user=Alice", content="Hello again", seconds=20))
        await it.settled(pilot)
        await until(pilot, lambda: "1 new" in screen_text(it.app))
        assert it.app.story.step == 3
        assert "Hello again" not in screen_text(it.app)
        await pilot.press("f")
        await rows(it, pilot, 4)


async def test_moments_and_story_show_nothing_ahead(opened: Open) -> None:
    """A key moment waits for its last step; the transcript ends with the selected exchange."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(110, 40)) as pilot:
        await predicting(it, pilot)
        text = await it.go_to(pilot, "5")
        assert "0 questions" in text
        assert "While you predict" in text
        text = await it.go_to(pilot, "8")
        assert "Hello None" in text
        assert "Hello Alice" not in text
        await pilot.press("p")
        await until(pilot, lambda: "Hello Alice" in screen_text(it.app))
        assert "0 questions" not in await it.go_to(pilot, "5")
