"""A few steps of the execution table, one line each, to go to."""

from __future__ import annotations

from collections.abc import Sequence

from cookietrace.lesson.table import Table
from tui.drawing.cells import Cells
from tui.drawing.columns import Column
from tui.drawing.rows import tones
from tui.drawing.tones import PLAIN, QUIET, drawn
from tui.widgets.help_data import HelpData
from tui.widgets.virtual_table import VirtualTable

HERE = "▌"
"""The sign of what speaks of the selected step."""


class LinkRows:
    """A ``RowSource`` over some steps of a table."""

    def __init__(self) -> None:
        self.table: Table | None = None
        self.steps: Sequence[int] = ()
        self.selected = 0

    def __len__(self) -> int:
        """How many steps there are."""
        return len(self.steps)

    def cells(self, index: int) -> Cells:
        """Return one step: its number, its action, its signs."""
        step = self.steps[index]
        assert self.table is not None
        row = self.table.row(step)
        here = step == self.selected
        action = tones(row)[1]
        return Cells(
            (f"{step:,}", row.action),
            (PLAIN if here else QUIET, action),
            ((HERE if here else " ", PLAIN), *drawn(row.marks)),
        )


class StepLinks(VirtualTable):
    """Steps to go to: the arrows choose one, Enter goes there."""

    GUIDE = HelpData(
        title="Steps to go to",
        text=(
            "The rows of the execution table that the line above speaks of. ▌ marks the selected "
            "step, at which all modes stand."
        ),
        keys=(
            ("↑ ↓ j k", "another of these steps"),
            ("Enter", "open the execution table there"),
            ("Esc Tab", "back to the list"),
        ),
    )

    def __init__(self, title: str, *, id: str | None = None) -> None:  # noqa: A002 - as Textual
        """``title`` is what stands above the rows."""
        self._rows = LinkRows()
        super().__init__(self._rows, (Column("Step", 4, right=True), Column(title, 20)), id=id)
        self.fix_lines(1)

    @property
    def steps(self) -> Sequence[int]:
        """The steps that it shows."""
        return self._rows.steps

    @property
    def step(self) -> int:
        """The step under the cursor; 0 while there is none."""
        return self._rows.steps[self.cursor] if self._rows.steps else 0

    def show(self, table: Table, steps: Sequence[int], selected: int) -> None:
        """Show these steps, the cursor on the selected one where it is among them."""
        chosen = selected if selected in steps else self.step
        self._rows.table, self._rows.steps, self._rows.selected = table, steps, selected
        self.reload()
        self.show_row(steps.index(chosen) if chosen in steps else 0)
