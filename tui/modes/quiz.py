"""Mode 6, the visual quiz: questions about this trace, answered by keyboard or mouse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

import msgspec
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.lesson.modes import QUIZ
from tui.messages import QuizAnswered
from tui.modes.base import ModeScreen
from tui.state.quiz_round import Round
from tui.state.story import Change
from tui.widgets.choices import Choice, Choices
from tui.widgets.empty_state import EmptyState
from tui.widgets.guide import Guide
from tui.widgets.key_line import Key, KeyLine
from tui.widgets.notice_line import NoticeLine
from tui.widgets.question_view import RIGHT, WRONG, QuestionView

_RETRY_SECONDS: Final = 0.4
"""Seconds between two attempts to make questions while there are none."""

_AT_ONCE: Final = 0.001
_ENTER, _HINT, _NEW = "Enter", "h", "r"


class QuizScreen(ModeScreen):
    """A round of questions. They are made once, and stay the same while the trace grows."""

    MODE = QUIZ
    GUIDE = Guide(
        title="Visual quiz",
        text=(
            "Questions made from this trace, each with four options and one right answer. The "
            "answers are computed from the trace itself, some with one thing changed. New traffic "
            "does not change the current round. Press p to be asked in every mode what the next "
            "step will do; those answers count too."
        ),
        signs=((RIGHT[0], "success", "the right answer"), (WRONG[0], "error", "a wrong answer")),
        keys=(
            ("↑ ↓ Enter", "choose an answer, or click it"),
            ("h", "hint: where to look"),
            ("s", "go to the step in question; 6 comes back"),
            ("Enter", "after the answer: the next question"),
            ("r", "new round with other questions"),
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "hint", "Hint", show=False),
        Binding("s", "go_to_step", "Go to the step", show=False),
        Binding("r", "new_round", "New round", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """Yield a heading, the question, and its keys."""
        self._round = Round()
        self._table: object = None
        """The table that the questions were worded for."""
        self._hinted = False
        self._retry_due = False
        self._reading = False
        """True while the board still reads the trace to make a round."""
        with Container(id="quiz"):
            yield Static(id="quiz-head", markup=False)
            yield QuestionView()
            yield KeyLine(id="quiz-keys")
        yield EmptyState(promise="Questions about the requests and their cookies appear here.")

    @property
    def view(self) -> QuestionView:
        """The widget with the question."""
        return self.query_one(QuestionView)

    def on_mount(self) -> None:
        """Give the options the keyboard focus."""
        self.view.choices.focus()

    def on_resize(self) -> None:
        """Limit the question's height, so that the keys below it stay visible."""
        self.call_after_refresh(self._share_room)

    def _share_room(self) -> None:
        others = (self.query_one("#quiz-head"), self.query_one("#quiz-keys"))
        taken = sum(widget.size.height + widget.styles.margin.height for widget in others)
        self.view.styles.max_height = max(1, self.query_one("#quiz").size.height - taken)

    @property
    def at_rest(self) -> bool:
        """True if no round is being made."""
        return not self._retry_due and not self._reading

    @property
    def round(self) -> Round:
        """The current round."""
        return self._round

    # Making a round -----------------------------------------------------------------------

    def refresh_bars(self) -> None:
        """Update the score; hide the notices, which may give an answer away."""
        super().refresh_bars()
        self.query_one(NoticeLine).display = False
        self._ask_or_advise()
        self._show_head()

    def _ask_or_advise(self) -> None:
        """Show the question, or what to do while there are no steps."""
        box, empty = self.query_one("#quiz"), self.query_one(EmptyState).advise(self.story)
        if box.display is empty:
            box.display = not empty
            if not empty:
                self.call_after_refresh(self.view.choices.focus)

    def body_changed(self, change: Change) -> None:
        """Try again soon if there are no questions; never change existing ones."""
        del change
        if not self._round.questions and not self._retry_due:
            self._retry_due = True
            self.set_timer(_RETRY_SECONDS, self._retry)

    def refresh_body(self) -> None:
        """Make a round for a new focus; reword the round if values were hidden or shown."""
        story = self.story
        if self._table is story.table:
            return
        self._table = story.table
        if self._round.questions and self._round.focus == story.focus:
            story.boards.quiz.catch_up()
            board = story.boards.quiz.board
            seed = self._round.seed
            reworded = self._round.reworded(lambda question: board.again(question, seed))
            if reworded is not None:
                self._round = reworded
                self._show_question()
                return
        self._start_round(self._round.seed)

    def _retry(self) -> None:
        self._retry_due = False
        if self.ready and not self._round.questions:
            self._start_round(self._round.seed)

    def _start_round(self, seed: int) -> None:
        """Make a round, as soon as the board has read the whole trace."""
        self._round = Round(seed=seed, focus=self.story.focus)
        self._hinted = False
        if not self._reading:
            self._reading = True
            self._read_more()

    def _read_more(self) -> None:
        """Let the board read one portion; at the end, ask the first question."""
        if not self.ready:
            return
        story = self.story
        if not story.boards.quiz.catch_up():
            self._show_question()
            self.set_timer(_AT_ONCE, self._read_more)
            return
        self._reading = False
        questions = story.boards.quiz.board.questions(self._round.seed)
        self._round = msgspec.structs.replace(
            self._round, questions=questions, focus=story.focus, steps=story.count
        )
        self._show_question()

    # Showing it ---------------------------------------------------------------------------

    def _show_head(self) -> None:
        now, total = self._round, self.story.score
        parts: list[tuple[str, str]] = []
        if now.question is not None:
            parts.append((f"Question {now.at + 1} of {len(now.questions)}", "bold $foreground"))
        elif now.questions:
            parts.append(("The round is over", "bold $foreground"))
        if now.answers:
            parts.append((f"  {now.score.text}", "$foreground"))
        if total.asked > now.score.asked:
            parts.append((f"  {total.text} in all", "$quiet"))
        more = self.story.count - now.steps
        if now.questions and more > 0:
            parts.append((f"  {_NEW}: new questions, {more:,} more steps", "$quiet"))
        self.query_one("#quiz-head", Static).update(Content.assemble(*parts))

    def _show_question(self) -> None:
        self._show_head()
        now, view = self._round, self.view
        question = now.question
        if question is not None:
            view.show(question, now.answer)
            if self._hinted and now.answer is None:
                view.show_hint(question)
        elif now.questions:
            self._show_summary()
        else:
            view.show_text(Content.assemble(*self._nothing()))
            view.choices.show((), locked=True)
            view.show_feedback(Content(""))
        self._show_keys()

    def _show_summary(self) -> None:
        """Show the questions that were answered wrong."""
        view = self.view
        heading = "Look at these again:" if self._round.missed else "All answers were right."
        view.show_text(Content.styled(heading, "bold $foreground"))
        view.choices.show(
            [
                Choice(WRONG[0], f"bold {WRONG[1]}", question.prompt)
                for question in self._round.missed
            ],
            locked=not self._round.missed,
        )
        view.show_feedback(Content(""))
        view.scroll_home(animate=False)

    def _show_keys(self) -> None:
        now = self._round
        question, new = now.question, Key(_NEW, "new round", "screen.new_round")
        keys: list[Key] = []
        if question is not None and now.answer is None:
            keys.append(Key("↑ ↓", "choose"))
            keys.append(Key(_ENTER, "answer", "screen.enter"))
            if self._hinted:
                keys.append(Key("s", f"look at step {question.hint_label}", "screen.go_to_step"))
            else:
                keys.append(Key(_HINT, "hint", "screen.hint"))
        elif question is not None:
            last = now.at + 1 == len(now.questions)
            keys.append(Key(_ENTER, "summary" if last else "next question", "screen.enter"))
            keys.append(Key("s", f"go to step {question.label}", "screen.go_to_step"))
        elif now.questions:
            if now.missed:
                keys.append(Key(_ENTER, "go to the step", "screen.enter"))
            keys.append(new)
        self.query_one("#quiz-keys", KeyLine).show(*keys)

    def _nothing(self) -> list[tuple[str, str]]:
        """Return what to do before there can be questions."""
        if self._reading:
            how_far = self.story.boards.reading
            return [(f"Reading the trace … {how_far}".rstrip(), "$quiet")]
        how = "Questions are made from this trace. Visit a page that sets a cookie, "
        return [
            ("No questions yet.\n\n", "bold $foreground"),
            (f"{how}then visit it again: the first questions will appear here.", "$quiet"),
        ]

    # Keys and mouse -----------------------------------------------------------------------

    @on(QuestionView.Chosen)
    def _chosen(self, event: QuestionView.Chosen) -> None:
        event.stop()
        now = self._round
        if event.question != now.question:
            return  # meant for an earlier question
        if now.question is None:
            if event.choice < len(now.missed):
                self._go(now.missed[event.choice].step)
            return
        self._round = now.answered(event.choice)
        if self._round.answer is not None and now.answer is None:
            self.post_message(QuizAnswered(right=self._round.answer.right))
        self._show_question()

    @on(Choices.Continued)
    def _continued(self, event: Choices.Continued) -> None:
        event.stop()
        self._round = self._round.advanced()
        self._hinted = False
        self._show_question()

    def action_enter(self) -> None:
        """Do what Enter does, for a mouse click."""
        self.view.choices.focus()
        self.view.choices.action_enter()

    def action_hint(self) -> None:
        """Show the hint."""
        question = self._round.question
        if question is not None and self._round.answer is None:
            self._hinted = True
            self.view.show_hint(question)
            self._show_keys()

    def action_go_to_step(self) -> None:
        """Go to the step of the hint, or of the explanation."""
        question = self._round.question
        if question is None:
            return
        if self._round.answer is not None:
            self._go(question.step)
        elif self._hinted:
            self._go(question.hint_step)

    def _go(self, step: int) -> None:
        self.open_in_table(step)
        self.notify(
            f"Step {self.story.table.label(step)}. Press {self.MODE.key} to go back to the quiz.",
            timeout=4,
        )

    def action_new_round(self) -> None:
        """Make other questions, also from new traffic."""
        if self._round.questions:
            self._start_round(self._round.seed + 1)
