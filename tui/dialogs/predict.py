"""Asks what the next step will do, then shows the step and the explanation."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.lesson.quiz import Question
from tui.dialogs.base import PAGE, Dialog
from tui.messages import QuizAnswered, StepRequested
from tui.state.quiz_round import Answer, Score
from tui.widgets.choices import Choices
from tui.widgets.question_view import QuestionView

_KEYS_ASKING = "Enter answers · h hint · Esc shows the step"
_KEYS_ANSWERED = "Enter closes · → next step"


class PredictResult(StrEnum):
    """How the dialog was closed."""

    ANSWERED = "answered"
    NEXT = "next"
    """The user wants to be asked about the next step."""


class PredictDialog(Dialog[PredictResult]):
    """Asks one question; returns None if the user closes it without an answer."""

    KEYS = _KEYS_ASKING
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "hint", "Hint", show=False),
        Binding("right", "next", "Next step", show=False),
    ]

    def __init__(self, question: Question, score: Score, *, hide: bool) -> None:
        """``score`` is the score so far; ``hide`` covers the screen until there is an answer."""
        super().__init__(classes="-hiding" if hide else None)
        self.HEADING = f"What will step {question.label} do?"  # type: ignore[misc]
        self._question = question
        self._score = score
        self._answer: Answer | None = None

    def content(self) -> Iterable[Widget]:
        """Yield the question, as the quiz shows it."""
        view = QuestionView()
        view.add_class(PAGE)
        yield view

    @property
    def view(self) -> QuestionView:
        """The widget with the question."""
        return self.query_one(QuestionView)

    def on_mount(self) -> None:
        """Show the question, and give its options the keyboard focus."""
        self.view.show(self._question)
        self.view.choices.focus()

    @on(QuestionView.Chosen)
    def _chosen(self, event: QuestionView.Chosen) -> None:
        event.stop()
        if self._answer is not None:
            return
        self._answer = Answer(event.choice, self._question.is_right(event.choice))
        score = self._score.plus(self._answer.right)
        self.post_message(QuizAnswered(right=self._answer.right))
        self.post_message(StepRequested(self._question.step))
        self.view.show(self._question, self._answer)
        self.query_one(".dialog-keys", Static).update(f"{score.text} · {_KEYS_ANSWERED}")
        self.remove_class("-hiding")

    @on(Choices.Continued)
    def _continued(self, event: Choices.Continued) -> None:
        event.stop()
        self.action_leave()

    def action_hint(self) -> None:
        """Show the hint."""
        if self._answer is None:
            self.view.show_hint(self._question)

    def action_next(self) -> None:
        """Continue with the next step, if this question is answered."""
        if self._answer is not None:
            self.dismiss(PredictResult.NEXT)

    def action_leave(self) -> None:
        """Close, with or without an answer."""
        self.dismiss(PredictResult.ANSWERED if self._answer is not None else None)
