"""Mode 7, the concept snapshot: what the trace has shown up to the selected step, counted."""

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
from cookietrace.lesson.modes import SNAPSHOT
from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.snapshot import SnapshotLine
from cookietrace.lesson.table import Table
from tui.drawing.table_layout import Cells, Column
from tui.drawing.tones import LEGEND, PLAIN, QUIET, tone
from tui.messages import SearchRequested
from tui.modes.base import BoardScreen
from tui.widgets.empty_state import EmptyState
from tui.widgets.guide import Guide
from tui.widgets.step_links import HERE, StepLinks
from tui.widgets.virtual_table import VirtualTable

_COLUMNS = (
    Column("Times", 5, right=True),
    Column("What this trace has shown", 30, weight=3.0),
    Column("First", 5, right=True),
    Column("Last", 5, right=True),
    Column("", 1),
)
_STEPS_AT_ONCE = 50
_UNMARKED = "·"


class SnapshotTable(VirtualTable):
    """The table of lines."""

    GUIDE = Guide(
        title="Concept snapshot",
        text=(
            "What this trace has shown up to the selected step: how often, and at which steps "
            "first and last. If you step back, later things disappear. ▌ marks what the selected "
            "step itself shows."
        ),
        signs=LEGEND,
        keys=(
            ("↑ ↓ j k", "another line"),
            ("Enter", "open the execution table at its first step"),
            ("Tab", "to its first and last step; Enter goes there"),
            ("← →", "previous step, next step"),
        ),
    )


class SnapshotRows:
    """A ``RowSource`` over the lines of the snapshot."""

    def __init__(self) -> None:
        self.lines: Sequence[SnapshotLine] = ()
        self.table: Table | None = None
        self.selected = 0

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self.lines)

    def cells(self, index: int) -> Cells:
        """Return one line."""
        line = self.lines[index]
        here = line.latest == self.selected
        sign = (SIGNS[line.mark], tone(line.mark)) if line.mark else (_UNMARKED, QUIET)
        assert self.table is not None
        first = self.table.label(line.step)
        latest = self.table.label(line.latest) if line.latest != line.step else ""
        return Cells(
            (f"{line.count:,}", line.text, first, latest, ""),
            (PLAIN, tone(line.mark) if here else PLAIN, QUIET, QUIET, QUIET),
            ((HERE if here else " ", PLAIN), sign),
        )


class SnapshotScreen(BoardScreen):
    """The lines, and the steps of the line under the cursor."""

    MODE = SNAPSHOT
    GUIDE = SnapshotTable.GUIDE
    SHOWS_LATER_STEPS = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """Yield the advice for an empty trace, the lines, and the steps to go to."""
        self._rows = SnapshotRows()
        yield EmptyState(
            "What the traffic shows about cookies is listed and counted here. Visit a page twice: "
            "the second request shows what the browser stored."
        )
        with Container(id="board"):
            yield Static(id="snapshot-heading", classes="board-heading", markup=False)
            yield SnapshotTable(self._rows, _COLUMNS, id="snapshot")
            yield StepLinks("First and last step of this line", id="links")

    @property
    def table(self) -> SnapshotTable:
        """The table of lines."""
        return self.query_one(SnapshotTable)

    @property
    def line(self) -> SnapshotLine | None:
        """The line under the cursor; None if there are no lines."""
        lines = self._rows.lines
        return lines[min(self.table.cursor, len(lines) - 1)] if lines else None

    def on_mount(self) -> None:
        """Give the table the keyboard focus."""
        self.table.focus()

    # Drawing ------------------------------------------------------------------------------

    def read_more(self) -> bool:
        """Let the board read one portion; return True if nothing is left."""
        return self.story.boards.snapshot.catch_up(_STEPS_AT_ONCE)

    def draw(self) -> None:
        """Draw the snapshot at the selected step; the cursor stays on its line."""
        story, chosen = self.story, self.line
        board = story.boards.snapshot.board
        lines = board.lines(story.step)
        if lines != self._rows.lines or story.step != self._rows.selected:
            self._rows.lines, self._rows.selected = lines, story.step
            self._rows.table = story.table
            self.table.reload()
            concepts = [line.concept for line in lines]
            if chosen is not None and chosen.concept in concepts:
                self.table.show_row(concepts.index(chosen.concept))
        parts = [(f" {plural(len(lines), 'thing')} shown", "bold $foreground")]
        if story.step:
            parts.append((f"  up to {story.where}", "$quiet"))
        if not self.caught_up:
            parts.append((f"  … {self.progress(board.seen)}", "$quiet"))
        self.query_one("#snapshot-heading", Static).update(Content.assemble(*parts))
        self._show_links()

    def _show_links(self) -> None:
        line = self.line
        steps = tuple(dict.fromkeys((line.step, line.latest))) if line is not None else ()
        self.query_one(StepLinks).show(self.story.table, steps, self.story.step)

    # Keys and mouse -----------------------------------------------------------------------

    @on(VirtualTable.Moved)
    def _moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        if event.control is self.table and not event.scrolled:
            self._show_links()

    @on(VirtualTable.Chosen)
    def _chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        line = self.line
        links = self.query_one(StepLinks)
        step = links.step if event.control is links else line.step if line is not None else 0
        if step:
            self.open_in_table(step)

    def action_back(self) -> None:
        """Go back to the lines, or end the search."""
        if self.table.has_focus and self.story.finder.needle:
            self.post_message(SearchRequested(""))
        self.table.focus()
