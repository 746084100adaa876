"""The quiz of a table: questions drawn from its steps, the same for the same seed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from random import Random

import msgspec

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.quiz.kinds import KINDS, PREDICTIONS
from cookietrace.lesson.quiz.question import Question, QuestionContext
from cookietrace.lesson.table import Table

QUESTIONS = 16
"""How many questions a quiz has, if the trace yields that many."""

MOST_STEPS = 240
"""How many steps of a long table are used for questions, chosen at random."""


class QuizBoard:
    """Makes questions about a table."""

    def __init__(self, table: Table, histories: CookieHistories | None = None) -> None:
        """Use a table; ``histories`` can be shared with other boards of the same trace."""
        self._table = table
        self._histories = histories if histories is not None else CookieHistories(table.trace)

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Apply a change of the trace, which the table must have applied before.

        Reads at most ``limit`` new exchanges. Returns True if none is left.
        """
        return self._histories.update(update, limit)

    def questions(
        self, seed: int = 0, count: int = QUESTIONS, first: Collection[int] = ()
    ) -> tuple[Question, ...]:
        """Return up to ``count`` questions about the table as it is now.

        Every kind is asked once before any is asked twice, about a step in ``first`` if
        possible. The same arguments give the same questions. A long table is sampled.
        """
        found: tuple[Question, ...] = ()
        for so_far in self.asking(seed, count, first):
            found = so_far
        return found

    def asking(
        self, seed: int = 0, count: int = QUESTIONS, first: Collection[int] = ()
    ) -> Iterator[tuple[Question, ...]]:
        """Yield the same bit by bit: what has been found so far, after each step looked at.

        The last is what ``questions`` returns, if the table does not change meanwhile.
        """
        self.update()
        table = self._table
        random = Random(seed)  # noqa: S311 - a quiz keeps no secrets
        steps = list(range(1, len(table) + 1))
        if len(steps) > MOST_STEPS:
            steps = random.sample(steps, MOST_STEPS)
        wanted = sorted(step for step in set(first) if 1 <= step <= len(table))
        waiting = {
            kind: iter(dict.fromkeys((*wanted, *random.sample(steps, len(steps)))))
            for kind in KINDS
        }
        found: dict[str, Question] = {}
        while waiting and len(found) < count:
            for kind in tuple(waiting):
                if len(found) == count:
                    break
                question = None
                for step in waiting[kind]:
                    question = self.ask(kind, step, seed)
                    yield tuple(found.values())
                    if question is not None and question.prompt not in found:
                        found[question.prompt] = question
                        break
                else:
                    del waiting[kind]
        yield tuple(found.values())

    def again(self, question: Question, seed: int = 0) -> Question | None:
        """Return the question of the same kind and step for this table and seed.

        This turns a question of another table with the same steps into this table's
        words, e.g. with values masked. None if this table has no such question; raises
        ``IndexError`` if it has no such step.
        """
        return self.ask(question.kind, question.step, seed)

    def predict(self, step: int, seed: int = 0) -> Question | None:
        """Return a question about what a step will do, to be asked before it is shown.

        None if there is nothing worth asking. Raises ``IndexError`` if there is no
        such step.
        """
        self.update()
        for kind in PREDICTIONS:
            question = self.ask(kind, step, seed)
            if question is None:
                continue
            if question.hint_step < step:
                return question
            return msgspec.structs.replace(
                question,
                hint="This step is still hidden. Look at what the jar holds now, and at where it "
                "can be sent.",
                hint_step=max(1, step - 1),
            )
        return None

    def ask(self, kind: str, step: int, seed: int = 0) -> Question | None:
        """Return the question of a kind (a key of ``KINDS``) about a step; None if there is none.

        Raises ``IndexError`` if there is no such step.
        """
        return KINDS[kind](QuestionContext(self._table, self._histories, step, kind, seed))


def quiz(table: Table, seed: int = 0, count: int = QUESTIONS) -> tuple[Question, ...]:
    """Return questions about a table as it is now; a screen keeps a ``QuizBoard``."""
    return QuizBoard(table).questions(seed, count)
