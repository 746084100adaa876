"""Mode 6: questions about the trace, answered with keys or the mouse, in rounds."""

from __future__ import annotations

from functools import partial

import pytest
from textual.pilot import Pilot

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.quiz import Option, Question
from tests.tui import captures
from tests.tui.conftest import Open, Opened, screen_text, until
from tui.modes.quiz import QuizScreen
from tui.state.quiz_round import Round, Score
from tui.widgets.choices import Choices

USER = Focus(path="/", cookies=("user",))


def question(right: int, prompt: str = "why?", texts: str = "abcd") -> Question:
    """A question with one option per character."""
    options = tuple(Option(text, text) for text in texts)
    return Question("server-reads", 1, prompt, options, right, "there", 1, "1", "1", "because")


def quiz(it: Opened) -> QuizScreen:
    """The screen of mode 6."""
    screen = it.app.mode_screen
    assert isinstance(screen, QuizScreen)
    return screen


async def started(it: Opened, pilot: Pilot[None]) -> QuizScreen:
    """Open the quiz."""
    await it.go_to(pilot, "6")
    return quiz(it)


async def choose(it: Opened, pilot: Pilot[None], choice: int) -> None:
    """Answer with arrow keys and Enter."""
    await pilot.press(*["down"] * choice, "enter")
    await until(pilot, lambda: quiz(it).round.answer is not None)


def test_a_round_goes_question_by_question() -> None:
    """Only an answer leads to the next question; a second answer does not count."""
    new = Round((question(0), question(1)))
    assert new.advanced() == new
    once = new.answered(0)
    assert once.answered(1) == once
    assert (once.score.text, once.advanced().at) == ("1 of 1 right", 1)
    over = once.advanced().answered(0).advanced()
    assert (over.question, over.answer, over.advanced()) == (None, None, over)
    assert over.score == Score(1, 2)
    assert over.missed == (question(1),)
    assert over.answered(1) == over


def test_a_round_in_other_words_keeps_its_place() -> None:
    """Options may change places, and the chosen one may be gone; the score stays."""
    round_ = Round((question(0), question(1), question(2))).answered(3).advanced().answered(1)
    anew = [question(3, "new", "dcba"), question(1, "new", "xbyz"), question(2, "new")]
    words = iter(anew)
    other = round_.reworded(lambda _: next(words))
    assert other is not None
    assert (other.at, other.questions) == (1, tuple(anew))
    assert [answer.choice for answer in other.answers] == [0, 1]
    assert other.score == round_.score
    words = iter([question(0, texts="wxyz"), *anew[1:]])
    gone = round_.reworded(lambda _: next(words))
    assert gone is not None
    assert gone.answers[0].choice is None
    assert round_.reworded(lambda _: None) is None


async def test_a_round_to_its_end(opened: Open) -> None:
    """Each question of the seed trace is shown, answered and counted; a summary follows."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(120, 40)) as pilot:
        screen = await started(it, pilot)
        questions = screen.round.questions
        kinds = {(question.kind, question.step) for question in questions}
        assert {("server-reads", 1), ("first-sent", 1), ("stops-setting", 3)} <= kinds
        for number, question in enumerate(questions, 1):
            assert f"Question {number} of {len(questions)}" in screen_text(it.app)
            assert question.prompt[:60] in screen_text(it.app)
            await choose(it, pilot, question.right)
            await it.settled(pilot)
            assert "✓ Right." in screen_text(it.app)
            await it.press(pilot, "enter")
        text = screen_text(it.app)
        assert "The round is over" in text
        assert "All answers were right." in text


@pytest.mark.parametrize("wrong", [False, True])
async def test_every_question_can_be_answered(opened: Open, wrong: bool) -> None:
    """Right or wrong, the sign, the explanation and the score are shown."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(120, 48)) as pilot:
        screen = await started(it, pilot)
        asked = screen.round.questions
        assert len({one.kind for one in asked}) > 8
        for count, one in enumerate(asked, 1):
            await choose(it, pilot, (one.right + wrong) % 4)
            await it.settled(pilot)
            text = screen_text(it.app)
            assert ("✗ Wrong:" if wrong else "✓ Right.") in text
            assert one.feedback.split(". ")[0][:50] in text
            assert f"{0 if wrong else count} of {count} right" in text
            assert "Enter  next question" in text or count == len(asked)
            await pilot.press("enter")
        await it.settled(pilot)
        assert it.app.story.score == Score(0 if wrong else len(asked), len(asked))
        assert ("Look at these again" in screen_text(it.app)) is wrong


