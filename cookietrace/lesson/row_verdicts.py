"""The verdict on each row of a table, for exports: what happened, why, and what to do about it."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from cookietrace.lesson.display_text import capitalized
from cookietrace.lesson.happenings import Happening, joined, of_row
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.problems import problems
from cookietrace.lesson.step_verdict import headline
from cookietrace.lesson.table import Table


class RowVerdict(msgspec.Struct, frozen=True):
    """What a row means; display text. Only ``verdict`` is never empty."""

    verdict: str
    reason: str
    fix: str


class RowVerdicts:
    """The verdicts on the rows of a table that does not grow any more."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.problems = problems(table)
        """The problems, then the warnings; the worst first."""
        self._at: dict[int, list[Moment]] = defaultdict(list)
        for moment in self.problems:
            self._at[moment.row].append(moment)

    def of(self, step: int) -> RowVerdict:
        """Return the verdict on a row: its problems and warnings, otherwise what happened in it."""
        found = self._at.get(step)
        if found:
            return RowVerdict(
                "; ".join(f"{capitalized(one.severity.value)}: {headline(one)}" for one in found),
                joined(one.answer for one in found),
                joined(one.advice for one in found),
            )
        happened = self.happenings(step)
        return RowVerdict(
            "; ".join(each.text for each in happened),
            joined(each.why for each in happened),
            joined(each.fix for each in happened),
        )

    def happenings(self, step: int) -> list[Happening]:
        """Return what happened in a row to the cookies in focus."""
        table = self._table
        return list(
            of_row(
                table.trace_row(step),
                table.exchange(step),
                table.focus.covers,
                table.trace.browser,
            )
        )
