"""Mode 5, the key moments: questions that this trace raises, their answers, and the steps."""

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
from cookietrace.lesson.modes import MOMENTS
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.step_verdict import SEVERITY_MARKS
from cookietrace.lesson.table import Table
from tui.drawing.fit import fit
from tui.drawing.table_layout import Cells, Column
from tui.drawing.tones import LEGEND, PLAIN, QUIET, tone
from tui.messages import SearchRequested
from tui.modes.base import BoardScreen
from tui.widgets.empty_state import EmptyState
from tui.widgets.guide import Guide
from tui.widgets.page_view import Line, PageView
from tui.widgets.step_links import HERE, StepLinks
from tui.widgets.virtual_table import VirtualTable

_COLUMNS = (Column("Step", 4, right=True), Column("Question", 24))
_STEPS_AT_ONCE = 100
_WORDED_AT_ONCE = 20
_UNMARKED = "·"
_LINES = 60
"""The most lines of one paragraph of an answer."""


class MomentTable(VirtualTable):
    """The table of questions."""

    GUIDE = Guide(
        title="Key moments",
        text=(
            "Questions that this trace raises, each at the step where it first comes up, with its "
            "answer and the steps that explain it. ▌ marks the questions about the selected "
            "step; the mode opens on the worst of them. The sign shows a problem, a warning, or "
            "what a question is about."
        ),
        signs=LEGEND,
        keys=(
            ("↑ ↓ j k", "another question"),
            ("Enter", "go to its step; again: open the execution table there"),
            ("Tab", "to the answer, then to its steps; ↑ ↓ move through them"),
            ("← →", "previous step, next step: see which questions are about it"),
            ("Esc", "back to the questions"),
        ),
    )


class MomentRows:
    """A ``RowSource`` over moments; those about the selected step are highlighted."""

    def __init__(self) -> None:
        self.moments: Sequence[Moment] = ()
        self.table: Table | None = None
        self.selected = 0

    def __len__(self) -> int:
        """Return how many moments there are."""
        return len(self.moments)

    def cells(self, index: int) -> Cells:
        """Return one moment: its step, its question, and the sign of its topic."""
        moment = self.moments[index]
        assert self.table is not None
        here = self.selected in moment.steps
        mark = _mark(moment)
        sign = (SIGNS[mark], tone(mark)) if mark is not None else (_UNMARKED, QUIET)
        return Cells(
            (self.table.label(moment.row), moment.question),
            (PLAIN if here else QUIET, tone(mark) if here else PLAIN),
            ((HERE if here else " ", PLAIN), sign),
        )


class AnswerView(PageView):
    """The answer to the question under the cursor."""

    GUIDE = MomentTable.GUIDE


