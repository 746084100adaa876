"""Mode 4, the variable tracker: one row a variable, one column a step, around the selected one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from textual import on
from textual.widget import Widget

from cookietrace.lesson.tracker import Tracker, TrackerRow, track
from tui.cells import Cells
from tui.columns import Column
from tui.help_data import HelpData
from tui.modes.base import ModeScreen
from tui.story import Change
from tui.tones import PLAIN, QUIET
from tui.widgets.virtual_table import VirtualTable

_CALM: Final = 0.3
_NARROW: Final = 8
_NOTHING: Final = frozenset({"None", "{}"})


class TrackerTable(VirtualTable):
    """The variables."""

    GUIDE = HelpData(
        title="Variable tracker",
        text=(
            "What request.cookies, the view's own variables and the response's cookies were worth "
            "after each step. The selected step is the last column; blue with ● is a value that "
            "changed there."
        ),
        keys=(("← →", "the step before, the step after"), ("↑ ↓", "another variable")),
    )


class TrackerRows:
    """A ``RowSource``: a window of the tracker's columns."""

    def __init__(self) -> None:
        self.rows: Sequence[TrackerRow] = ()
        self.steps: Sequence[int] = ()
        self.selected = 0

    def __len__(self) -> int:
        """How many variables there are."""
        return len(self.rows)

    def cells(self, index: int) -> Cells:
        """Return one variable."""
        row = self.rows[index]
        texts, tones = [row.name], [PLAIN]
        for step in self.steps:
            value = row.value(step)
            texts.append(value)
            changed = row.changed_at(step)
            tones.append("changed" if changed else QUIET if value in _NOTHING else PLAIN)
        marks = (("●", "changed"),) if row.changed_at(self.selected) else ()
        return Cells(tuple(texts), tuple(tones), marks)


class TrackerScreen(ModeScreen):
    """The tracker, its last column at the selected step."""

    KEY = "4"
    NAME = "Tracker"
    TITLE_TEXT = "Variable tracker"
    GUIDE = TrackerTable.GUIDE

    def body(self) -> Iterable[Widget]:
        """The table."""
        self._rows = TrackerRows()
        self._due = False
        yield TrackerTable(self._rows, (Column("Variable", 16),), id="tracker")

    def on_mount(self) -> None:
        """Start with the keys in the table."""
        self.query_one(TrackerTable).focus()

    def on_resize(self) -> None:
        """Show as many steps as fit."""
        self.call_after_refresh(self.refresh_body)

    @property
    def at_rest(self) -> bool:
        """True where nothing is due to be drawn again."""
        return not self._due

    def body_changed(self, change: Change) -> None:
        """Track again soon."""
        del change
        if not self._due:
            self._due = True
            self.set_timer(_CALM, self.refresh_body)

    def refresh_body(self) -> None:
        """Track the variables up to the selected step."""
        self._due = False
        table = self.query_one(TrackerTable)
        tracker = track(self.story.table, self.story.step)
        steps = self._window(tracker, table.size.width)
        self._rows.rows, self._rows.steps, self._rows.selected = tracker.rows, steps, tracker.steps
        columns = (
            Column("Variable", 16),
            *(Column("Start" if step == 0 else f"After Step {step}", 7) for step in steps),
        )
        table.reload(self._rows, columns)

    def _window(self, tracker: Tracker, width: int) -> list[int]:
        """Return the steps to show: the start, then as many up to the selected one as fit."""
        names = max((cell_len(row.name) for row in tracker.rows), default=10)
        room = width - min(names, width // 3) - 12
        steps: list[int] = []
        for step in range(tracker.steps, 0, -1):
            values = (min(24, cell_len(row.value(step)) // 2 + 1) for row in tracker.rows)
            room -= max(_NARROW, *values) + 2
            if room < _NARROW and steps:
                break
            steps.append(step)
        return [0, *reversed(steps)]

    @on(VirtualTable.Moved)
    def _moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
