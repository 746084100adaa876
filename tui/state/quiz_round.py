"""A round of the quiz: what was asked, what was answered, how it went; two frozen values."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.quiz import Question


class Score(msgspec.Struct, frozen=True):
    """How many answers were right."""

    right: int = 0
    asked: int = 0

    def plus(self, right: bool) -> Score:
        """Return the score with one more answer."""
        return Score(self.right + right, self.asked + 1)

    @property
    def told(self) -> str:
        """The score in words."""
        return f"{self.right} of {self.asked} right"


class Answer(msgspec.Struct, frozen=True):
    """What a person chose."""

    choice: int | None
    """The index of the option; None where the question no longer has it."""
    right: bool


class Round(msgspec.Struct, frozen=True):
    """Questions drawn once, and a person's way through them."""

    questions: tuple[Question, ...] = ()
    seed: int = 0
    focus: Focus = Focus()
    """What was in focus as they were drawn."""
    steps: int = 0
    """How many steps there were then."""
    answers: tuple[Answer, ...] = ()
    at: int = 0
    """The index of the question that is shown; past the last one there is the summary."""

    @property
    def question(self) -> Question | None:
        """The question that is shown; None at the end."""
        return self.questions[self.at] if self.at < len(self.questions) else None

    @property
    def answer(self) -> Answer | None:
        """The answer to the question that is shown; None while there is none."""
        return self.answers[self.at] if self.at < len(self.answers) else None

    @property
    def score(self) -> Score:
        """How it went so far."""
        return Score(sum(answer.right for answer in self.answers), len(self.answers))

    @property
    def missed(self) -> tuple[Question, ...]:
        """The questions that were answered wrong, in their order."""
        pairs = zip(self.questions, self.answers, strict=False)
        return tuple(question for question, answer in pairs if not answer.right)

    def answered(self, choice: int) -> Round:
        """Return the round with the shown question answered; a second answer changes nothing."""
        question = self.question
        if question is None or self.answer is not None:
            return self
        answer = Answer(choice, question.is_right(choice))
        return msgspec.structs.replace(self, answers=(*self.answers, answer))

    def gone_on(self) -> Round:
        """Return the round at the next question, or at its end; only an answer leads on."""
        if self.answer is None:
            return self
        return msgspec.structs.replace(self, at=self.at + 1)

    def asked_again(self, again: Callable[[Question], Question | None]) -> Round | None:
        """Return the round in the words of another table of the same steps, at the same place.

        None where that table does not yield one of the questions.
        """
        questions = tuple(again(question) for question in self.questions)
        if None in questions:
            return None
        anew = tuple(question for question in questions if question is not None)
        answers = tuple(
            Answer(_same(before, now, answer.choice), answer.right)
            for before, now, answer in zip(self.questions, anew, self.answers, strict=False)
        )
        return msgspec.structs.replace(self, questions=anew, answers=answers)


def _same(before: Question, now: Question, choice: int | None) -> int | None:
    """Return where the option that was chosen stands now."""
    if choice is None:
        return None
    claim = before.options[choice].claim
    return next((i for i, option in enumerate(now.options) if option.claim == claim), None)
