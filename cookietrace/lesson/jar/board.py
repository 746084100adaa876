"""Mode 9, the cookie jar: what a client held at a step, what it lost, and what it refused."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict

import msgspec

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import Exchange, JarChange, Row, RowKind, TraceUpdate
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.jar.life import HOW_GONE, LifeBoard
from cookietrace.lesson.jar.rows import JarRow, RefusedRow, jar_row, refused_row
from cookietrace.lesson.row_marks import Mark, result_mark
from cookietrace.lesson.standing import current_results
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace

MOST_GONE = 100
"""How many of the cookies that a jar has lost are listed, the latest first."""

MOST_REFUSED = 1000
"""How many refusals are listed, the latest first."""


class GoneCookie(msgspec.Struct, frozen=True):
    """A cookie that a jar has lost for good."""

    cookie: Cookie
    """Its last state."""
    how: str
    """``deleted``, ``expired``, ``evicted`` or ``dropped``."""
    step: int
    """The step in which it went; 0 if that is out of focus."""
    where: str
    """The name of that step, or of the exchange."""


class JarView(msgspec.Struct, frozen=True):
    """A client's jar after one event, with what it lost and refused until then."""

    client_id: str
    now: float
    """The time of the last request or response up to then."""
    cookies: tuple[Cookie, ...]
    gone: tuple[GoneCookie, ...]
    refused: tuple[Row, ...]
    """The latest first."""
    refused_count: int


class JarBoard:
    """The jars of a growing trace's clients, and their cookies' lives.

    A view takes time in proportion to the jar, not to the events before.
    """

    def __init__(self, table: Table, histories: CookieHistories | None = None) -> None:
        """``histories`` can be shared with other boards of the same trace."""
        self._table = table
        self._trace = table.trace
        self._life = LifeBoard(table, histories)
        self._seen_rows = 0
        self._refused: dict[int, array[int]] = {}
        """A client's ordinal -> the rows of its refusals, by their indices."""

    @property
    def seen(self) -> int:
        """How many rows of the trace it has read."""
        return self._seen_rows

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Apply a change of the trace, which the table must have applied before.

        Reads at most ``limit`` new exchanges, and a few times as many rows.
        Returns True if none is left.
        """
        done = self._life.update(update, limit)
        rows = self._trace.rows
        last = len(rows)
        end = last if limit is None else min(last, self._seen_rows + 4 * limit)
        for index in range(self._seen_rows, end):
            if rows.kind_of(index) is RowKind.REFUSED:
                client = self._trace.requests.client(rows.number_of(index))
                self._refused.setdefault(client, array("I")).append(index)
        self._seen_rows = end
        return done and end == last

    def view(self, client_id: str, position: int, last_row: int | None = None) -> JarView:
        """Return a client's jar after ``position`` events; an unknown client's is empty.

        One event can make several rows; refusals after row ``last_row`` of the trace
        are left out.
        """
        rows = self._trace.rows
        states = (state.ordinal for state in self._trace.clients if state.client_id == client_id)
        client = next(states, None)
        if client is None:
            return JarView(client_id, 0.0, (), (), (), 0)
        refused = self._refused.get(client, array("I"))
        count = bisect_right(refused, rows.until(position) - 1)
        if last_row is not None:
            count = bisect_right(refused, last_row, hi=count)
        latest = refused[max(0, count - MOST_REFUSED) : count]
        return JarView(
            client_id=client_id,
            now=_time_at(self._trace, position),
            cookies=self._trace.jar_at(client_id, position),
            gone=tuple(
                self._gone(change) for change in self._life.gone(client_id, position, MOST_GONE)
            ),
            refused=tuple(rows[index] for index in reversed(latest)),
            refused_count=count,
        )

    def held_by_another(self, client_id: str, position: int) -> bool:
        """Return whether any other client holds a cookie after ``position`` events."""
        return any(
            state.client_id != client_id and self._trace.jar_at(state.client_id, position)
            for state in self._trace.clients
        )

    def _gone(self, change: JarChange) -> GoneCookie:
        assert change.before is not None
        step, where = self._life.place(change.exchange_id, change.position)
        return GoneCookie(change.before, HOW_GONE[change.cause][0], step, where)

    def marks(self, client_id: str, step: int) -> dict[CookieKey, frozenset[Mark]]:
        """Return the marks of the cookies of a client's jar that a step concerns.

        Raises ``IndexError`` if there is no such step.
        """
        part = self._table.exchange(step).request
        marks: dict[CookieKey, set[Mark]] = defaultdict(set)
        if part.client_id == client_id:
            for carried in part.cookies:
                if carried.cookie is not None:
                    marks[carried.cookie.key].add(Mark.SENT)
            for held in part.withheld:
                marks[held.cookie.key].add(Mark.WITHHELD)
            row = self._table.trace_row(step)
            for result in current_results(row, self._table.exchange(step)):
                if result.cookie is not None:
                    mark = result_mark(result)
                    marks[result.cookie.key].add(mark if mark is not None else Mark.CHANGED)
        return {key: frozenset(own) for key, own in marks.items()}

    def row(self, cookie: Cookie, now: float) -> JarRow:
        """Return a cookie as display text."""
        return jar_row(cookie, now, self._table.mask)

    def refusal(self, row: Row) -> RefusedRow:
        """Return a refusal as display text."""
        return refused_row(self._trace.exchange(row.exchange_id), row, self._table.mask)

    def refused_at(self, row: Row) -> tuple[int, str]:
        """Return the step of a refusal (0 if out of focus), and its name."""
        return self._life.place(row.exchange_id, row.position)

    @property
    def life_board(self) -> LifeBoard:
        """The cookies' lives."""
        return self._life


def state_marks(cookie: Cookie, marks: frozenset[Mark]) -> frozenset[Mark]:
    """Return a cookie's marks at a step, with those for what is not known about it."""
    if cookie.inferred:
        marks |= {Mark.UNEXPLAINED}
    if cookie.doubtful:
        marks |= {Mark.MISSING}
    if cookie.unconfirmed:
        marks = (marks - {Mark.CHANGED}) | {Mark.UNCONFIRMED}
    return marks


def _time_at(trace: Trace, position: int) -> float:
    """Return the time of the last row up to ``position``; 0 before the first."""
    count = trace.rows.until(position)
    if not count:
        return 0.0
    row = trace.rows[count - 1]
    exchange: Exchange = trace.exchange(row.exchange_id)
    if row.kind is not RowKind.EXCHANGE and exchange.response is not None:
        return exchange.response.at
    return exchange.request.at
