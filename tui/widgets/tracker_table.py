"""The table of variables: names stay where they are while the steps go by sideways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from cookietrace.lesson.tracker.board import EMPTY, NONE, TrackerBoard, heading
from tui.drawing.cells import Cells
from tui.drawing.columns import Column
from tui.drawing.measure import GAP
from tui.drawing.tones import PLAIN, QUIET
from tui.widgets.virtual_table import VirtualTable

CHANGED: Final = "●"
"""The sign before a value that changed."""

NAME: Final = Column("Variable", 16, weight=1.5)

_NOTHING: Final = frozenset({NONE, EMPTY})
_LEAST: Final = 7
"""The fewest cells that a step's column is given."""
_MOST: Final = 24
"""The most cells that a long value is planned with; what is left over it may have, too."""
_SAMPLE: Final = 40
"""How many rows are measured to plan how many columns fit."""


class TrackerRows:
    """A ``RowSource`` over some columns of a board; the last one is blank and takes what is left.

    A value that is the same as before is quiet, but for the first and the last column.
    """

    def __init__(self) -> None:
        self._board: TrackerBoard | None = None
        self.names: Sequence[str] = ()
        """The variables, a row each."""
        self.shown: Sequence[int] = (0,)
        """The steps, a column each; 0 is the start."""

    def show(self, board: TrackerBoard, names: Sequence[str], shown: Sequence[int]) -> None:
        """Take other variables and steps."""
        self._board, self.names, self.shown = board, names, shown

    def __len__(self) -> int:
        """How many variables there are."""
        return len(self.names)

    def columns(self, lit: int) -> tuple[Column, ...]:
        """Return the name's column, the steps' columns, and a blank one; one of them is lit."""
        steps = (
            Column(f"▸ {heading(step)}" if step == lit else heading(step), _LEAST, lit=step == lit)
            for step in self.shown
        )
        return (NAME, *steps, Column("", 0))

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
    """Return for how many of the steps, from the last one back, there is room; 1 at least."""
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
    """Posts also ``Scrolled`` and ``ColumnPicked``; what the columns are, its owner knows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+left", "sideways(-1)", "Earlier columns", show=False),
        Binding("shift+right", "sideways(1)", "Later columns", show=False),
        Binding("shift+home", "sideways(-1000000000)", "The start", show=False),
        Binding("shift+end", "sideways(1000000000)", "The selected step", show=False),
    ]

    class Scrolled(Message):
        """A person wants to see columns further to the left (negative) or to the right."""

        def __init__(self, columns: int) -> None:
            super().__init__()
            self.columns = columns

    class ColumnPicked(Message):
        """A person clicked a column; 0 is the name's."""

        def __init__(self, column: int) -> None:
            super().__init__()
            self.column = column

    def action_sideways(self, columns: int) -> None:
        """Ask for other columns."""
        self.post_message(self.Scrolled(columns))

    def on_click(self, event: events.Click) -> None:
        """Pick the step of the column; the row is chosen as in every table."""
        column = self.column_at(event.x)
        if column:
            self.post_message(self.ColumnPicked(column))

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Go to earlier columns."""
        self._wheel(event, -1)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Go to later columns."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """With Shift, go to earlier columns."""
        if event.shift:
            self._wheel(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """With Shift, go to later columns."""
        if event.shift:
            self._wheel(event, 1)

    def _wheel(self, event: events.MouseEvent, columns: int) -> None:
        event.stop()
        event.prevent_default()
        self.action_sideways(columns)
