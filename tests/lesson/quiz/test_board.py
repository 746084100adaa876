"""The quiz of a table: the seed's questions, repeatable, safe, for tables of any length."""

from __future__ import annotations

import msgspec
import pytest

from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.mask import masked
from cookietrace.lesson.quiz import KINDS, PREDICTIONS, Question, QuizBoard, quiz
from cookietrace.lesson.quiz.board import MOST_STEPS
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from tests.lesson.random_traces import random_story
from tests.lesson.visits import CLICK, Visit, story_of
from tests.story import seed_story

SEED = Focus(path="/", cookies=("user",))


def right(question: Question) -> str:
    """The right option's text."""
    return question.options[question.right].text


def of_kind(questions: tuple[Question, ...], kind: str) -> list[Question]:
    """The questions of one kind, by step."""
    found = [question for question in questions if question.kind == kind]
    return sorted(found, key=lambda question: question.step)


@pytest.mark.parametrize("seed", range(6))
def test_seed(seed: int) -> None:
    """The seed's quiz asks what is read first, when it is sent, and what if it is not set."""
    questions = quiz(Table(seed_story().trace(), SEED), seed)
    first_read = of_kind(questions, "server-reads")[0]
    assert first_read.prompt == ("What does the view index read for the cookie 'user' in step 1?")
    assert right(first_read) == "None"
    assert "contains no 'user'" in first_read.feedback
    (sent,) = of_kind(questions, "first-sent")
    assert right(sent) == "Step 3"
    assert "The response in step 1 sets 'user' to 'Alice'" in sent.feedback
    (stops,) = of_kind(questions, "stops-setting")
    assert stops.step == 3
    assert right(stops) == (
        "It stays in the jar, and the next visit to that page sends it with 'Alice'"
    )
    assert all(question.is_right(question.right) for question in questions)


def test_same_seed_same_quiz() -> None:
    """A quiz depends only on the table and the seed; another seed gives another quiz."""
    table = Table(random_story(5).trace())
    assert quiz(table, 7) == quiz(Table(random_story(5).trace()), 7)
    assert quiz(table, 7) != quiz(table, 8)
    assert QuizBoard(table).predict(1, 3) == QuizBoard(table).predict(1, 3)


def test_the_same_question_in_other_words() -> None:
    """Asked again for a masked table, a question has the same right answer."""
    story = random_story(5)
    questions = quiz(Table(story.trace()), 7)
    hidden = QuizBoard(Table(story.trace(), mask=masked))
    hidden.update()
    for question in questions:
        again = hidden.again(question, 7)
        assert again is not None
        assert (again.kind, again.step) == (question.kind, question.step)
        claims = (again.options[again.right].claim, question.options[question.right].claim)
        assert claims[0] == claims[1]
    with pytest.raises(IndexError):
        hidden.again(msgspec.structs.replace(questions[0], step=10_000), 7)


def test_every_kind_has_its_turn_first() -> None:
    """No kind is asked twice before every suitable kind has been asked once."""
    for seed in range(30):
        table = Table(random_story(seed).trace())
        asked = quiz(table, seed, count=200)
        every = {question.kind for question in asked}
        first = [question.kind for question in quiz(table, seed, count=len(every))]
        assert set(first) == every
        assert len({question.prompt for question in asked}) == len(asked)


def test_predictions_point_to_earlier_steps() -> None:
    """A question about a hidden step has its hint in an earlier step, and a suitable kind."""
    asked = 0
    for seed in range(10):
        table = Table(random_story(seed).trace())
        board = QuizBoard(table)
        for step in range(2, len(table) + 1):
            question = board.predict(step, seed)
            if question is not None:
                asked += 1
                assert question.step == step
                assert question.hint_step < step
                assert question.kind in PREDICTIONS
    assert asked > 40


def test_prediction_of_the_seed() -> None:
    """Before the seed's third step, the question is what the view will read."""
    question = QuizBoard(Table(seed_story().trace(), SEED)).predict(3)
    assert question is not None
    assert question.kind == "server-reads"
    assert right(question) == "'Alice'"


def test_empty_and_out_of_range() -> None:
    """Without steps there are no questions; an unknown step is an IndexError."""
    assert quiz(Table(Trace())) == ()
    with pytest.raises(IndexError):
        QuizBoard(Table(Trace())).predict(1)


def test_long_tables_are_sampled() -> None:
    """Only a limited number of a long table's steps are used, from all over the table."""
    visits = tuple(Visit(cookie=f"a={number}", sets=(f"a={number + 1}",)) for number in range(400))
    table = Table(story_of(*visits).trace())
    assert len(table) > 2 * MOST_STEPS
    steps = {question.step for question in quiz(table, 1, count=60)}
    assert len(steps) > 20
    assert max(steps) > MOST_STEPS


def test_mask() -> None:
    """With a mask, values occur only in the claims, which no screen shows."""
    secret = "hunter2hunter2"
    visits = (
        Visit(sets=(f"a={secret}", f"b={secret}; Domain=other.test"), reads=(("a", None),)),
        Visit(cookie=f"a={secret}", sets=(f"a={secret}x",), reads=(("a", secret),)),
        Visit(cookie=f"a={secret}x", sets=(f"a={secret}x",), reads=(("a", f"{secret}x"),)),
    )
    questions = quiz(Table(story_of(*visits).trace(), mask=masked), count=100)
    assert len({question.kind for question in questions}) >= 8
    for question in questions:
        texts = [question.prompt, question.hint, question.feedback]
        texts += [option.text for option in question.options]
        assert secret not in " ".join(texts)


def test_hostile_text_is_harmless() -> None:
    """No text of a question contains a character that could control a terminal."""
    evil = "\x9b31m\xe2\x80\xae"
    visits = (
        Visit(sets=(f"a{evil}=1{evil}; Path=/{evil}", f"b{evil}=1; Domain=o{evil}.test")),
        Visit(f"/{evil}", f"a{evil}=1{evil}", sets=(f"a{evil}=2",)),
        Visit("/x", sets=(f"a{evil}=2; Path=/{evil}", "c=\x011")),
    )
    questions = quiz(Table(story_of(*visits).trace()), count=100)
    assert len(questions) >= 8
    for question in questions:
        texts = [question.prompt, question.hint, question.feedback]
        texts += [option.text for option in question.options]
        for text in texts:
            assert "\x9b" not in text
            assert "\u202e" not in text
            assert "\x01" not in text


def test_redacted_captures_judge_no_line_again() -> None:
    """If values are tokens, no question needs the real ones."""
    story = story_of(
        Visit(sets=("a=1; Domain=other.test", "b=1; SameSite=None")), Visit(headers=CLICK)
    )
    story.events[0] = msgspec.structs.replace(story.events[0], redacted=True)
    questions = quiz(Table(story.trace()), count=100)
    assert of_kind(questions, "which-fixes") == []


def test_kinds() -> None:
    """There are at least ten kinds, and the predictions are among them."""
    assert len(KINDS) >= 10
    assert set(PREDICTIONS) <= set(KINDS)


def test_refused_rows_ask_why() -> None:
    """A refused row makes a question about the reason, with rules in words as options."""
    table = Table(story_of(Visit(sets=("a=1; SameSite=None",))).trace())
    assert table.trace_row(2).kind is RowKind.REFUSED
    (question,) = of_kind(quiz(table), "why-refused")
    assert right(question) == "Because it has SameSite=None without Secure"