async def test_the_mouse_is_enough(opened: Open) -> None:
    """A click on an option answers; one on a key below does what the key does."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(100, 36)) as pilot:
        screen = await started(it, pilot)
        await pilot.click("#quiz-keys", offset=(36, 0))
        await until(pilot, lambda: "Hint" in screen_text(it.app))
        await pilot.click(Choices, offset=(6, 2))
        await until(pilot, lambda: screen.round.answer is not None)
        answer = screen.round.answer
        assert answer is not None
        assert answer.choice == 2
        await pilot.click(Choices, offset=(6, 1))
        assert screen.round.answer == answer
        await pilot.click("#quiz-keys", offset=(2, 0))
        await until(pilot, lambda: screen.round.at == 1)


async def test_hint_and_explanation_lead_to_their_steps(opened: Open) -> None:
    """``s`` goes to the step in the table; 6 returns to the question as it was."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(100, 36)) as pilot:
        screen = await started(it, pilot)
        first = screen.round.questions[0]
        await pilot.press("s")
        assert it.app.current_mode == "6"
        await pilot.press("h")
        await until(pilot, lambda: first.hint[:30] in screen_text(it.app))
        await pilot.press("s")
        await until(pilot, lambda: it.app.current_mode == "3")
        assert it.app.story.step == first.hint_step
        await started(it, pilot)
        assert first.hint[:30] in screen_text(it.app)
        await choose(it, pilot, (first.right + 1) % 4)
        await pilot.press("s")
        await until(pilot, lambda: it.app.current_mode == "3")
        assert it.app.story.step == first.step
        await started(it, pilot)
        assert "✗ Wrong:" in screen_text(it.app)


async def test_the_summary_leads_to_what_was_missed(opened: Open) -> None:
    """Enter on a missed question goes to its step."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(100, 36)) as pilot:
        screen = await started(it, pilot)
        for one in screen.round.questions:
            await choose(it, pilot, (one.right + 1) % 4)
            await pilot.press("enter")
        missed = screen.round.missed
        await pilot.press("down", "enter")
        await until(pilot, lambda: it.app.current_mode == "3")
        assert it.app.story.step == missed[1].step


async def test_a_growing_trace_leaves_the_round_alone(opened: Open) -> None:
    """New steps are offered; ``r`` starts a round that includes them."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(120, 36)) as pilot:
        screen = await started(it, pilot)
        before = screen.round
        await pilot.press("down")
        it.append(captures.rich()[2:60])
        await it.settled(pilot)
        assert screen.round == before
        assert screen.view.choices.highlighted == 1
        assert "r: new questions" in screen_text(it.app)
        await pilot.press("r")
        await it.settled(pilot)
        assert screen.round.steps == it.app.story.count
        assert screen.round.questions != before.questions
        assert "r: new questions" not in screen_text(it.app)


async def test_the_first_questions_appear_by_themselves(opened: Open) -> None:
    """An empty quiz says what is needed, and asks as soon as it has arrived."""
    it = opened([captures.started()])
    async with it.app.run_test(size=(80, 24)) as pilot:
        screen = await started(it, pilot)
        assert "Waiting for the first request" in screen_text(it.app)
        await pilot.press("h", "s", "r", "enter", "down")
        it.append(captures.seed()[1:])
        await until(pilot, lambda: bool(screen.round.questions))
        await it.settled(pilot)
        assert "Question 1 of" in screen_text(it.app)
        assert it.app.focused is screen.view.choices


async def test_steps_without_a_question(opened: Open) -> None:
    """Without cookies there is nothing to ask, and the screen says so."""
    it = opened([captures.started(), captures.client(), *captures.visit(1, "http://a.test/")])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await started(it, pilot)
        assert "No questions yet." in screen_text(it.app)


async def test_a_long_trace_is_read_in_parts(opened: Open) -> None:
    """The round starts once all steps were read; keys work meanwhile."""
    it = opened(event for batch in captures.many(1_500) for event in batch)
    async with it.app.run_test(size=(100, 30)) as pilot:
        await it.settled(pilot)
        await pilot.press("6")
        await until(pilot, lambda: isinstance(it.app.mode_screen, QuizScreen) and quiz(it).ready)
        await pilot.press("left")
        assert it.app.story.step == it.app.story.count - 1
        await it.settled(pilot)
        assert "Question 1 of" in screen_text(it.app)
        assert quiz(it).round.steps == it.app.story.count


