"""Mode 4, the variable tracker: one row per variable, one column per step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.lesson.display_text import plural
from cookietrace.lesson.modes import TRACKER
from cookietrace.lesson.tracker.pane import value_sections
from tui.modes.base import BoardScreen, PanedScreen
from tui.widgets.covered import Covered
from tui.widgets.detail_pane import DetailPane
from tui.widgets.empty_state import EmptyState
from tui.widgets.guide import Guide
from tui.widgets.tracker_table import (
    NAME,
    TrackerRows,
    TrackerTable,
    columns_that_fit,
)
from tui.widgets.virtual_table import VirtualTable

_NARROWEST: Final = 9
"""The fewest cells of a column with its gap, which limits how many columns are measured."""
_MAX_CHANGES: Final = 30
"""The most changes of one variable that are listed."""


class TrackerScreen(BoardScreen, PanedScreen):
    """The tracker. Its last column is the selected step."""

    MODE = TRACKER
    GUIDE = Guide(
        title="Variable tracker",
        text=(
            "The values of request.cookies, the view's own variables, the response's cookies and "
            "the cookies in the jar after each step. The column of the selected step is "
            "highlighted; later steps are not shown. Below: the whole value of the variable under "
            "the cursor, and every step that changed it."
        ),
        signs=(("●", "changed", "the step changed the variable"),),
        keys=(
            ("← →", "previous step, next step; a click on a column goes to its step"),
            ("↑ ↓ j k", "another variable"),
            ("v", "show only steps and variables with changes, or all"),
            (", .", "previous change, next change of this variable"),
            ("Shift ← →", "earlier columns, later columns (also Shift + wheel)"),
            ("Enter", "show the value on the whole screen"),
            ("d", "hide or show the value"),
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "only_changes", "Changes", show=True),
        Binding("comma", "change(-1)", "Previous change", show=False),
        Binding("full_stop", "change(1)", "Next change", show=False),
        Binding("d", "toggle_detail", "Value", show=False),
        Binding("escape", "back", "Back", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """Yield the advice for an empty trace, a heading, the table, and the detail pane."""
        self._rows = TrackerRows()
        self._only_changes = False
        self._scrolled_back = 0
        """How many columns of later steps are hidden on the right."""
        self._hidden_before = 0
        """How many columns of earlier steps are hidden on the left."""
        self._current = 0
        """The step whose column is highlighted."""
        self._variable = ""
        """The variable under the cursor."""
        yield EmptyState(promise="Each variable becomes a row, and each step a column.")
        with Covered(id="board"):
            yield Static(id="tracker-heading", markup=False)
            yield Covered(
                TrackerTable(self._rows, (NAME,), id="tracker"),
                DetailPane(self.GUIDE, id="detail"),
                id="table-and-detail",
            )

    @property
    def table(self) -> TrackerTable:
        """The table of variables."""
        return self.query_one(TrackerTable)

    def on_mount(self) -> None:
        """Give the table the keyboard focus. Long values are cut; the pane shows them whole."""
        self.table.fix_lines(1)
        self.table.focus()

    def on_resize(self) -> None:
        """Draw as many steps as fit."""
        self.call_after_refresh(self.refresh_body)

    def selection_changed(self) -> None:
        """Scroll back to the column of the selected step."""
        self._scrolled_back = 0
        super().selection_changed()

    # Drawing ------------------------------------------------------------------------------

    def read_more(self) -> bool:
        """Let the board read one portion; return True if nothing is left."""
        return self.story.boards.tracker.catch_up()

    def draw(self) -> None:
        """Draw the variables up to the selected step, as far as the board has read."""
        self._show_columns()
        self._show_heading()
        self.show_detail()

    def _show_columns(self) -> None:
        board, table = self.story.boards.tracker.board, self.table
        steps = board.steps(self.story.step, only_changes=self._only_changes)
        self._current = steps[-1]
        columns = self._columns(steps)
        names = self._variables(columns)
        self._rows.show(board, names, columns)
        table.reload(self._rows, self._rows.columns(self._current))
        if self._variable in names:
            table.show_row(names.index(self._variable))
        elif names and (self.caught_up or not self._variable):
            self._variable = names[table.cursor]

    def _variables(self, steps: Sequence[int]) -> tuple[str, ...]:
        board = self.story.boards.tracker.board
        return board.variables(steps, only_changes=self._only_changes, keep=self._variable)

    def _columns(self, steps: Sequence[int]) -> Sequence[int]:
        """Return the steps whose columns fit, up to the one at the right edge."""
        end = len(steps) - min(self._scrolled_back, len(steps) - 1)
        first = self._first(steps, end)
        while first == 0 and end < len(steps) and self._first(steps, end + 1) == 0:
            end += 1
        self._scrolled_back, self._hidden_before = len(steps) - end, first
        return steps[first:end]

    def _first(self, steps: Sequence[int], end: int) -> int:
        """Return the first index such that the columns from there to ``end`` fit."""
        board, width = self.story.boards.tracker.board, self.table.size.width
        most = min(end, max(1, width // _NARROWEST))
        seen = steps[end - most : end]
        count = columns_that_fit(board, self._variables(seen), seen, width)
        while self._only_changes and count < most:  # fewer columns, fewer variables
            seen = steps[end - count - 1 : end]
            if columns_that_fit(board, self._variables(seen), seen, width) <= count:
                break
            count += 1
        return end - count

    def _show_heading(self) -> None:
        story, board = self.story, self.story.boards.tracker.board
        parts: list[tuple[str, str]] = []
        if story.count:
            parts.append((f" {plural(len(self._rows), 'variable')}", "bold $foreground"))
        if self._only_changes:
            parts.append((" · ● changes only", "$changed"))
            if self._current < min(story.step, board.seen):
                since = f"step {story.table.label(self._current)}" if self._current else "the start"
                parts.append((f" · no changes since {since}", "$quiet"))
        if self._scrolled_back:
            hidden = plural(self._scrolled_back, "later column")
            parts.append((f" · {hidden}: Shift →", "$quiet"))
        if self._hidden_before:
            parts.append((f" · {plural(self._hidden_before, 'earlier column')}: Shift ←", "$quiet"))
        if not self.caught_up:
            parts.append((f" · {self.progress(board.seen)}", "$odd"))
        self.query_one("#tracker-heading", Static).update(Content.assemble(*parts))

    def show_detail(self) -> None:
        """Show the value of the variable under the cursor."""
        pane = self.pane
        if not self.story.count or not self._variable:
            pane.show(None, ())
            return
        board = self.story.boards.tracker.board
        step = min(self.story.step, board.seen)
        history = board.history(self._variable, step, _MAX_CHANGES)
        pane.show(self._variable, value_sections(history, step, self.story.table.label))

    # Keys and mouse -----------------------------------------------------------------------

    @on(VirtualTable.Moved)
    def _moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        if not event.scrolled and event.index < len(self._rows):
            self._variable = self._rows.names[event.index]
            self.show_detail()

    @on(VirtualTable.Chosen)
    def _chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        self.action_zoom_detail()

    @on(TrackerTable.Scrolled)
    def _scrolled(self, event: TrackerTable.Scrolled) -> None:
        event.stop()
        if event.columns < 0 and not self._hidden_before:
            return
        before = self._scrolled_back
        self._scrolled_back = max(0, self._scrolled_back - event.columns)
        if self._scrolled_back != before:
            self._draw()

    @on(TrackerTable.ColumnPicked)
    def _picked(self, event: TrackerTable.ColumnPicked) -> None:
        event.stop()
        columns = self._rows.shown
        if event.column <= len(columns):
            self.request_step(max(1, columns[event.column - 1]))

    def action_only_changes(self) -> None:
        """Show only steps and variables with changes, or all."""
        self._only_changes = not self._only_changes
        self._scrolled_back = 0
        self._draw()

    def action_change(self, direction: int) -> None:
        """Go to the previous or next step that changed the variable under the cursor."""
        board = self.story.boards.tracker.board
        find = board.change_before if direction < 0 else board.change_after
        step = find(self._variable, self.story.step)
        if step is not None:
            self.request_step(step)
        elif self._variable:
            self.notify(f"No {'earlier' if direction < 0 else 'later'} changes.")

    def leave(self) -> None:
        """Scroll back to the column of the selected step."""
        if self._scrolled_back:
            self._scrolled_back = 0
            self._draw()
        self.table.focus()
