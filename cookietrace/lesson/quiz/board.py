"""Mode 6, the quiz of a table: questions drawn from its steps, the same for the same seed."""

from __future__ import annotations

from random import Random

import msgspec

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.quiz.kinds import KINDS, PREDICTIONS
from cookietrace.lesson.quiz.question import Question, QuestionContext
from cookietrace.lesson.table import Table

QUESTIONS = 16
"""How many questions a quiz has, where the trace yields that many."""

MOST_STEPS = 240
"""How many steps of a long table are looked at for questions, drawn by lot."""


class QuizBoard:
    """Asks questions of a table."""

    def __init__(self, table: Table, histories: CookieHistories | None = None) -> None:
        """Look at a table; ``histories`` may be shared with others that look at the same trace."""
        self._table = table
        self._histories = histories if histories is not None else CookieHistories(table.trace)

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Take in what changed; the table has taken it in before.

        Looks at no more than ``limit`` new exchanges. Returns True where none is left.
        """
        return self._histories.update(update, limit)

    def questions(self, seed: int = 0, count: int = QUESTIONS) -> tuple[Question, ...]:
        """Return up to ``count`` questions on the table as it is now.

        Every kind gets a turn before any gets a second one. The same table, seed
        and count give the same questions. A long table is sampled.
        """
        self.update()
        table = self._table
        random = Random(seed)  # noqa: S311 - a quiz keeps no secrets
        steps = list(range(1, len(table) + 1))
        if len(steps) > MOST_STEPS:
            steps = random.sample(steps, MOST_STEPS)
        waiting = {kind: iter(random.sample(steps, len(steps))) for kind in KINDS}
        found: dict[str, Question] = {}
        while waiting and len(found) < count:
            for kind in tuple(waiting):
                question = next(
                    (
                        asked
                        for step in waiting[kind]
                        if (asked := self._ask(kind, step, seed)) is not None
                        and asked.prompt not in found
                    ),
                    None,
                )
                if question is None:
                    del waiting[kind]
                elif len(found) < count:
                    found[question.prompt] = question
        return tuple(found.values())

    def again(self, question: Question, seed: int = 0) -> Question | None:
        """Return the question of that kind on that step of this table, drawn with that seed.

        So a question of another table of the same steps comes in this one's words, e.g.
        with values hidden. None where there is none here; raises ``IndexError`` where there
        is no such step.
        """
        return self._ask(question.kind, question.step, seed)

    def predict(self, step: int, seed: int = 0) -> Question | None:
        """Return a question on what a step will do, to be asked before it is shown.

        None where there is nothing worth context. Raises ``IndexError`` where
        there is no such step.
        """
        self.update()
        for kind in PREDICTIONS:
            question = self._ask(kind, step, seed)
            if question is None:
                continue
            if question.hint_step < step:
                return question
            return msgspec.structs.replace(
                question,
                hint="The step is still to come: look at what the jar holds now, and at where it "
                "may go.",
                hint_step=max(1, step - 1),
            )
        return None

    def _ask(self, kind: str, step: int, seed: int) -> Question | None:
        return KINDS[kind](QuestionContext(self._table, self._histories, step, kind, seed))


def quiz(table: Table, seed: int = 0, count: int = QUESTIONS) -> tuple[Question, ...]:
    """Return questions on a table as it is now; a screen keeps a ``QuizBoard``."""
    return QuizBoard(table).questions(seed, count)
