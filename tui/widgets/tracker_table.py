"""The table of variables: the names stay in place while the steps scroll sideways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from cookietrace.lesson.tracker.board import EMPTY, NONE, TrackerBoard
from tui.drawing.table_layout import GAP, Cells, Column
from tui.drawing.tones import PLAIN, QUIET
from tui.widgets.virtual_table import VirtualTable

CHANGED: Final = "●"
"""The sign before a value that changed."""

NAME: Final = Column("Variable", 16, weight=1.5)

_NOTHING: Final = frozenset({NONE, EMPTY})
_LEAST: Final = 7
"""The fewest cells of a step's column."""
_MOST: Final = 24
"""The most cells that are planned for a long value; it can get spare cells, too."""
_SAMPLE: Final = 40
"""How many rows are measured to find out how many columns fit."""


class TrackerRows:
    """A ``RowSource`` over some columns of a board, and a blank last column for spare cells.

    A value that did not change is drawn quietly, except in the first and the last column.
    """

    def __init__(self) -> None:
        self._board: TrackerBoard | None = None
        self.names: Sequence[str] = ()
        """The variables, one per row."""
        self.shown: Sequence[int] = (0,)
        """The steps, one per column; 0 is the start."""

    def show(self, board: TrackerBoard, names: Sequence[str], shown: Sequence[int]) -> None:
        """Show other variables and steps."""
        self._board, self.names, self.shown = board, names, shown

    def __len__(self) -> int:
        """Return how many variables there are."""
        return len(self.names)

    def columns(self, lit: int) -> tuple[Column, ...]:
        """Return a column for names, one per step with ``lit`` highlighted, and a blank one."""
        return (NAME, *(self._column(step, step == lit) for step in self.shown), Column("", 0))

    def _column(self, step: int, lit: bool) -> Column:
        heading = self._board.heading(step) if self._board is not None else ""
        return Column(f"▸ {heading}" if lit else heading, _LEAST, lit=lit)

    def cells(self, index: int) -> Cells:
        """Return one variable."""
        assert self._board is not None
        row = self._board.row(self.names[index], self.shown)
        texts, tones = [row.name], [PLAIN]
        first, last = self.shown[0], self.shown[-1]
        for step in self.shown:
            value = row.value(step)
            changed = row.changed_at(step)
            again = step not in (first, last) or value in _NOTHING
            texts.append(f"{CHANGED} {value}" if changed else value)
            tones.append("changed" if changed else QUIET if again else PLAIN)
        return Cells((*texts, ""), (*tones, PLAIN))


def columns_that_fit(
    board: TrackerBoard, names: Sequence[str], shown: Sequence[int], width: int
) -> int:
    """Return how many of the steps fit, counted from the last one back; at least 1."""
    rows = [board.row(name, shown) for name in names[:_SAMPLE]]
    longest = max((cell_len(row.name) for row in rows), default=0)
    room = width - min(max(longest, NAME.minimum), max(width // 3, NAME.minimum)) - 4
    count = 0
    for step in reversed(shown):
        values = (min(_MOST, cell_len(row.value(step)[:_MOST]) + 2) for row in rows)
        room -= max(_LEAST, *values, 0) + GAP
        if room < 0 and count:
            break
        count += 1
    return max(1, count)


class TrackerTable(VirtualTable):
    """Also posts ``Scrolled`` and ``ColumnPicked``; its owner then changes the columns."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+left", "sideways(-1)", "Earlier columns", show=False),
        Binding("shift+right", "sideways(1)", "Later columns", show=False),
        Binding("shift+home", "sideways(-1000000000)", "Start", show=False),
        Binding("shift+end", "sideways(1000000000)", "Selected step", show=False),
    ]

    class Scrolled(Message):
        """The user scrolled by this many columns, to the left if negative."""

        def __init__(self, columns: int) -> None:
            super().__init__()
            self.columns = columns

    class ColumnPicked(Message):
        """The user clicked a column; 0 is the column of names."""

        def __init__(self, column: int) -> None:
            super().__init__()
            self.column = column

    def action_sideways(self, columns: int) -> None:
        """Scroll sideways."""
        self.post_message(self.Scrolled(columns))

    def on_click(self, event: events.Click) -> None:
        """Select the step of the clicked column; the row is selected as in every table."""
        column = self.column_at(event.x)
        if column:
            self.post_message(self.ColumnPicked(column))

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Show earlier columns."""
        self._wheel(event, -1)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Show later columns."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """With Shift, show earlier columns."""
        if event.shift:
            self._wheel(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """With Shift, show later columns."""
        if event.shift:
            self._wheel(event, 1)

    def _wheel(self, event: events.MouseEvent, columns: int) -> None:
        event.stop()
        event.prevent_default()
        self.action_sideways(columns)
