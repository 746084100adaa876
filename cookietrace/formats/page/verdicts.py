"""What went wrong, for the top of the page, and the verdict beside each row of the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.detail import verdict
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.sections import Section
from cookietrace.lesson.step_verdict import SEVERITY_MARKS, headline, problem_section
from cookietrace.lesson.table import Table, TableRow

_ORDINARY = frozenset({Mark.SENT, Mark.CHANGED, Mark.PENDING})
"""Marks of rows whose cells say everything."""


class Problem(msgspec.Struct, frozen=True):
    """One problem or warning; every text is display text."""

    step: int
    """The step whose row shows it."""
    mark: Mark
    text: str
    """What happened to which cookie, in one line; the question in a handout."""
    host: str
    """The host, if the page has several; otherwise empty."""
    section: Section | None
    """Why, and what to do; None in a handout."""

    @property
    def sign(self) -> str:
        """The sign of its severity."""
        return SIGNS[self.mark]


def problem_of(table: Table, moment: Moment, *, answers: bool = True) -> Problem:
    """Return a problem or warning of a table; without ``answers``, only what it asks."""
    return Problem(
        step=moment.row,
        mark=SEVERITY_MARKS[moment.severity],
        text=headline(moment) if answers else moment.question,
        host=moment.host if table.host is None else "",
        section=problem_section(moment) if answers else None,
    )


class Problems:
    """The problems and warnings of a table, in the order of their severity."""

    def __init__(self, table: Table, found: Sequence[Moment], *, answers: bool) -> None:
        """``answers`` is False for a handout, which asks why instead of saying it."""
        self._table = table
        self._moments = found
        self._answers = answers
        self.listed = tuple(problem_of(table, moment, answers=answers) for moment in found)
        self._at: dict[int, list[int]] = defaultdict(list)
        for place, problem in enumerate(self.listed):
            self._at[problem.step].append(place)

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of all rows with a problem or warning, and of the requests behind them."""
        return tuple(
            dict.fromkeys(step for moment in self._moments for step in (moment.row, moment.step))
        )

    @property
    def rows(self) -> tuple[int, ...]:
        """The steps whose rows show a problem or a warning, in ascending order."""
        return tuple(sorted(self._at))

    def worst(self, step: int) -> Problem | None:
        """Return the worst problem or warning of a row."""
        places = self._at.get(step)
        return self.listed[places[0]] if places else None

    def verdict(self, row: TableRow) -> tuple[Section, ...]:
        """Return what happened in a row and why; empty if its cells say everything.

        A handout says nothing.
        """
        places = self._at.get(row.step, [])
        if not self._answers:
            return ()
        return row_verdict(self._table, row, [self._moments[place] for place in places])


def row_verdict(table: Table, row: TableRow, wrong: Sequence[Moment]) -> tuple[Section, ...]:
    """Return what happened in a row and why; empty if its cells say everything.

    ``wrong`` are the problems and warnings that it shows, the worst first.
    """
    plain = not row.marks - _ORDINARY and row.kind in (RowKind.EXCHANGE, RowKind.STORES)
    if plain and not wrong:
        return ()
    worst = wrong[0] if wrong else None
    said = verdict(
        table.exchange(row.step), table.trace_row(row.step), table.mask, worst, table.trace.browser
    )
    return (*said[:1], *map(problem_section, wrong[1:]), *said[1:])
