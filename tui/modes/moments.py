"""Mode 5, the key moments: questions this trace raises, their answers, and the steps to see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.lesson.display_text import plural
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.row_marks import SIGNS
from tui.drawing.cells import Cells
from tui.drawing.columns import Column
from tui.drawing.fit import fit
from tui.drawing.tones import LEGEND, PLAIN, QUIET, tone
from tui.messages import SearchWanted
from tui.modes.board import BoardScreen
from tui.widgets.empty_state import EmptyState
from tui.widgets.help_data import HelpData
from tui.widgets.page_view import Line, PageView
from tui.widgets.step_links import HERE, StepLinks
from tui.widgets.virtual_table import VirtualTable

_COLUMNS = (Column("Step", 4, right=True), Column("Question", 24))
_STEPS_AT_ONCE = 100
_TOLD_AT_ONCE = 20
_UNMARKED = "·"
_LINES = 60
"""The most lines that one paragraph of an answer is broken into."""


class MomentTable(VirtualTable):
    """The questions."""

    GUIDE = HelpData(
        title="Key moments",
        text=(
            "What a person would ask of this very trace, each question at the step at which it "
            "first comes up, with its answer and the steps that the answer speaks of. ▌ marks the "
            "questions that speak of the selected step. The sign tells what a question is about."
        ),
        signs=LEGEND,
        keys=(
            ("↑ ↓ j k", "another question"),
            ("Enter", "go to its step; once more opens the execution table there"),
            ("Tab", "to the answer, and to its steps: ↑ ↓ walk through them"),
            ("← →", "the step before, the step after: see which questions light up"),
            ("Esc", "back to the questions"),
        ),
    )


class MomentRows:
    """A ``RowSource`` over moments; those that speak of the selected step are lit."""

    def __init__(self) -> None:
        self.moments: Sequence[Moment] = ()
        self.selected = 0

    def __len__(self) -> int:
        """How many moments there are."""
        return len(self.moments)

    def cells(self, index: int) -> Cells:
        """Return one moment: its step, its question, what it is about."""
        moment = self.moments[index]
        here = self.selected in moment.steps
        sign = (SIGNS[moment.mark], tone(moment.mark)) if moment.mark else (_UNMARKED, QUIET)
        return Cells(
            (f"{moment.step:,}", moment.question),
            (PLAIN if here else QUIET, tone(moment.mark) if here else PLAIN),
            ((HERE if here else " ", PLAIN), sign),
        )


class AnswerView(PageView):
    """The answer to the question under the cursor."""

    GUIDE = MomentTable.GUIDE


class MomentsScreen(BoardScreen):
    """The questions; beside or below them the answer, and the steps it speaks of."""

    KEY = "5"
    NAME = "Moments"
    TITLE_TEXT = "Key moments"
    GUIDE = MomentTable.GUIDE

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """What to do while there is nothing; else the questions, the answer, the steps."""
        self._rows = MomentRows()
        self._answered: Moment | None = None
        yield EmptyState(
            "The questions that the traffic raises come up here, each with its answer. Visit a "
            "page twice: the second request shows what the browser kept."
        )
        with Container(id="board"):
            yield Static(id="moments-heading", classes="board-heading", markup=False)
            yield Static(id="moments-none", markup=False)
            with Container(id="moments"):
                yield MomentTable(self._rows, _COLUMNS, id="questions")
                with Container(id="moment"):
                    yield AnswerView(id="answer")
                    yield StepLinks("The answer speaks of", id="links")

    @property
    def questions(self) -> MomentTable:
        """The questions."""
        return self.query_one(MomentTable)

    @property
    def links(self) -> StepLinks:
        """The steps that the answer speaks of."""
        return self.query_one(StepLinks)

    @property
    def moment(self) -> Moment | None:
        """The moment under the cursor; None while there is none."""
        moments = self._rows.moments
        return moments[min(self.questions.cursor, len(moments) - 1)] if moments else None

    def on_mount(self) -> None:
        """Start with the keys in the questions."""
        self.questions.fix_lines(1)
        self.questions.focus()

    # Drawing ------------------------------------------------------------------------------

    def look_on(self) -> bool:
        """Look at some more steps, and put some more into words."""
        kept = self.story.boards.moments
        return kept.catch_up(_STEPS_AT_ONCE) and kept.board.write(_TOLD_AT_ONCE)

    def draw(self) -> None:
        """Show the questions so far; the cursor stays with its question."""
        story = self.story
        board = story.boards.moments.board
        if not self.caught_up:
            board.write(_TOLD_AT_ONCE)
        moments = board.moments()
        if story.predicting:
            last = story.in_sight
            moments = tuple(m for m in moments if max(m.step, *m.steps) <= last)
        if moments is not self._rows.moments or story.step != self._rows.selected:
            self._show_questions(moments)
        self._show_heading()
        self._show_answer()

    def _show_questions(self, moments: Sequence[Moment]) -> None:
        """Take in the questions; neither the cursor nor what is in sight moves under a hand."""
        table, chosen = self.questions, self.moment
        place = table.cursor * table.lines - table.scroll_offset.y
        keys = [_key(moment) for moment in moments]
        self._rows.moments, self._rows.selected = moments, self.story.step
        table.reload()
        if chosen is not None and _key(chosen) in keys:
            table.show_row(keys.index(_key(chosen)))
        table.scroll_to(y=max(0, table.cursor * table.lines - place), animate=False)

    def _show_heading(self) -> None:
        story, moments = self.story, self._rows.moments
        lit = sum(1 for moment in moments if story.step in moment.steps)
        parts = [(f" {plural(len(moments), 'question')}", "bold $foreground")]
        if lit:
            verb = "speaks" if lit == 1 else "speak"
            parts.append((f"  {HERE}{lit:,} {verb} of step {story.step:,}", "$foreground"))
        if not self.caught_up:
            seen = story.boards.moments.board.seen
            parts.append((f"  … {self.progress(seen)}", "$quiet"))
        elif self.moment is not None:
            goes = "open the table" if story.step == self.moment.step else "go to its step"
            parts.append((f"  Enter: {goes} · Tab: more steps", "$quiet"))
        self.query_one("#moments-heading", Static).update(Content.assemble(*parts))
        self.query_one("#moments").display = bool(moments)
        none = self.query_one("#moments-none", Static)
        none.display = not moments
        if not moments:
            none.update(self._advice())

    def _advice(self) -> Content:
        if not self.caught_up:
            return Content.styled("Looking for questions …", "$quiet")
        if self.story.predicting:
            told = "While you predict, a question waits for the last step that it speaks of."
            return Content.styled(told, "$quiet")
        return Content.assemble(
            ("This trace raises no question yet.\n\n", "bold $foreground"),
            (
                "A cookie that is set, brought back, changed, refused, withheld or deleted will. "
                "Open a page that sets one, and load it a second time.",
                "$quiet",
            ),
        )

    @on(PageView.Widened)
    def _show_answer(self) -> None:
        moment = self.moment
        if moment is None:
            return
        view = self.query_one(AnswerView)
        view.show(_answer(moment, view.text_width))
        if self._answered is None or _key(self._answered) != _key(moment):
            view.scroll_home(animate=False)
        self._answered = moment
        self.links.show(self.story.table, moment.steps, self.story.step)
        self.call_after_refresh(self._let_scroll)

    def _let_scroll(self) -> None:
        """Let Tab stop at the answer only where some of it is out of sight."""
        view = self.query_one(AnswerView)
        view.can_focus = view.has_focus or view.max_scroll_y > 0

    # Keys and mouse -----------------------------------------------------------------------

    @on(VirtualTable.Moved, "#questions")
    def _question_moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        if not event.scrolled:
            self._show_heading()
            self._show_answer()

    @on(VirtualTable.Chosen, "#questions")
    async def _question_chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        moment = self.moment
        if moment is None:
            return
        if self.story.step == moment.step:
            await self.app.run_action("mode('3')")
        else:
            self.want_step(moment.step)

    @on(VirtualTable.Moved, "#links")
    def _link_moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        if not event.scrolled and self.links.step:
            self.want_step(self.links.step)

    @on(VirtualTable.Chosen, "#links")
    async def _link_chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        if self.links.step:
            self.want_step(self.links.step)
            await self.app.run_action("mode('3')")

    def action_back(self) -> None:
        """Go back to the questions; from there, end the search."""
        if self.questions.has_focus and self.story.finder.needle:
            self.post_message(SearchWanted(""))
        self.questions.focus()


def _key(moment: Moment) -> tuple[str, int, str]:
    """Return what a moment is known by while others come and go."""
    return moment.rule, moment.step, moment.question


def _answer(moment: Moment, width: int) -> list[Line]:
    """Return a moment as lines that fit."""
    sign = f"{SIGNS[moment.mark]} " if moment.mark else ""
    lines: list[Line] = []
    for i, text in enumerate(fit(moment.question, width - len(sign), _LINES)):
        lead = (sign if i == 0 else " " * len(sign), f"${tone(moment.mark) or 'foreground'}")
        lines.append((lead, (text, "bold $foreground")))
    lines += [((text, "$foreground"),) for text in fit(moment.answer, width, _LINES)]
    for i, text in enumerate(fit(moment.advice, width - 2, _LINES) if moment.advice else ()):
        lines.append(((f"{'→' if i == 0 else ' '} {text}", "bold $foreground"),))
    if moment.count > 1:
        lines.append(((f"It came up {moment.count:,} times.", "$quiet"),))
    return lines
