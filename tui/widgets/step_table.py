"""The execution table as a widget: all of its rows, or only the matches of a search."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import msgspec

from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.happenings import refused_because
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.short_reasons import short_reason
from cookietrace.lesson.standing import current_results
from cookietrace.lesson.step_verdict import SEVERITY_MARKS, headline
from cookietrace.lesson.table import Table, TableRow
from tui.drawing.table_layout import Cells, Column
from tui.drawing.tones import LEGEND, drawn, row_tones
from tui.drawing.tones import tone as tone_of
from tui.state.story import Story
from tui.widgets.guide import Guide
from tui.widgets.virtual_table import VirtualTable

TABLE_COLUMNS = (
    Column("", 4, right=True),
    Column("", 24, weight=2.0, cookies=True, ends=True),
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
    """A ``RowSource`` over the visible steps, or over the matches of the search.

    A row with a problem or a refused cookie has a note: the reason in a few words.
    """

    def __init__(self, story: Story) -> None:
        self._story = story
        self.only_matches = False
        self._table = story.table
        self._refused: list[int] = []
        """The refused rows among the first ``_seen`` steps."""
        self._seen = 0
        self._notes: list[int] = []
        """The indices with a note while every row is shown."""
        self._found: tuple[Moment, ...] | None = None
        self._notes_of: Table | None = None

    @property
    def _matches(self) -> Sequence[int]:
        return self._story.finder.matches

    def __len__(self) -> int:
        """Return how many rows there are to show."""
        last = self._story.last_visible_step
        return bisect_right(self._matches, last) if self.only_matches else last

    def cells(self, index: int) -> Cells:
        """Return the row at an index."""
        step = self.step_at(index)
        row = self._story.table.row(step)
        problem = self._story.problem_at(step)
        tones, marks = row_tones(row), row.marks
        note, tone = self._reason(row), "refused"
        texts = row.cells
        if problem is not None:
            mark = SEVERITY_MARKS[problem.severity]
            tone, marks = tone_of(mark), marks | {mark}
            action = tone if mark is Mark.PROBLEM else tones[1]
            tones = (tone, action, *tones[2:])
            note = (headline(problem), problem.grade.brief)
        if note:
            texts = (texts[0], _without_reason(row, self._story.table), *texts[2:])
        return Cells(texts, tones, drawn(marks), note=tuple(filter(None, note)), note_tone=tone)

    def _reason(self, row: TableRow) -> tuple[str, ...]:
        """Return why the cookie of a row is refused; empty for other rows, or if it is open."""
        if row.kind is not RowKind.REFUSED:
            return ()
        table = self._story.table
        (result,) = current_results(table.trace_row(row.step), table.exchange(row.step))
        why = refused_because(result, table.exchange(row.step).request.method)
        return (why,) if why else ()

    def noted(self) -> Sequence[int]:
        """Return the indices of the rows with a note, in ascending order.

        What is known is kept, so that more rows cost no more than they are.
        """
        story = self._story
        if story.table is not self._table:
            self._table, self._refused, self._seen = story.table, [], 0
        new = story.table.refused_after(self._seen)
        self._refused += new
        self._seen = story.count
        found = story.problems()
        if self.only_matches or story.last_visible_step < story.count:
            steps = {*self._refused, *(moment.row for moment in found)}
            indices = (self.index_of(step) for step in steps)
            return sorted(index for index in indices if index is not None)
        if found is self._found and self._notes_of is self._table:
            self._notes += [step - 1 for step in new]
        else:
            steps = {*self._refused, *(moment.row for moment in found)}
            self._notes = sorted(step - 1 for step in steps)
            self._found, self._notes_of = found, self._table
        return self._notes

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


def _without_reason(row: TableRow, table: Table) -> str:
    """Return a row's action without the reason of a refusal, which is in its note."""
    if row.kind is not RowKind.REFUSED:
        return row.action
    (result,) = table.trace_row(row.step).results
    why = f": {short_reason(result.reasons[0])}" if result.reasons else ""
    return row.action.removesuffix(why)


class StepTable(VirtualTable):
    """The table of steps, with its guide."""

    SHOWN_BY_OWNER = True

    def __init__(self, rows: TableRows, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(rows, TABLE_COLUMNS, id=id)
        self._rows = rows

    def noted(self) -> Sequence[int]:
        """Return the rows with a problem or a refused cookie."""
        return self._rows.noted()

    GUIDE = Guide(
        title="Execution table",
        text=(
            "Each request is a row. If its response changes the cookie jar, the next row shows "
            "which cookies the browser stores, replaces or deletes; each refused cookie has a row "
            "of its own. ≈ marks a value that is inferred because the app has no witness, and "
            "≈ same is what Request Cookies shows. Long values are shortened to fit; +2 more "
            "counts cookies for which there is no room. A row with a problem or a refused "
            "cookie has the reason below it."
        ),
        signs=LEGEND,
        keys=(
            ("↑ ↓ j k", "previous row, next row"),
            ("PgUp PgDn Home End", "one screen up or down; first step, newest step"),
            ("] [", "next problem, previous problem"),
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
