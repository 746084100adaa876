"""A round of the quiz: its questions, the user's answers, and the score."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.quiz import Question


class Score(msgspec.Struct, frozen=True):
    """How many of the answers were right."""

    right: int = 0
    asked: int = 0

    def plus(self, right: bool) -> Score:
        """Return the score with one more answer."""
        return Score(self.right + right, self.asked + 1)

    @property
    def text(self) -> str:
        """The score in words."""
        return f"{self.right} of {self.asked} right"


class Answer(msgspec.Struct, frozen=True):
    """What the user chose."""

    choice: int | None
    """The index of the option; None if the question no longer has that option."""
    right: bool


class Round(msgspec.Struct, frozen=True):
    """A fixed list of questions, and how far the user has come."""

    questions: tuple[Question, ...] = ()
    seed: int = 0
    focus: Focus = Focus()
    """The focus when the questions were made."""
    steps: int = 0
    """How many steps there were then."""
    answers: tuple[Answer, ...] = ()
    at: int = 0
    """The index of the current question; after the last one comes the summary."""

    @property
    def question(self) -> Question | None:
        """The current question; None at the end."""
        return self.questions[self.at] if self.at < len(self.questions) else None

    @property
    def answer(self) -> Answer | None:
        """The answer to the current question; None if there is none yet."""
        return self.answers[self.at] if self.at < len(self.answers) else None

    @property
    def score(self) -> Score:
        """The score so far."""
        return Score(sum(answer.right for answer in self.answers), len(self.answers))

    @property
    def missed(self) -> tuple[Question, ...]:
        """The questions that were answered wrong, in their order."""
        pairs = zip(self.questions, self.answers, strict=False)
        return tuple(question for question, answer in pairs if not answer.right)

    def answered(self, choice: int) -> Round:
        """Return the round with the current question answered; a second answer has no effect."""
        question = self.question
        if question is None or self.answer is not None:
            return self
        answer = Answer(choice, question.is_right(choice))
        return msgspec.structs.replace(self, answers=(*self.answers, answer))

    def advanced(self) -> Round:
        """Return the round at the next question, or at the end, if this one was answered."""
        if self.answer is None:
            return self
        return msgspec.structs.replace(self, at=self.at + 1)

    def reworded(self, reword: Callable[[Question], Question | None]) -> Round | None:
        """Return the round with its questions worded for another table of the same steps.

        Return None if that table does not have one of the questions.
        """
        questions = tuple(reword(question) for question in self.questions)
        if None in questions:
            return None
        reworded = tuple(question for question in questions if question is not None)
        answers = tuple(
            Answer(_same_option(before, now, answer.choice), answer.right)
            for before, now, answer in zip(self.questions, reworded, self.answers, strict=False)
        )
        return msgspec.structs.replace(self, questions=reworded, answers=answers)


def _same_option(before: Question, now: Question, choice: int | None) -> int | None:
    """Return the index that the chosen option has now."""
    if choice is None:
        return None
    claim = before.options[choice].claim
    return next((i for i, option in enumerate(now.options) if option.claim == claim), None)