async def test_nothing_in_focus(opened: Open) -> None:
    """If all traffic is outside the focus, the screen says so; ``O`` shows everything."""
    it = opened(captures.seed(), focus=Focus(host="elsewhere.test"))
    async with it.app.run_test(size=(80, 24)) as pilot:
        await started(it, pilot)
        assert "Nothing is in focus" in screen_text(it.app)
        await pilot.press("O")
        await until(pilot, lambda: "Question 1 of" in screen_text(it.app))


async def test_nothing_was_recorded(opened: Open) -> None:
    """A capture that ended without a request says so."""
    it = opened([captures.started(), captures.stopped()], live=False)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await started(it, pilot)
        assert "Nothing was recorded" in screen_text(it.app)


async def test_hidden_values_stay_hidden(opened: Open) -> None:
    """``m`` rewords the questions without values, and keeps the place."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(140, 48)) as pilot:
        screen = await started(it, pilot)
        await choose(it, pilot, 0)
        await pilot.press("enter", "m")
        await it.settled(pilot)
        assert screen.round.at == 1
        assert screen.round.score.asked == 1
        values = ("eyJ1c2VyIjoiYWxpY2UifQ", "u-771")
        for one in screen.round.questions:
            words = " ".join((one.prompt, one.hint, one.feedback, *(o.text for o in one.options)))
            assert [value for value in values if value in words] == []
        await pilot.press("m")
        await it.settled(pilot)
        assert screen.round.at == 1


async def test_another_focus_is_another_round(opened: Open) -> None:
    """The questions are about what is in focus."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(100, 36)) as pilot:
        screen = await started(it, pilot)
        it.app.story.set_focus(Focus(host="ads.test"))
        screen.show_story()
        await it.settled(pilot)
        assert screen.round.at == 0
        assert screen.round.steps == it.app.story.count
        assert all(one.step <= it.app.story.count for one in screen.round.questions)


async def test_the_bars_give_no_answers(opened: Open) -> None:
    """Notices about the trace are not shown beside a question about it."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(100, 36)) as pilot:
        await it.settled(pilot)
        assert "bank.test" in screen_text(it.app)
        await started(it, pilot)
        assert "bank.test" not in screen_text(it.app)


async def test_hostile_text_is_shown_as_text(opened: Open) -> None:
    """Markup, escapes and line breaks from the wire are shown escaped."""
    name = "[red]x"
    value = "[/][bold]\u202e\x1b[31m"
    url = "https://shop.test/[b]"
    events = [
        captures.started(),
        captures.client(),
        *captures.visit(1, url, set_cookies=[f"{name}={value}; Path=/", "a=1; Domain=[i]test"]),
        *captures.visit(2, url, cookie=f"{name}={value}", set_cookies=[f"{name}=2; Path=/"]),
        *captures.visit(3, url, cookie=f"{name}=2", set_cookies=[f"{name}=2; Path=/"]),
    ]
    it = opened(events)
    async with it.app.run_test(size=(120, 40)) as pilot:
        screen = await started(it, pilot)
        assert screen.round.questions
        seen = ""
        for one in screen.round.questions:
            seen += screen_text(it.app)
            await choose(it, pilot, one.right)
            await it.settled(pilot)
            seen += screen_text(it.app)
            await pilot.press("enter")
        await it.settled(pilot)
        assert name in seen
        assert "\x1b" not in seen
        assert "\u202e" not in seen


async def test_steps_stay_on_their_keys(opened: Open) -> None:
    """Left, Right, Home and End step through the trace, as in every mode."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(100, 36)) as pilot:
        screen = await started(it, pilot)
        before = screen.round
        await pilot.press("home", "right", "right", "left")
        assert it.app.story.step == 2
        await pilot.press("end")
        assert it.app.story.step == it.app.story.count
        assert screen.round == before


async def test_a_long_question_scrolls_on_a_small_screen(opened: Open) -> None:
    """The keys below stay visible, and the explanation is scrolled into view."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(60, 16)) as pilot:
        screen = await started(it, pilot)

        def text() -> str:
            return " ".join(screen_text(it.app).split())

        def shows(word: str) -> bool:
            return word in text()

        for one in screen.round.questions:
            await until(pilot, lambda: quiz(it).round.answer is None and "answer" in text())
            await choose(it, pilot, one.right)
            await until(pilot, partial(shows, one.feedback.split()[-1]))
            assert "next question" in text() or "summary" in text()
            await pilot.press("enter")
