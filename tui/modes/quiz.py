"""Mode 6, the visual quiz: questions on this very trace, answered with arrow keys or the mouse."""

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

from tui.messages import QuizAnswered
from tui.modes.base import ModeScreen
from tui.state.quiz_round import Round
from tui.state.story import Change
from tui.widgets.choices import Choice, Choices
from tui.widgets.empty_state import EmptyState
from tui.widgets.help_data import HelpData
from tui.widgets.key_line import Key, KeyLine
from tui.widgets.notice_line import NoticeLine
from tui.widgets.question_view import RIGHT, WRONG, QuestionView

_SOON: Final = 0.4
"""Seconds between two looks for questions while there are none yet."""

_AT_ONCE: Final = 0.001
_ENTER, _HINT, _NEW = "Enter", "h", "r"


class QuizScreen(ModeScreen):
    """A round of questions. It is drawn once, and stays while the trace grows."""

    KEY = "6"
    NAME = "Quiz"
    TITLE_TEXT = "Visual quiz"
    GUIDE = HelpData(
        title="Visual quiz",
        text=(
            "Questions made from this very trace. Four options, one of them right; what is right "
            "was worked out by running the trace, also with one thing changed. A round stays as it "
            "was drawn, however much comes meanwhile. With p, → asks in every mode what the next "
            "step will do, before it shows it; those answers count in the score too."
        ),
        signs=((RIGHT[0], "success", "the right answer"), (WRONG[0], "error", "a wrong one")),
        keys=(
            ("↑ ↓ Enter", "choose an option and answer; so does a click"),
            ("h", "a hint: where to look"),
            ("s", "go to the step it speaks of; 6 comes back"),
            ("Enter", "after the answer: the next question"),
            ("r", "a new round, other questions"),
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "hint", "Hint", show=False),
        Binding("s", "go_to_step", "Go to the step", show=False),
        Binding("r", "new_round", "New round", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """A heading, the question, the keys."""
        self._round = Round()
        self._table: object = None
        """The table whose questions are shown."""
        self._hinted = False
        self._due = False
        self._drawing = False
        with Container(id="quiz"):
            yield Static(id="quiz-head", markup=False)
            yield QuestionView()
            yield KeyLine(id="quiz-keys")
        yield EmptyState(promise="Questions about the requests and their cookies come here.")

    @property
    def view(self) -> QuestionView:
        """The question."""
        return self.query_one(QuestionView)

    def on_mount(self) -> None:
        """Start with the keys in the options."""
        self.view.choices.focus()

    def on_resize(self) -> None:
        """Let the question scroll by itself, so that the keys below it stay in sight."""
        self.call_after_refresh(self._share_room)

    def _share_room(self) -> None:
        others = (self.query_one("#quiz-head"), self.query_one("#quiz-keys"))
        taken = sum(widget.size.height + widget.styles.margin.height for widget in others)
        self.view.styles.max_height = max(1, self.query_one("#quiz").size.height - taken)

    @property
    def at_rest(self) -> bool:
        """True where no round is being drawn."""
        return not self._due and not self._drawing

    @property
    def round(self) -> Round:
        """The round as it stands."""
        return self._round

    # Drawing a round ----------------------------------------------------------------------

    def refresh_bars(self) -> None:
        """Leave out the notices, which may give an answer away; bring the score up to date."""
        super().refresh_bars()
        self.query_one(NoticeLine).display = False
        self._ask_or_advise()
        self._show_head()

    def _ask_or_advise(self) -> None:
        """Show the question, or what must happen before there are any steps."""
        box, empty = self.query_one("#quiz"), self.query_one(EmptyState).advise(self.story)
        if box.display is empty:
            box.display = not empty
            if not empty:
                self.call_after_refresh(self.view.choices.focus)

    def body_changed(self, change: Change) -> None:
        """Look for questions soon where there are none; never change those that there are."""
        del change
        if not self._round.questions and not self._due:
            self._due = True
            self.set_timer(_SOON, self._look)

    def refresh_body(self) -> None:
        """Draw a round where there is none of this focus; keep one whose values are hidden now."""
        story = self.story
        if self._table is story.table:
            return
        self._table = story.table
        if self._round.questions and self._round.focus == story.focus:
            story.boards.quiz.catch_up()
            board = story.boards.quiz.board
            seed = self._round.seed
            again = self._round.asked_again(lambda question: board.again(question, seed))
            if again is not None:
                self._round = again
                self._show_question()
                return
        self._begin(self._round.seed)

    def _look(self) -> None:
        self._due = False
        if self.ready and not self._round.questions:
            self._begin(self._round.seed)

    def _begin(self, seed: int) -> None:
        """Draw a round, as soon as the whole trace has been looked at."""
        self._round = Round(seed=seed, focus=self.story.focus)
        self._hinted = False
        if not self._drawing:
            self._drawing = True
            self._draw()

    def _draw(self) -> None:
        """Look at some more of the trace; with all of it seen, ask."""
        if not self.ready:
            return
        story = self.story
        if not story.boards.quiz.catch_up():
            self._show_question()
            self.set_timer(_AT_ONCE, self._draw)
            return
        self._drawing = False
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
            parts.append((f"  {now.score.told}", "$foreground"))
        if total.asked > now.score.asked:
            parts.append((f"  {total.told} in all", "$quiet"))
        more = self.story.count - now.steps
        if now.questions and more > 0:
            parts.append((f"  new questions from {more:,} more steps: {_NEW}", "$quiet"))
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
            view.say(Content.assemble(*self._nothing()))
            view.choices.show((), locked=True)
            view.tell(Content(""))
        self._show_keys()

    def _show_summary(self) -> None:
        """Say how it went, and lead to what was missed."""
        view = self.view
        words = "To look at again:" if self._round.missed else "All of them right."
        view.say(Content.styled(words, "bold $foreground"))
        view.choices.show(
            [
                Choice(WRONG[0], f"bold {WRONG[1]}", question.prompt)
                for question in self._round.missed
            ],
            locked=not self._round.missed,
        )
        view.tell(Content(""))
        view.scroll_home(animate=False)

    def _show_keys(self) -> None:
        now = self._round
        question, new = now.question, Key(_NEW, "new round", "screen.new_round")
        keys: list[Key] = []
        if question is not None and now.answer is None:
            keys.append(Key("↑ ↓", "choose"))
            keys.append(Key(_ENTER, "answer", "screen.enter"))
            if self._hinted:
                keys.append(Key("s", f"look at step {question.hint_step:,}", "screen.go_to_step"))
            else:
                keys.append(Key(_HINT, "hint", "screen.hint"))
        elif question is not None:
            last = now.at + 1 == len(now.questions)
            keys.append(Key(_ENTER, "how it went" if last else "next question", "screen.enter"))
            keys.append(Key("s", f"go to step {question.step:,}", "screen.go_to_step"))
        elif now.questions:
            if now.missed:
                keys.append(Key(_ENTER, "go to the step", "screen.enter"))
            keys.append(new)
        self.query_one("#quiz-keys", KeyLine).show(*keys)

    def _nothing(self) -> list[tuple[str, str]]:
        """Return what must happen before there is something to ask."""
        if self._drawing:
            return [("Looking at the trace for questions …", "$quiet")]
        how = "The questions are made from this very trace. Visit a page that sets a cookie, "
        return [
            ("No questions yet.\n\n", "bold $foreground"),
            (f"{how}then visit it again: the first ones come by themselves.", "$quiet"),
        ]

    # Keys and mouse -----------------------------------------------------------------------

    @on(QuestionView.Chosen)
    def _chosen(self, event: QuestionView.Chosen) -> None:
        event.stop()
        now = self._round
        if event.question != now.question:
            return  # meant for what stood there before
        if now.question is None:
            if event.choice < len(now.missed):
                self._go(now.missed[event.choice].step)
            return
        self._round = now.answered(event.choice)
        if self._round.answer is not None and now.answer is None:
            self.post_message(QuizAnswered(right=self._round.answer.right))
        self._show_question()

    @on(Choices.Left)
    def _left(self, event: Choices.Left) -> None:
        event.stop()
        self._round = self._round.gone_on()
        self._hinted = False
        self._show_question()

    def action_enter(self) -> None:
        """Do what Enter does, by the mouse."""
        self.view.choices.focus()
        self.view.choices.action_enter()

    def action_hint(self) -> None:
        """Say where to look."""
        question = self._round.question
        if question is not None and self._round.answer is None:
            self._hinted = True
            self.view.show_hint(question)
            self._show_keys()

    def action_go_to_step(self) -> None:
        """Go to the step that the hint, or the explanation, speaks of."""
        question = self._round.question
        if question is None:
            return
        if self._round.answer is not None:
            self._go(question.step)
        elif self._hinted:
            self._go(question.hint_step)

    def _go(self, step: int) -> None:
        self.want_step(step)
        self.app.call_next(self.app.run_action, "mode('3')")
        self.notify(f"This is step {step:,}. {self.KEY} goes back to the quiz.", timeout=4)

    def action_new_round(self) -> None:
        """Draw other questions, also from what has come since."""
        if self._round.questions:
            self._begin(self._round.seed + 1)
