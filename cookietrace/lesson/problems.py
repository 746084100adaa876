"""What went wrong in a trace: the problems and warnings among its key moments, the worst first."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.display_text import plural
from cookietrace.lesson.moments import Moment, MomentBoard, Severity
from cookietrace.lesson.table import Table


class Tally(msgspec.Struct, frozen=True):
    """How many problems and warnings there are."""

    problems: int = 0
    warnings: int = 0

    @property
    def text(self) -> str:
        """Return e.g. ``2 problems · 1 warning``; empty if there are none."""
        parts = ((self.problems, "problem"), (self.warnings, "warning"))
        return " · ".join(plural(count, noun) for count, noun in parts if count)


class ProblemBoard:
    """The problems and warnings of a growing table."""

    def __init__(
        self,
        table: Table,
        histories: CookieHistories | None = None,
        moments: MomentBoard | None = None,
    ) -> None:
        """Use a table; ``histories`` can be shared with other boards of the same trace.

        ``moments`` is a board of the table to use instead of one of its own.
        """
        self._moments = moments if moments is not None else MomentBoard(table, histories)
        self._found: tuple[Moment, ...] = ()
        self._rows: dict[int, Moment] = {}

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Apply a change of the trace, which the table must have applied before.

        Reads at most ``limit`` new steps, or else writes as many texts; returns True if none is
        left. What it found changes only then.
        """
        if not self._moments.update(update, limit) or not self._moments.write(limit):
            return False
        found = ranked(self._moments.moments())
        if found != self._found:
            self._found = found
            self._rows = {moment.row: moment for moment in reversed(found)}
        return True

    def problems(self) -> tuple[Moment, ...]:
        """Return the problems, then the warnings; the worst first."""
        return self._found

    def at(self, step: int) -> Moment | None:
        """Return the worst problem or warning that a step's row shows; None if it shows none."""
        return self._rows.get(step)

    @property
    def tally(self) -> Tally:
        """How many there are."""
        return tally(self._found)


def ranked(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """Return the problems and warnings among moments, the worst first."""
    found = (moment for moment in moments if moment.severity is not Severity.NOTE)
    return tuple(sorted(found, key=lambda moment: moment.rank))


def tally(moments: Iterable[Moment]) -> Tally:
    """Count the problems and warnings among moments."""
    severities = [moment.severity for moment in moments]
    return Tally(severities.count(Severity.PROBLEM), severities.count(Severity.WARNING))


def problems(table: Table, histories: CookieHistories | None = None) -> tuple[Moment, ...]:
    """Return the problems and warnings of a table as it is now; a screen keeps a board."""
    board = ProblemBoard(table, histories)
    board.update()
    return board.problems()
