"""The execution table as a widget: all of its rows, or only the matches of a search."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import msgspec

from tui.drawing.table_layout import Cells, Column
from tui.drawing.tones import LEGEND, drawn, row_tones
from tui.state.story import Story
from tui.widgets.guide import Guide
from tui.widgets.virtual_table import VirtualTable

TABLE_COLUMNS = (
    Column("", 4, right=True),
    Column("", 24, weight=2.0, cookies=True),
    Column("", 9, weight=1.2, cookies=True),
    Column("", 7, weight=1.2, cookies=True),
    Column("", 9, weight=1.2, cookies=True),
    Column("", 9, enough=24),
)
"""The six columns, without their headings."""


def columns_for(story: Story) -> tuple[Column, ...]:
    """Return the six columns, with the headings for the story's focus."""
    return tuple(
        msgspec.structs.replace(column, title=title)
        for column, title in zip(TABLE_COLUMNS, story.table.headings, strict=True)
    )


class TableRows:
    """A ``RowSource`` over the visible steps, or over the matches of the search."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self.only_matches = False

    @property
    def _matches(self) -> Sequence[int]:
        return self._story.finder.matches

    def __len__(self) -> int:
        """Return how many rows there are to show."""
        last = self._story.last_visible_step
        return bisect_right(self._matches, last) if self.only_matches else last

    def cells(self, index: int) -> Cells:
        """Return the row at an index."""
        row = self._story.table.row(self.step_at(index))
        return Cells(row.cells, row_tones(row), drawn(row.marks))

    def step_at(self, index: int) -> int:
        """Return the step at an index."""
        return self._matches[index] if self.only_matches else index + 1

    def index_of(self, step: int) -> int | None:
        """Return the index of a step; None if it is not shown."""
        if not 1 <= step <= self._story.last_visible_step:
            return None
        if not self.only_matches:
            return step - 1
        place = bisect_left(self._matches, step)
        found = place < len(self._matches) and self._matches[place] == step
        return place if found else None

    def index_near(self, step: int) -> int | None:
        """Return the index of a step, or of its nearest neighbour; None if there are no rows."""
        count = len(self)
        if not count:
            return None
        place = bisect_left(self._matches, step) if self.only_matches else step - 1
        return max(0, min(place, count - 1))


class StepTable(VirtualTable):
    """The table of steps, with its guide."""

    GUIDE = Guide(
        title="Execution table",
        text=(
            "Each request is a row. If its response changes the cookie jar, the next row shows "
            "which cookies the browser stores, replaces or deletes; each refused cookie has a row "
            "of its own. ≈ marks a value that is inferred because the app has no witness."
        ),
        signs=LEGEND,
        keys=(
            ("↑ ↓ j k", "previous row, next row"),
            ("PgUp PgDn Home End", "one screen up or down; first step, newest step"),
            ("Enter", "show the details on the whole screen"),
            ("d", "hide or show the details"),
            ("w", "one, two or three lines per row"),
            ("/ n N", "find, next match, previous match"),
            ("o O", "choose a focus, show everything"),
            ("Esc", "end the search, show all rows"),
            ("f", "follow live traffic"),
            ("y", "copy part of this step"),
        ),
    )
