"""Mode 4, the variable tracker: one row a variable, one column a step (DESIGN 6)."""

from __future__ import annotations

from bisect import bisect_right

import msgspec

from cookietrace.cookies import Outcome
from cookietrace.events import Local, Server
from cookietrace.exchange import Exchange, RowKind
from cookietrace.lesson.table import Table
from cookietrace.lesson.words import quoted, shown
from cookietrace.safe_text import safe

REQUEST_COOKIES = "request.cookies"
EMPTY = "{}"
NONE = "None"


class TrackerRow(msgspec.Struct, frozen=True):
    """One variable through all columns."""

    name: str
    start: str
    changes: tuple[tuple[int, str], ...]
    """``(step, value)`` at each step that assigned it, in order."""

    def value(self, step: int) -> str:
        """Return the value after a step; step 0 is the start."""
        index = bisect_right(self.changes, step, key=lambda change: change[0])
        return self.start if index == 0 else self.changes[index - 1][1]

    def changed_at(self, step: int) -> bool:
        """Say whether the value after a step differs from the one before it."""
        return step > 0 and self.value(step) != self.value(step - 1)


class Tracker(msgspec.Struct, frozen=True):
    """The variables of a table's steps."""

    steps: int
    rows: tuple[TrackerRow, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The column headings after the variable's name: ``Start``, ``After Step 1`` and so on."""
        return ("Start", *(f"After Step {step}" for step in range(1, self.steps + 1)))

    def cells(self, row: TrackerRow) -> tuple[str, ...]:
        """Return a row's value under each column heading."""
        return tuple(row.value(step) for step in range(self.steps + 1))


def track(table: Table, upto: int | None = None) -> Tracker:
    """Return every variable of the steps from 1 to ``upto`` (default: the last).

    The variables: ``request.cookies``; each local of a view that held the value
    of a cookie the view had read; each response cookie. Values are display text.
    """
    last = len(table) if upto is None else min(upto, len(table))
    assigned = _Assignments()
    for step in range(1, last + 1):
        if table.trace_row(step).kind is not RowKind.EXCHANGE:
            continue
        exchange = table.exchange(step)
        assigned.note(REQUEST_COOKIES, step, table.request_cell(exchange))
        if exchange.server is not None:
            for local in cookie_locals(table, exchange.server):
                name = assigned.local(local.name, exchange.server.function)
                assigned.note(name, step, _local_value(table, local))
        for name, value in _response_cookies(table, exchange):
            assigned.note(name, step, value)
    return Tracker(last, assigned.rows())


def cookie_locals(table: Table, server: Server) -> tuple[Local, ...]:
    """Return the last value of each local that at some time held a cookie the view read.

    A local holds a cookie where it is assigned, on a line that read one in
    focus, the very value that was read.
    """
    read = {
        (read.line, read.value)
        for read in server.reads
        if read.line is not None and table.focus.covers(read.name)
    }
    holders = {
        local.name
        for local in server.locals
        if (local.line, local.text) in read and (local.text is not None or local.value == NONE)
    }
    latest = {local.name: local for local in server.locals if local.name in holders}
    return tuple(latest.values())


def _local_value(table: Table, local: Local) -> str:
    if local.text is None:
        return safe(local.value)
    return shown(table.mask(local.text))


def _response_cookies(table: Table, exchange: Exchange) -> list[tuple[str, str]]:
    if exchange.response is None:
        return []
    return [
        (
            f"response cookie {quoted(result.name)}",
            NONE
            if result.outcome in (Outcome.DELETED, Outcome.IGNORED)
            else shown(table.mask(result.value)),
        )
        for result in exchange.response.set_cookies
        if table.focus.covers(result.name)
    ]


class _Assignments:
    """Values by variable, the kinds of variable in their order."""

    def __init__(self) -> None:
        self._values: dict[str, list[tuple[int, str]]] = {REQUEST_COOKIES: []}
        self._owners: dict[str, str | None] = {}

    def local(self, name: str, function: str | None) -> str:
        """Return a local's name, with its function where two functions share it."""
        owner = self._owners.setdefault(name, function)
        return safe(name if owner == function else f"{name} ({function})")

    def note(self, name: str, step: int, value: str) -> None:
        """Take in that a step gave a variable a value; the latest word of a step counts."""
        changes = self._values.setdefault(name, [])
        if changes and changes[-1][0] == step:
            changes[-1] = (step, value)
        else:
            changes.append((step, value))

    def rows(self) -> tuple[TrackerRow, ...]:
        """Return the variables: the request's, then locals, then response cookies."""
        return tuple(
            TrackerRow(name, EMPTY if name == REQUEST_COOKIES else NONE, tuple(changes))
            for name, changes in sorted(self._values.items(), key=lambda item: _rank(item[0]))
        )


def _rank(name: str) -> int:
    if name == REQUEST_COOKIES:
        return 0
    return 2 if name.startswith("response cookie ") else 1
