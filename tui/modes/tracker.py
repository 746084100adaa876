"""Mode 4, the variable tracker: one row a variable, one column a step, up to the selected one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.lesson.display_text import plural
from cookietrace.lesson.tracker.pane import value_sections
from tui.modes.board import BoardScreen
from tui.modes.paned import PanedScreen
from tui.widgets.detail_pane import DetailPane
from tui.widgets.empty_state import EmptyState
from tui.widgets.help_data import HelpData
from tui.widgets.tracker_table import (
    NAME,
    TrackerRows,
    TrackerTable,
    columns_that_fit,
)
from tui.widgets.virtual_table import VirtualTable

_PLANNED: Final = 9
"""The fewest cells that a column takes, its gap included: bounds how many are looked at."""
_TOLD: Final = 30
"""The most changes of one variable that are listed."""


class TrackerScreen(BoardScreen, PanedScreen):
    """The tracker, its last column at the selected step."""

    KEY = "4"
    NAME = "Tracker"
    TITLE_TEXT = "Variable tracker"
    GUIDE = HelpData(
        title="Variable tracker",
        text=(
            "What request.cookies, the view's own variables, the response's cookies and the "
            "cookies in the jar were worth after each step. The column of the selected step is "
            "lit, and later ones are not there yet. Below: the whole value of the variable under "
            "the cursor, and each step that changed it."
        ),
        signs=(("●", "changed", "the step gave the variable another value"),),
        keys=(
            ("← →", "the step before, the step after; a click on a column goes to its step"),
            ("↑ ↓ j k", "another variable"),
            ("v", "only the steps and the variables that changed, or all of them"),
            (", .", "the step before, the step after that changed this variable"),
            ("Shift ← →", "look at earlier columns, and back (or the wheel with Shift)"),
            ("Enter", "give the value the whole screen"),
            ("d", "hide the value, or show it"),
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "only_changes", "Changes", show=True),
        Binding("comma", "change(-1)", "The change before", show=False),
        Binding("full_stop", "change(1)", "The change after", show=False),
        Binding("d", "toggle_detail", "Value", show=False),
        Binding("escape", "back", "Back", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """A heading, the table, the value."""
        self._rows = TrackerRows()
        self._only_changes = False
        self._back = 0
        """How many columns the right edge is left of the selected step's."""
        self._leftmost = 0
        self._lit = 0
        self._variable = ""
        yield EmptyState(promise="Each variable becomes a row, and each step a column.")
        with Container(id="board"):
            yield Static(id="tracker-heading", markup=False)
            yield Container(
                TrackerTable(self._rows, (NAME,), id="tracker"),
                DetailPane(self.GUIDE, id="detail"),
                id="table-and-detail",
            )

    @property
    def table(self) -> TrackerTable:
        """The variables."""
        return self.query_one(TrackerTable)

    def on_mount(self) -> None:
        """Start with the keys in the table; a long value is cut, and is told in full below."""
        self.table.fix_lines(1)
        self.table.focus()

    def on_resize(self) -> None:
        """Show as many steps as fit."""
        self.call_after_refresh(self.refresh_body)

    def selection_changed(self) -> None:
        """Bring the selected step's column back into sight."""
        self._back = 0
        super().selection_changed()

    # Drawing ------------------------------------------------------------------------------

    def look_on(self) -> bool:
        """Look at some more steps."""
        return self.story.boards.tracker.catch_up()

    def draw(self) -> None:
        """Show the variables up to the selected step, as far as they have been looked at."""
        self._show_columns()
        self._show_heading()
        self.show_detail()

    def _show_columns(self) -> None:
        board, table = self.story.boards.tracker.board, self.table
        steps = board.steps(self.story.step, only_changes=self._only_changes)
        self._lit = steps[-1]
        columns = self._columns(steps)
        names = self._variables(columns)
        self._rows.show(board, names, columns)
        table.reload(self._rows, self._rows.columns(self._lit))
        if self._variable in names:
            table.show_row(names.index(self._variable))
        elif names and (self.caught_up or not self._variable):
            self._variable = names[table.cursor]

    def _variables(self, steps: Sequence[int]) -> tuple[str, ...]:
        board = self.story.boards.tracker.board
        return board.variables(steps, only_changes=self._only_changes, keep=self._variable)

    def _columns(self, steps: Sequence[int]) -> Sequence[int]:
        """Return the steps that there is room for, up to the one at the right edge."""
        end = len(steps) - min(self._back, len(steps) - 1)
        first = self._first(steps, end)
        while first == 0 and end < len(steps) and self._first(steps, end + 1) == 0:
            end += 1
        self._back, self._leftmost = len(steps) - end, first
        return steps[first:end]

    def _first(self, steps: Sequence[int], end: int) -> int:
        """Return where the columns begin that fit in front of index ``end``."""
        board, width = self.story.boards.tracker.board, self.table.size.width
        most = min(end, max(1, width // _PLANNED))
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
            parts.append((" · ● only changes", "$changed"))
            if self._lit < min(story.step, board.seen):
                since = f"since step {self._lit:,}" if self._lit else "since the start"
                parts.append((f" · nothing changed {since}", "$quiet"))
        if self._back:
            hidden = plural(self._back, "later column")
            parts.append((f" · {hidden} to the right: Shift →", "$quiet"))
        if self._leftmost:
            parts.append((f" · {self._leftmost:,} earlier: Shift ←", "$quiet"))
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
        pane.show(self._variable, value_sections(board.history(self._variable, step, _TOLD), step))

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
        if event.columns < 0 and not self._leftmost:
            return
        before = self._back
        self._back = max(0, self._back - event.columns)
        if self._back != before:
            self._draw()

    @on(TrackerTable.ColumnPicked)
    def _picked(self, event: TrackerTable.ColumnPicked) -> None:
        event.stop()
        columns = self._rows.shown
        if event.column <= len(columns):
            self.want_step(max(1, columns[event.column - 1]))

    def action_only_changes(self) -> None:
        """Leave out the steps and the variables that changed nothing, or show them again."""
        self._only_changes = not self._only_changes
        self._back = 0
        self._draw()

    def action_change(self, direction: int) -> None:
        """Go to the step before or after that changed the variable under the cursor."""
        board = self.story.boards.tracker.board
        find = board.change_before if direction < 0 else board.change_after
        step = find(self._variable, self.story.step)
        if step is not None:
            self.want_step(step)
        elif self._variable:
            self.notify(f"No {'earlier' if direction < 0 else 'later'} step changes it.")

    def leave(self) -> None:
        """Go back to the selected step's column."""
        if self._back:
            self._back = 0
            self._draw()
        self.table.focus()
