"""A few steps of the execution table, one line each, to go to."""

from __future__ import annotations

from collections.abc import Sequence

from cookietrace.lesson.table import Table
from tui.drawing.table_layout import Cells, Column
from tui.drawing.tones import PLAIN, QUIET, drawn, row_tones
from tui.widgets.guide import Guide
from tui.widgets.virtual_table import VirtualTable

HERE = "▌"
"""The sign of what is about the selected step."""


class LinkRows:
    """A ``RowSource`` over some steps of a table."""

    def __init__(self) -> None:
        self.table: Table | None = None
        self.steps: Sequence[int] = ()
        self.selected = 0

    def __len__(self) -> int:
        """Return how many steps there are."""
        return len(self.steps)

    def cells(self, index: int) -> Cells:
        """Return one step: its number, its action, its signs."""
        step = self.steps[index]
        assert self.table is not None
        row = self.table.row(step)
        here = step == self.selected
        action = row_tones(row)[1]
        return Cells(
            (row.label, row.action),
            (PLAIN if here else QUIET, action),
            ((HERE if here else " ", PLAIN), *drawn(row.marks)),
        )


class StepLinks(VirtualTable):
    """Steps to go to: the arrow keys select one, Enter goes there."""

    GUIDE = Guide(
        title="Steps",
        text=(
            "The rows of the execution table that belong to the line above. ▌ marks the selected "
            "step, which is the same in all modes."
        ),
        keys=(
            ("↑ ↓ j k", "another of these steps"),
            ("Enter", "open the execution table at this step"),
            ("Esc Tab", "go back to the list"),
        ),
    )

    def __init__(self, title: str, *, id: str | None = None) -> None:  # noqa: A002 - as Textual
        """``title`` is the heading above the rows."""
        self._rows = LinkRows()
        super().__init__(self._rows, (Column("Step", 4, right=True), Column(title, 20)), id=id)
        self.fix_lines(1)

    @property
    def steps(self) -> Sequence[int]:
        """The steps that it shows."""
        return self._rows.steps

    @property
    def step(self) -> int:
        """The step under the cursor; 0 if there are no steps."""
        return self._rows.steps[self.cursor] if self._rows.steps else 0

    def show(self, table: Table, steps: Sequence[int], selected: int) -> None:
        """Show these steps, with the cursor on the selected one if it is among them."""
        chosen = selected if selected in steps else self.step
        self._rows.table, self._rows.steps, self._rows.selected = table, steps, selected
        self.reload()
        self.show_row(steps.index(chosen) if chosen in steps else 0)
