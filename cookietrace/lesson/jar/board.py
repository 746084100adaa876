"""Mode 9, the cookie jar: what a client held at a step, what it lost, and what it refused."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict

import msgspec

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import Exchange, JarChange, Row, RowKind, TraceUpdate
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.jar.life import HOW_GONE, LifeBoard
from cookietrace.lesson.jar.rows import JarRow, RefusedRow, jar_row, refused_row
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace

MOST_GONE = 100
"""How many of the cookies that a jar has lost are told, the latest first."""

MOST_REFUSED = 1000
"""How many refusals are told, the latest first."""


class GoneCookie(msgspec.Struct, frozen=True):
    """A cookie that a jar has lost for good."""

    cookie: Cookie
    """As it was last."""
    how: str
    """``deleted``, ``expired``, ``pushed out`` or ``given up``."""
    step: int
    """The step at which it went; 0 where that is out of focus."""
    where: str
    """The name of that step, or of the exchange."""


class JarView(msgspec.Struct, frozen=True):
    """A client's jar as of one event, with what it lost and refused until then."""

    client_id: str
    now: float
    """When that event was, as far as requests and responses tell."""
    cookies: tuple[Cookie, ...]
    gone: tuple[GoneCookie, ...]
    refused: tuple[Row, ...]
    """The latest first."""
    refused_count: int


class JarBoard:
    """The jars of a growing trace's clients, and the lives of their cookies.

    A view takes time in proportion to the jar, not to what came before.
    """

    def __init__(self, table: Table, histories: CookieHistories | None = None) -> None:
        """``histories`` may be shared with others that look at the same trace."""
        self._table = table
        self._trace = table.trace
        self._life = LifeBoard(table, histories)
        self._seen_rows = 0
        self._refused: dict[str, list[Row]] = {}

    @property
    def seen(self) -> int:
        """How many rows of the trace it has looked at."""
        return self._seen_rows

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Take in what changed; the table has taken it in before.

        Looks at no more than ``limit`` new exchanges, and a few more rows.
        Returns True where none is left.
        """
        done = self._life.update(update, limit)
        rows = self._trace.rows
        last = len(rows)
        end = last if limit is None else min(last, self._seen_rows + 4 * limit)
        for index in range(self._seen_rows, end):
            row = rows[index]
            if row.kind is RowKind.REFUSED:
                client_id = self._trace.exchange(row.exchange_id).request.client_id
                self._refused.setdefault(client_id, []).append(row)
        self._seen_rows = end
        return done and end == last

    def view(self, client_id: str, position: int, last_row: int | None = None) -> JarView:
        """Return a client's jar after ``position`` events; unknown clients hold nothing.

        One event makes several rows; of the refusals among them those after row
        ``last_row`` of the trace are left out.
        """
        if all(state.client_id != client_id for state in self._trace.clients):
            return JarView(client_id, 0.0, (), (), (), 0)
        refused = self._refused.get(client_id, [])
        count = bisect_right(refused, position, key=_position)
        if last_row is not None:
            count = bisect_right(refused, last_row, hi=count, key=_index)
        return JarView(
            client_id=client_id,
            now=_time_at(self._trace, position),
            cookies=self._trace.jar_at(client_id, position),
            gone=tuple(
                self._gone(change) for change in self._life.gone(client_id, position, MOST_GONE)
            ),
            refused=tuple(reversed(refused[max(0, count - MOST_REFUSED) : count])),
            refused_count=count,
        )

    def held_by_another(self, client_id: str, position: int) -> bool:
        """Say whether any other client holds a cookie after ``position`` events."""
        return any(
            state.client_id != client_id and self._trace.jar_at(state.client_id, position)
            for state in self._trace.clients
        )

    def _gone(self, change: JarChange) -> GoneCookie:
        assert change.before is not None
        step, where = self._life.place(change.exchange_id, change.position)
        return GoneCookie(change.before, HOW_GONE[change.cause][0], step, where)

    def marks(self, client_id: str, step: int) -> dict[CookieKey, frozenset[Mark]]:
        """Return what a step does with each cookie of a client's jar; others are left out.

        Raises ``IndexError`` where there is no such step.
        """
        part = self._table.exchange(step).request
        marks: dict[CookieKey, set[Mark]] = defaultdict(set)
        if part.client_id == client_id:
            for told in part.cookies:
                if told.cookie is not None:
                    marks[told.cookie.key].add(Mark.SENT)
            for held in part.withheld:
                marks[held.cookie.key].add(Mark.WITHHELD)
            for result in self._table.trace_row(step).results:
                if result.cookie is not None:
                    marks[result.cookie.key].add(Mark.CHANGED)
        return {key: frozenset(own) for key, own in marks.items()}

    def row(self, cookie: Cookie, now: float) -> JarRow:
        """Return a cookie as display text."""
        return jar_row(cookie, now, self._table.mask)

    def refusal(self, row: Row) -> RefusedRow:
        """Return a refusal as display text."""
        return refused_row(self._trace.exchange(row.exchange_id), row, self._table.mask)

    def refused_at(self, row: Row) -> tuple[int, str]:
        """Return the step of a refusal (0: out of focus), and its name."""
        return self._life.place(row.exchange_id, row.position)

    @property
    def life_board(self) -> LifeBoard:
        """The lives of the cookies."""
        return self._life


def _time_at(trace: Trace, position: int) -> float:
    """Return the time of the last row placed by ``position``; 0 before the first."""
    count = bisect_right(trace.rows, position, key=_position)
    if not count:
        return 0.0
    row = trace.rows[count - 1]
    exchange: Exchange = trace.exchange(row.exchange_id)
    if row.kind is not RowKind.EXCHANGE and exchange.response is not None:
        return exchange.response.at
    return exchange.request.at


def _position(row: Row) -> int:
    return row.position


def _index(row: Row) -> int:
    return row.index
