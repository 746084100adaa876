"""The execution table's rows as a virtual table draws them, all of them or only the matches."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.table import TableRow
from tui.drawing.cells import Cells
from tui.drawing.columns import Column
from tui.drawing.tones import PLAIN, QUIET, drawn
from tui.state.story import Story

_MINIMUMS = (4, 24, 9, 7, 9, 9)
_EMPTY = frozenset({"N/A", "—", "{}", "None", "≈ None", ""})

_WEIGHTS = (1.0, 4.0, 1.2, 1.0, 1.2, 1.0)

TABLE_COLUMNS = tuple(Column("", minimum) for minimum in _MINIMUMS)


def columns_for(story: Story) -> tuple[Column, ...]:
    """Return the six columns under the headings that the focus gives them."""
    return tuple(
        Column(title, minimum, right=index == 0, weight=weight)
        for index, (title, minimum, weight) in enumerate(
            zip(story.table.headings, _MINIMUMS, _WEIGHTS, strict=True)
        )
    )


class TableRows:
    """A ``RowSource`` over the steps in sight; ``narrowed`` leaves only the matches."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self.narrowed = False

    def restart(self) -> None:
        """Forget what depended on the rows that were there before."""

    @property
    def _matches(self) -> Sequence[int]:
        return self._story.finder.matches

    def __len__(self) -> int:
        """How many rows there are to show."""
        last = self._story.in_sight
        return bisect_right(self._matches, last) if self.narrowed else last

    def cells(self, index: int) -> Cells:
        """Return the row at an index."""
        row = self._story.table.row(self.step_at(index))
        return Cells(row.cells, tones(row), drawn(row.marks))

    def step_at(self, index: int) -> int:
        """Return the step at an index."""
        return self._matches[index] if self.narrowed else index + 1

    def index_of(self, step: int) -> int | None:
        """Return where a step is; None where it is left out."""
        if not 1 <= step <= self._story.in_sight:
            return None
        if not self.narrowed:
            return step - 1
        place = bisect_left(self._matches, step)
        found = place < len(self._matches) and self._matches[place] == step
        return place if found else None

    def index_near(self, step: int) -> int | None:
        """Return where a step is, or would be; None while there are no rows."""
        count = len(self)
        if not count:
            return None
        place = bisect_left(self._matches, step) if self.narrowed else step - 1
        return max(0, min(place, count - 1))


def tones(row: TableRow) -> tuple[str, ...]:
    """Return a tone for each cell of a row."""
    marks = row.marks
    if row.kind is RowKind.REFUSED:
        action = "refused"
    elif row.kind is RowKind.STORES:
        action = "changed"
    else:
        action = PLAIN
    odd = bool(marks & {Mark.UNEXPLAINED, Mark.MISSING})
    sent = "odd" if odd else "sent" if Mark.SENT in marks else PLAIN
    sets = "changed" if Mark.CHANGED in marks else "refused" if Mark.REFUSED in marks else PLAIN
    answer = "refused" if Mark.FAILED in marks else QUIET if Mark.PENDING in marks else PLAIN
    if row.kind is not RowKind.EXCHANGE:
        sent = QUIET
    chosen = (QUIET, action, sent, PLAIN, sets, answer)
    return tuple(
        QUIET if text in _EMPTY else name for text, name in zip(row.cells, chosen, strict=True)
    )
