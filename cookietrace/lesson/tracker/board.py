"""Mode 4, the variable tracker: one row per variable, one column per step."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import msgspec

from cookietrace.cookies import Cookie
from cookietrace.events import Local, Server
from cookietrace.fold.exchange import Exchange, JarChange, RowKind, TraceUpdate
from cookietrace.lesson.display_text import quoted, shown
from cookietrace.lesson.expired_lines import is_deletion
from cookietrace.lesson.mask import masked_within
from cookietrace.lesson.step_board import StepBoard
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.assignments import Assignments
from cookietrace.safe_text import safe

REQUEST_COOKIES = "request.cookies"
EMPTY = "{}"
NONE = "None"


class TrackerRow(msgspec.Struct, frozen=True):
    """One variable in all columns."""

    name: str
    start: str
    changes: tuple[tuple[int, str], ...]
    """``(step, value)`` at each step that assigned it, in order."""

    def value(self, step: int) -> str:
        """Return the value after a step; step 0 is the start."""
        index = bisect_right(self.changes, step, key=_step_of)
        return self.start if index == 0 else self.changes[index - 1][1]

    def changed_at(self, step: int) -> bool:
        """Return whether a step changed the value."""
        return step > 0 and self.value(step) != self.value(step - 1)


class Tracker(msgspec.Struct, frozen=True):
    """The variables of a range of steps."""

    steps: int
    """The last step."""
    rows: tuple[TrackerRow, ...]
    shown: tuple[int, ...]
    """The steps that have a column, in order; 0 is the start."""
    columns: tuple[str, ...]
    """Their headings: ``Start``, ``After Step 1`` and so on."""

    def cells(self, row: TrackerRow) -> tuple[str, ...]:
        """Return a row's value under each column heading."""
        return tuple(row.value(step) for step in self.shown)

    def room_for(self, cells: int) -> int:
        """Return how many rows have at most this many cells together; at least one."""
        return max(1, cells // max(1, len(self.shown)))

    def only_changes(self) -> Tracker:
        """Return the same without the columns in which nothing changed; the first one stays."""
        kept = [
            index
            for index, step in enumerate(self.shown)
            if index == 0 or any(row.changed_at(step) for row in self.rows)
        ]
        return msgspec.structs.replace(
            self,
            shown=tuple(self.shown[index] for index in kept),
            columns=tuple(self.columns[index] for index in kept),
        )


def track(table: Table, upto: int | None = None, *, jar: bool = False) -> Tracker:
    """Return every variable of the steps from 1 to ``upto`` (default: the last).

    The variables are ``request.cookies``, each local of a view that held the value
    of a cookie that the view read, each response cookie and, with ``jar``, each
    cookie in the jar. Values are display text. Takes time in proportion to the
    whole table; a screen keeps a ``TrackerBoard``.
    """
    board = TrackerBoard(table, jar=jar)
    board.update()
    return board.window(0, upto)


class History(msgspec.Struct, frozen=True):
    """The changes that led to a variable's value."""

    name: str
    start: str
    count: int
    """How often it has changed."""
    changes: tuple[tuple[int, str], ...]
    """``(step, value)`` of the latest changes, newest first."""

    @property
    def value(self) -> str:
        """The current value."""
        return self.changes[0][1] if self.changes else self.start


class TrackerBoard(StepBoard):
    """The variables of a growing table, for any range of steps.

    It knows the steps that it has read (``seen``); ``update`` reads more.
    """

    def __init__(self, table: Table, *, jar: bool = False) -> None:
        """Use a table; with ``jar``, the cookies of the jar are variables too."""
        super().__init__(table)
        self._variables = Assignments(_start, (REQUEST_COOKIES,))
        self._owners: dict[str, str | None] = {}
        self._order: dict[str, int] = {}
        self._jar = _JarVariables(table, self._variables) if jar else None

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Apply a change of the trace as every step board does, then read the jars up to there."""
        done = super().update(update, limit)
        if self._jar is not None:
            self._jar.update(self._seen)
        return done

    def steps(self, last: int | None = None, *, only_changes: bool = False) -> Sequence[int]:
        """Return the steps up to ``last`` (None: the latest) that have a column.

        The first is 0, the start; with ``only_changes``, only steps in which some
        variable changed follow.
        """
        end = self._seen if last is None else max(0, min(last, self._seen))
        return [0, *self._variables.steps(end)] if only_changes else range(end + 1)

    def variables(
        self, shown: Sequence[int], *, only_changes: bool = False, keep: str = ""
    ) -> tuple[str, ...]:
        """Return the variables that have a row for the given steps, in the order of the rows.

        A variable that no step up to the last of them assigned has no row. With
        ``only_changes``, neither has one that did not change in any of them, except
        the one named by ``keep``.
        """
        last = shown[-1] if shown else 0
        places = self._places()
        if only_changes:
            names = {name for step in shown for name in self._variables.changed(step)}
            kept = {keep} & places.keys()
            return tuple(sorted(names | kept, key=places.__getitem__))
        known = self._variables.known
        return tuple(name for name in places if name == REQUEST_COOKIES or known(name, last))

    def row(self, name: str, shown: Sequence[int]) -> TrackerRow:
        """Return one variable's values at the given steps, which must be in order and read."""
        first, last = (shown[0], shown[-1]) if shown else (0, 0)
        return TrackerRow(name, _start(name), self._variables.within(name, first, last))

    def window(self, first: int, last: int | None = None) -> Tracker:
        """Return every column from step ``first`` (0: the start) to ``last`` (None: the latest)."""
        steps = self.steps(last)
        shown = steps[max(0, min(first, len(steps) - 1)) :]
        rows = tuple(self.row(name, shown) for name in self.variables(shown))
        columns = tuple(map(self.heading, shown))
        return Tracker(len(steps) - 1, rows, tuple(shown), columns)

    def heading(self, step: int) -> str:
        """Return the heading of a step's column: ``Start``, ``After Step 1`` and so on."""
        return f"After Step {self._table.label(step)}" if step else "Start"

    def history(self, name: str, upto: int, most: int = 50) -> History:
        """Return the changes that led to a variable's value after a step."""
        moves = self._variables.moves(name, upto)
        return History(name, _start(name), moves, self._variables.latest(name, upto, most))

    def change_before(self, name: str, step: int) -> int | None:
        """Return the last step before ``step`` that changed the variable; None if there is none."""
        return self._variables.before(name, step)

    def change_after(self, name: str, step: int) -> int | None:
        """Return the first step after ``step`` that changed the variable; None if there is none."""
        return self._variables.after(name, step)

    def _places(self) -> dict[str, int]:
        """Return the variables in the order of their rows: request, locals, response, jar."""
        if len(self._order) != len(self._variables):
            names = sorted(self._variables.names, key=_rank)
            self._order = {name: place for place, name in enumerate(names)}
        return self._order

    def _local(self, name: str, function: str | None) -> str:
        """Return a local's name, with its function if another function has the same name."""
        owner = self._owners.setdefault(name, function)
        return safe(name if owner == function else f"{name} ({function})")

    def _take(self, step: int) -> None:
        table = self._table
        if table.trace_row(step).kind is not RowKind.EXCHANGE:
            return
        exchange = table.exchange(step)
        given: dict[str, str] = {REQUEST_COOKIES: table.request_cell(exchange)}
        if exchange.server is not None:
            for local in cookie_locals(table, exchange.server):
                name = self._local(local.name, exchange.server.function)
                given[name] = _local_value(table, exchange.server, local)
        given.update(_response_cookies(table, exchange))
        self._variables.record(step, given)


def cookie_locals(table: Table, server: Server) -> tuple[Local, ...]:
    """Return the last value of each local that at some time held a cookie the view read.

    A local holds a cookie if a line that read a cookie in focus assigned it exactly
    the value that was read.
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


def _local_value(table: Table, server: Server, local: Local) -> str:
    if local.text is None:
        cookies = [read.value for read in server.reads] + [write.value for write in server.writes]
        return safe(masked_within(local.value, cookies, table.mask))
    return shown(table.mask(local.text))


def _response_cookies(table: Table, exchange: Exchange) -> list[tuple[str, str]]:
    if exchange.response is None:
        return []
    return [
        (
            f"response cookie {quoted(result.name)}",
            NONE if is_deletion(result) else shown(table.mask(result.value)),
        )
        for result in exchange.response.set_cookies
        if table.focus.covers(result.name)
    ]


class _JarVariables:
    """One variable per jar cookie in focus: its value at each step."""

    def __init__(self, table: Table, variables: Assignments) -> None:
        self._table = table
        self._variables = variables
        self._seen: dict[str, int] = {}
        self._reach: list[int] = []

    def update(self, upto: int) -> None:
        """Read the jar changes that the steps up to ``upto`` show."""
        table = self._table
        while len(self._reach) < upto:
            position = table.position(len(self._reach) + 1)
            self._reach.append(max(position, self._reach[-1]) if self._reach else position)
        only = table.focus.client_id
        for state in tuple(table.trace.clients):
            if only is None or state.client_id == only:
                self._client(state.client_id, state.ordinal)

    def _client(self, client_id: str, ordinal: int) -> None:
        changes = self._table.trace.jar_changes(client_id)
        seen = self._seen.get(client_id, 0)
        end = len(changes)
        while seen < end:
            change = changes[seen]
            index = bisect_left(self._reach, change.position)
            if index == len(self._reach):
                break
            seen += 1
            if self._table.focus.covers(change.key.name):
                self._variables.note(_jar_name(change, ordinal), index + 1, self._value(change))
        self._seen[client_id] = seen

    def _value(self, change: JarChange) -> str:
        after: Cookie | None = change.after
        if after is None:
            return NONE
        doubt = " (unconfirmed)" if after.unconfirmed else ""
        return f"{shown(self._table.mask(after.value))}{doubt}"


def _jar_name(change: JarChange, ordinal: int) -> str:
    """Return a name that distinguishes a jar cookie from all others."""
    key = change.key
    host = shown(key.domain) if key.host_only else f"*.{shown(key.domain)}"
    inside = f" within {shown(key.partition_key)}" if key.partition_key is not None else ""
    whose = f" of client {ordinal}" if ordinal > 1 else ""
    return f"jar{whose}: {quoted(key.name)} for {host}{shown(key.path)}{inside}"


def _step_of(change: tuple[int, str]) -> int:
    return change[0]


def _start(name: str) -> str:
    return EMPTY if name == REQUEST_COOKIES else NONE


def _rank(name: str) -> int:
    if name == REQUEST_COOKIES:
        return 0
    if name.startswith("response cookie "):
        return 2
    return 3 if is_of_jar(name) else 1


def is_of_jar(name: str) -> bool:
    """Return whether the variable by this name is a cookie of a jar."""
    return name.startswith("jar") and ": " in name
