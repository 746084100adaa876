"""A few questions for a lesson: as many as suit the trace, and those that teach the most."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cookietrace.lesson.quiz.board import QUESTIONS, QuizBoard
from cookietrace.lesson.quiz.question import Question

FEWEST = 3
"""How many questions a trace of one or two steps gets."""

MOST = 12
"""How many a long trace gets: as many as a class can discuss."""

STEPS_PER_QUESTION = 3
"""How many steps call for one more question."""


def suited(steps: int) -> int:
    """Return how many questions suit a trace of so many steps."""
    return min(MOST, FEWEST + steps // STEPS_PER_QUESTION)


def best_questions(
    board: QuizBoard, steps: int, *, problem_steps: Collection[int] = (), count: int | None = None
) -> tuple[Question, ...]:
    """Return the ``count`` best questions about a table of so many steps; None for what suits.

    Up to half of them are about ``problem_steps``, if those can be asked about. The others are of
    as many kinds as possible, the most instructive first.
    """
    count = suited(steps) if count is None else count
    if count <= 0:
        return ()
    found = board.questions(count=max(count, QUESTIONS), first=problem_steps)
    return best_of(found, count, problem_steps)


def best_of(
    found: Sequence[Question], count: int, problem_steps: Collection[int]
) -> tuple[Question, ...]:
    """Return the ``count`` best of at least ``QUESTIONS`` questions, as ``best_questions`` does."""
    about = [question for question in found if question.step in problem_steps]
    chosen = about[: (count + 1) // 2]
    chosen += [question for question in found if question not in chosen][: count - len(chosen)]
    return tuple(question for question in found if question in chosen)
