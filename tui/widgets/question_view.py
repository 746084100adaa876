"""One question: its prompt, its options, and the feedback to the answer."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static

from cookietrace.lesson.quiz import Question
from tui.state.quiz_round import Answer
from tui.widgets.choices import Choice, Choices

RIGHT: Final = ("✓", "$success")
WRONG: Final = ("✗", "$error")


class QuestionView(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Shows a question, and later the answer; posts ``Chosen``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Scroll up", show=False),
        Binding("down,j", "scroll_down", "Scroll down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
    ]

    class Chosen(Message):
        """The user chose an option of ``question``; None if the list shows something else."""

        def __init__(self, question: Question | None, choice: int) -> None:
            super().__init__()
            self.question = question
            self.choice = choice

    def __init__(self) -> None:
        super().__init__()
        self._question: Question | None = None

    def compose(self) -> ComposeResult:
        """Yield the prompt, the options, and the feedback."""
        yield Static(classes="question-prompt", markup=False)
        yield Choices()
        yield Static(classes="question-feedback", markup=False)

    @property
    def choices(self) -> Choices:
        """The options, which take the keyboard focus."""
        return self.query_one(Choices)

    def show(self, question: Question, answer: Answer | None = None) -> None:
        """Show a question, or how it was answered."""
        self.show_text(Content.styled(question.prompt, "bold $foreground"))
        self._question = question
        choices = [_choice(question, index, answer) for index in range(len(question.options))]
        self.choices.show(choices, locked=answer is not None)
        if answer is None:
            self.show_feedback(Content(""))
            self.scroll_home(animate=False)
            return
        sign, tone = RIGHT if answer.right else WRONG
        word = "Right." if answer.right else f"Wrong: {RIGHT[0]} marks the right answer."
        self.show_feedback(
            Content.assemble(
                (f"{sign} {word}\n", f"bold {tone}"), (question.feedback, "$foreground")
            )
        )

    def show_hint(self, question: Question) -> None:
        """Show the hint of the question."""
        self.show_feedback(
            Content.assemble(("Hint  ", "bold $foreground"), (question.hint, "$foreground"))
        )

    def show_text(self, text: Content) -> None:
        """Show a text above the options, which then belong to no question."""
        self._question = None
        self.query_one(".question-prompt", Static).update(text)

    def show_feedback(self, text: Content) -> None:
        """Show a text below the options, and scroll to it."""
        feedback = self.query_one(".question-feedback", Static)
        feedback.update(text)
        feedback.display = bool(text.plain)
        if feedback.display:
            self.call_after_refresh(self.scroll_end, animate=False)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option not in self.choices.options:
            return  # an option of an earlier question
        self.post_message(self.Chosen(self._question, event.option_index))


def _choice(question: Question, index: int, answer: Answer | None) -> Choice:
    text = question.options[index].text
    if answer is None:
        return Choice("○", "$quiet", text)
    if question.is_right(index):
        return Choice(RIGHT[0], f"bold {RIGHT[1]}", text, "bold $foreground")
    if index == answer.choice:
        return Choice(WRONG[0], f"bold {WRONG[1]}", text)
    return Choice(" ", "", text, "$quiet")
