"""What will the next step do? Asked before it is shown; the answer is told with the step itself."""

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
from tui.messages import QuizAnswered, StepWanted
from tui.state.quiz_round import Answer, Score
from tui.widgets.choices import Choices
from tui.widgets.question_view import QuestionView

_ASKING = "Enter answers · h hint · Esc just shows it"
_TOLD = "Enter leaves · → the next step"


class Left(StrEnum):
    """How the dialog was left."""

    ANSWERED = "answered"
    ON = "on"
    """A person wants to be asked about the next step."""


class PredictDialog(Dialog[Left]):
    """Asks, then shows the step with the explanation; dismisses with None without an answer."""

    FOOT = _ASKING
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "hint", "Hint", show=False),
        Binding("right", "on", "The next step", show=False),
    ]

    def __init__(self, question: Question, score: Score, *, hide: bool) -> None:
        """``score`` is the one before this; ``hide`` covers the screen until there is an answer."""
        super().__init__(classes="-hiding" if hide else None)
        self.HEADING = f"What will step {question.step:,} do?"  # type: ignore[misc]
        self._question = question
        self._score = score
        self._answer: Answer | None = None

    def content(self) -> Iterable[Widget]:
        """The question, as the quiz shows it."""
        view = QuestionView()
        view.add_class(PAGE)
        yield view

    @property
    def view(self) -> QuestionView:
        """The question."""
        return self.query_one(QuestionView)

    def on_mount(self) -> None:
        """Ask."""
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
        self.post_message(StepWanted(self._question.step))
        self.view.show(self._question, self._answer)
        self.query_one(".dialog-foot", Static).update(f"{score.told} · {_TOLD}")
        self.remove_class("-hiding")

    @on(Choices.Left)
    def _left(self, event: Choices.Left) -> None:
        event.stop()
        self.action_leave()

    def action_hint(self) -> None:
        """Say where to look."""
        if self._answer is None:
            self.view.show_hint(self._question)

    def action_on(self) -> None:
        """Go on to the next step, once this one is answered."""
        if self._answer is not None:
            self.dismiss(Left.ON)

    def action_leave(self) -> None:
        """Leave; where there is no answer yet, without one."""
        self.dismiss(Left.ANSWERED if self._answer is not None else None)