class MomentsScreen(BoardScreen):
    """The questions; beside or below them, the answer and its steps."""

    MODE = MOMENTS
    GUIDE = MomentTable.GUIDE

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """Yield the advice for an empty trace, the questions, the answer, and its steps."""
        self._rows = MomentRows()
        self._open_at = 0
        """The step whose question is still to be shown; 0 if none is."""
        self._shown_moment: Moment | None = None
        yield EmptyState(
            "Questions that the traffic raises appear here, each with its answer. Visit a page "
            "twice: the second request shows what the browser stored."
        )
        with Container(id="board"):
            yield Static(id="moments-heading", classes="board-heading", markup=False)
            yield Static(id="moments-none", markup=False)
            with Container(id="moments"):
                yield MomentTable(self._rows, _COLUMNS, id="questions")
                with Container(id="moment"):
                    yield AnswerView(id="answer")
                    yield StepLinks("Steps of this answer", id="links")

    @property
    def questions(self) -> MomentTable:
        """The table of questions."""
        return self.query_one(MomentTable)

    @property
    def links(self) -> StepLinks:
        """The steps of the answer."""
        return self.query_one(StepLinks)

    @property
    def moment(self) -> Moment | None:
        """The moment under the cursor; None if there are no moments."""
        moments = self._rows.moments
        return moments[min(self.questions.cursor, len(moments) - 1)] if moments else None

    def on_mount(self) -> None:
        """Give the questions the keyboard focus."""
        self.questions.fix_lines(1)
        self.questions.focus()

    # Drawing ------------------------------------------------------------------------------

    def show_story(self) -> None:
        """Draw everything; if another step is selected, with the cursor on a question about it."""
        if self.story.step != self._rows.selected:
            self._open_at = self.story.step
        super().show_story()

    def read_more(self) -> bool:
        """Let the board read and word one portion; return True if nothing is left."""
        moments = self.story.boards.moments
        return moments.catch_up(_STEPS_AT_ONCE) and moments.board.write(_WORDED_AT_ONCE)

    def draw(self) -> None:
        """Draw the questions found so far; the cursor stays on its question."""
        story = self.story
        board = story.boards.moments.board
        if not self.caught_up:
            board.write(_WORDED_AT_ONCE)
        moments = board.moments()
        if story.predicting:
            last = story.last_visible_step
            moments = tuple(m for m in moments if max(m.step, *m.steps) <= last)
        if moments is not self._rows.moments or story.step != self._rows.selected:
            self._show_questions(moments)
        self._show_question_of_step()
        self._show_heading()
        self._show_answer()

    def _show_question_of_step(self) -> None:
        """Put the cursor on the worst question about the selected step, once it is found."""
        step, moments = self._open_at, self._rows.moments
        about = [index for index, moment in enumerate(moments) if step in _places(moment)]
        if self.caught_up:
            self._open_at = 0
        if step and about and (self.caught_up or not self._is_about(step)):
            self.questions.show_row(min(about, key=lambda index: _fitness(moments[index], step)))

    def _is_about(self, step: int) -> bool:
        return self.moment is not None and step in _places(self.moment)

    def _show_questions(self, moments: Sequence[Moment]) -> None:
        """Replace the questions without moving the cursor or the rows on the screen."""
        table, chosen = self.questions, self.moment
        place = table.cursor * table.lines - table.scroll_offset.y
        keys = [_key(moment) for moment in moments]
        self._rows.moments, self._rows.selected = moments, self.story.step
        self._rows.table = self.story.table
        table.reload()
        if chosen is not None and _key(chosen) in keys:
            table.show_row(keys.index(_key(chosen)))
        table.scroll_to(y=max(0, table.cursor * table.lines - place), animate=False)

    def _show_heading(self) -> None:
        story, moments = self.story, self._rows.moments
        lit = sum(1 for moment in moments if story.step in moment.steps)
        parts = [(f" {plural(len(moments), 'question')}", "bold $foreground")]
        if lit:
            parts.append(
                (f"  {HERE}{lit:,} about step {story.table.label(story.step)}", "$foreground")
            )
        if not self.caught_up:
            seen = story.boards.moments.board.seen
            parts.append((f"  … {story.boards.reading or self.progress(seen)}", "$quiet"))
        elif self.moment is not None:
            enter = "open the table" if story.step == self.moment.row else "go to its step"
            parts.append((f"  Enter: {enter} · Tab: answer and steps", "$quiet"))
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
            text = "While you predict, a question appears only after the last step it is about."
            return Content.styled(text, "$quiet")
        return Content.assemble(
            ("This trace raises no questions yet.\n\n", "bold $foreground"),
            (
                "Cookies that are set, sent back, changed, refused, withheld or deleted raise "
                "some. Open a page that sets a cookie, then load it again.",
                "$quiet",
            ),
        )

    @on(PageView.RoomChanged)
    def _show_answer(self) -> None:
        moment = self.moment
        if moment is None:
            return
        view = self.query_one(AnswerView)
        view.show(_answer(moment, view.text_width))
        if self._shown_moment is None or _key(self._shown_moment) != _key(moment):
            view.scroll_home(animate=False)
        self._shown_moment = moment
        self.links.show(self.story.table, moment.steps, self.story.step)
        self.call_after_refresh(self._let_scroll)

    def _let_scroll(self) -> None:
        """Let Tab stop at the answer only if it is too long for its place."""
        view = self.query_one(AnswerView)
        view.can_focus = view.has_focus or view.max_scroll_y > 0

    # Keys and mouse -----------------------------------------------------------------------

    @on(VirtualTable.Moved, "#questions")
    def _question_moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        self._open_at = 0
        if not event.scrolled:
            self._show_heading()
            self._show_answer()

    @on(VirtualTable.Chosen, "#questions")
    def _question_chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        moment = self.moment
        if moment is None:
            return
        if self.story.step == moment.row:
            self.open_in_table(moment.row)
        else:
            self.request_step(moment.row)

    @on(VirtualTable.Moved, "#links")
    def _link_moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        if not event.scrolled and self.links.step:
            self.request_step(self.links.step)

    @on(VirtualTable.Chosen, "#links")
    def _link_chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        if self.links.step:
            self.open_in_table(self.links.step)

    def action_back(self) -> None:
        """Go back to the questions, or end the search."""
        if self.questions.has_focus and self.story.finder.needle:
            self.post_message(SearchRequested(""))
        self.questions.focus()


def _places(moment: Moment) -> tuple[int, ...]:
    """Return the steps that a question is about."""
    return (moment.row, *moment.steps)


def _fitness(moment: Moment, step: int) -> tuple[object, ...]:
    """Return what sorts questions about a step: those raised there first, then the worst."""
    return step not in (moment.row, moment.step), moment.rank


def _mark(moment: Moment) -> Mark | None:
    """Return the mark of a problem or warning, or else of what a question is about."""
    return SEVERITY_MARKS.get(moment.severity, moment.mark)


def _key(moment: Moment) -> tuple[str, int, str]:
    """Return what identifies a moment when the list is replaced."""
    return moment.rule, moment.step, moment.question


def _answer(moment: Moment, width: int) -> list[Line]:
    """Return a question and its answer as lines of at most ``width`` cells."""
    mark = _mark(moment)
    sign = f"{SIGNS[mark]} " if mark is not None else ""
    lines: list[Line] = []
    for i, text in enumerate(fit(moment.question, width - len(sign), _LINES)):
        lead = (sign if i == 0 else " " * len(sign), f"${tone(mark) or 'foreground'}")
        lines.append((lead, (text, "bold $foreground")))
    lines += [((text, "$foreground"),) for text in fit(moment.answer, width, _LINES)]
    for i, text in enumerate(fit(moment.advice, width - 2, _LINES) if moment.advice else ()):
        lines.append(((f"{'→' if i == 0 else ' '} {text}", "bold $foreground"),))
    if moment.count > 1:
        lines.append(((f"This happened {moment.count:,} times.", "$quiet"),))
    return lines
