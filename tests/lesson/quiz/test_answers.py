"""Every right answer can be derived again, and no question has two right options."""

from __future__ import annotations

from collections import Counter

import pytest

from cookietrace.lesson.quiz import KINDS, Question, QuizBoard
from cookietrace.lesson.table import Table
from tests.lesson.quiz.checks import CHECKS, Case
from tests.lesson.random_traces import random_story
from tests.story import seed_story

TRACES = 210
BATCH = 35


def assert_sound(case: Case) -> None:
    """The options differ, and exactly the one that counts as right is true."""
    question = case.question
    assert len({option.text for option in question.options}) == 4
    assert len({option.claim for option in question.options}) == 4
    held = [
        index
        for index, option in enumerate(question.options)
        if CHECKS[question.kind](case, option.claim)
    ]
    assert held == [question.right], (question, case.events)
    assert 1 <= question.step <= len(case.table)
    assert 1 <= question.hint_step <= len(case.table)
    assert question.prompt
    assert question.hint
    assert question.feedback


def every_question(board: QuizBoard, steps: int, seed: int, count: int = 40) -> list[Question]:
    """A long quiz, plus the questions asked before each step is shown."""
    asked = list(board.questions(seed, count))
    for step in range(1, steps + 1):
        question = board.predict(step, seed)
        if question is not None and question.prompt not in {other.prompt for other in asked}:
            asked.append(question)
    return asked


@pytest.mark.parametrize("batch", range(TRACES // BATCH))
def test_every_answer_is_derived_again(batch: int) -> None:
    """In hundreds of random traces, the check of each kind finds exactly the right option."""
    kinds: Counter[str] = Counter()
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        story = random_story(seed)
        table = Table(story.trace())
        for question in every_question(QuizBoard(table), len(table), seed):
            assert_sound(Case(story.events, table, question))
            kinds[question.kind] += 1
    assert set(kinds) == set(KINDS), f"never asked: {set(KINDS) - set(kinds)}"


def test_seed_answers() -> None:
    """The seed trace's questions are sound for any seed of the quiz."""
    story = seed_story()
    table = Table(story.trace())
    for seed in range(20):
        for question in every_question(QuizBoard(table), len(table), seed):
            assert_sound(Case(story.events, table, question))


def test_every_kind_has_a_check() -> None:
    """Every kind has a check."""
    assert set(CHECKS) == set(KINDS)
