"""Mode 3, the execution table: the rows of a trace inside a focus (DESIGN 6)."""

from __future__ import annotations

from collections import Counter, defaultdict

import msgspec

from cookietrace.cookies import Outcome, StoreResult
from cookietrace.events import CookieRead
from cookietrace.fold.exchange import Exchange, Row, RowKind, TraceUpdate
from cookietrace.lesson.content import PENDING, response_content
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.marks import Mark, marks_of
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.reasons import sentence
from cookietrace.lesson.words import (
    authority,
    listed,
    mapping,
    ordinal,
    pair,
    quoted,
    quoted_text,
    short,
    short_pair,
    shown,
)
from cookietrace.trace import Trace

NOT_APPLICABLE = "N/A"
NOTHING = "—"
"""What a cell shows where the view asked for nothing, or the server set nothing."""


class TableRow(msgspec.Struct, frozen=True):
    """One row as people read it; every cell is display text."""

    step: int
    """From 1, inside the focus."""
    kind: RowKind
    exchange_id: str
    row_index: int
    """Its place among the rows of the trace."""
    action: str
    request_cookies: str
    read_cookie: str
    set_cookie: str
    response_content: str
    marks: frozenset[Mark]

    @property
    def cells(self) -> tuple[str, str, str, str, str, str]:
        """The six cells, in the order of the headings."""
        return (
            str(self.step),
            self.action,
            self.request_cookies,
            self.read_cookie,
            self.set_cookie,
            self.response_content,
        )


class TableUpdate(msgspec.Struct, frozen=True):
    """What an update of the trace did to a table."""

    first_added: int | None = None
    """The first new step; None where no row came."""
    changed: frozenset[int] = frozenset()
    """Earlier steps whose cells may read otherwise now."""


class _Placed(msgspec.Struct, frozen=True):
    """A row's place in the table."""

    row: Row
    turn: int
    """For an exchange row: the how manieth request of its client this is, in the focus."""


class Table:
    """The execution table of one trace under one focus.

    Rows take their place when they come into focus and keep it. Cells are made
    when they are asked for, so a table of any length costs what is on screen.
    """

    def __init__(self, trace: Trace, focus: Focus | None = None, *, mask: Mask = unmasked) -> None:
        self.trace = trace
        self.focus = focus if focus is not None else Focus()
        self.mask = mask
        self._placed: list[_Placed] = []
        self._steps: dict[str, list[int]] = defaultdict(list)
        self._turns: Counter[str] = Counter()
        self._waiting: dict[str, list[Row]] = defaultdict(list)
        self._rows_seen = 0
        self._left_out = 0
        """Exchanges among the waiting ones that the focus leaves out as housekeeping."""
        self.update(
            TraceUpdate(
                trace.position,
                exchanges=tuple(exchange.exchange_id for exchange in trace.exchanges),
                rows=tuple(trace.rows),
            )
        )

    @property
    def headings(self) -> tuple[str, str, str, str, str, str]:
        """The column headings; they name the cookie where one is in focus."""
        name = f" {quoted(self.focus.cookie)}" if self.focus.cookie is not None else ""
        return (
            "Step",
            "Action",
            "Request Cookies",
            f"Read Cookie{name}",
            f"Set Cookie{name}",
            "Response Content",
        )

    def __len__(self) -> int:
        """The number of steps."""
        return len(self._placed)

    @property
    def elsewhere(self) -> int:
        """How many exchanges are outside the focus, not counting housekeeping that it leaves out.

        An exchange that its response may yet bring into focus counts until then.
        """
        return len(self._waiting) - self._left_out

    def update(self, update: TraceUpdate) -> TableUpdate:
        """Take in what changed in the trace; say what that did here."""
        known = {
            step for exchange_id in update.exchanges for step in self._steps.get(exchange_id, ())
        }
        for row in update.rows:
            if row.index >= self._rows_seen:  # a reader may have been ahead of its updates
                self._rows_seen = row.index + 1
                self._waiting[row.exchange_id].append(row)
                self._left_out += self._leaves_out(row)
        entering: list[tuple[int, int, Row]] = []
        for exchange_id in dict.fromkeys((*update.exchanges, *self._touched(update))):
            rows = self._waiting.get(exchange_id)
            if not rows:
                continue
            place = self.focus.place(self.trace.exchange(exchange_id))
            if place is not None and place <= update.position:  # the trace may be ahead, too
                del self._waiting[exchange_id]
                entering.extend(
                    (max(place, row.position), row.index, row) for row in rows if self._shows(row)
                )
        if not entering:
            return TableUpdate(changed=frozenset(known))
        first = len(self._placed) + 1
        for _, _, row in sorted(entering, key=lambda entry: entry[:2]):
            self._place(row)
        return TableUpdate(first, frozenset(known))

    @staticmethod
    def _touched(update: TraceUpdate) -> tuple[str, ...]:
        return tuple(row.exchange_id for row in update.rows)

    def _shows(self, row: Row) -> bool:
        """Say whether a row speaks of a cookie in focus; exchange rows always do."""
        return row.kind is RowKind.EXCHANGE or any(
            self.focus.covers(result.name) for result in row.results
        )

    def _leaves_out(self, row: Row) -> bool:
        """Say whether a row is the first of housekeeping that is not to be shown."""
        return (
            row.kind is RowKind.EXCHANGE
            and not self.focus.housekeeping
            and self.trace.exchange(row.exchange_id).request.housekeeping
        )

    def _place(self, row: Row) -> None:
        turn = 0
        if row.kind is RowKind.EXCHANGE:
            client_id = self.trace.exchange(row.exchange_id).request.client_id
            self._turns[client_id] += 1
            turn = self._turns[client_id]
        self._placed.append(_Placed(row, turn))
        self._steps[row.exchange_id].append(len(self._placed))

    # --- by step; every step is from 1 to len(self), anything else raises IndexError

    def _at(self, step: int) -> _Placed:
        if not 1 <= step <= len(self._placed):
            raise IndexError(f"no step {step}")
        return self._placed[step - 1]

    def exchange(self, step: int) -> Exchange:
        """Return the exchange that a step belongs to."""
        return self.trace.exchange(self._at(step).row.exchange_id)

    def trace_row(self, step: int) -> Row:
        """Return the trace's row behind a step."""
        return self._at(step).row

    def position(self, step: int) -> int:
        """Return how many events had been applied when the step took its place."""
        return self._at(step).row.position

    def steps_of(self, exchange_id: str) -> tuple[int, ...]:
        """Return the steps of an exchange; empty where it is out of focus."""
        return tuple(self._steps.get(exchange_id, ()))

    def row(self, step: int) -> TableRow:
        """Return a step as people read it."""
        placed = self._at(step)
        exchange = self.trace.exchange(placed.row.exchange_id)
        if placed.row.kind is RowKind.EXCHANGE:
            action = self._sends(exchange, placed.turn)
            read, set_, content = (
                self.read_cell(exchange),
                self.set_cell(exchange),
                response_content(exchange),
            )
        else:
            action = self._keeps(placed.row, exchange)
            read = set_ = content = NOT_APPLICABLE
        return TableRow(
            step=step,
            kind=placed.row.kind,
            exchange_id=exchange.exchange_id,
            row_index=placed.row.index,
            action=action,
            request_cookies=self.request_cell(exchange),
            read_cookie=read,
            set_cookie=set_,
            response_content=content,
            marks=marks_of(placed.row, exchange),
        )

    # --- cells

    def request_pairs(self, exchange: Exchange) -> list[tuple[str, str]]:
        """Return the request's cookies in focus, as on the wire."""
        return [pair for pair in exchange.request.pairs if self.focus.covers(pair[0])]

    def request_cell(self, exchange: Exchange) -> str:
        """Return e.g. ``{'user': 'Alice'}``."""
        return mapping(self.request_pairs(exchange), self.mask)

    def read_cell(self, exchange: Exchange) -> str:
        """Return what the server read: as its witness says, else inferred and marked ``≈``."""
        if exchange.response is None and exchange.server is None:
            return PENDING if exchange.failure is None else NOTHING
        if exchange.server is None or "all" in exchange.server.dropped:
            return self._inferred_read(exchange)
        reads = [read for read in exchange.server.reads if self._tells(read)]
        if not reads:
            return NOTHING
        if self.focus.cookie is not None:
            return listed(list(dict.fromkeys(self._value(read.value) for read in reads)))
        own = sorted(reads, key=lambda read: read.where == "session")  # the view's before Flask's
        latest = {read.name: read.value for read in own}
        return ", ".join(
            f"{quoted_text(name)}={self._quoted_value(value)}" for name, value in latest.items()
        )

    def _tells(self, read: CookieRead) -> bool:
        """Leave out what the framework asks for by itself, and finds nothing."""
        return self.focus.covers(read.name) and not (read.where == "session" and read.value is None)

    def _inferred_read(self, exchange: Exchange) -> str:
        pairs = self.request_pairs(exchange)
        if self.focus.cookie is not None:
            values = [shown(self.mask(value)) for _, value in pairs] or ["None"]
            return f"≈ {values[0]}"
        inner = ", ".join(pair(name, value, self.mask) for name, value in pairs)
        return f"≈ {inner}" if inner else "≈ None"

    def _value(self, value: str | None) -> str:
        return "None" if value is None else shown(self.mask(value))

    def _quoted_value(self, value: str | None) -> str:
        return "None" if value is None else quoted_text(self.mask(value))

    def set_cell(self, exchange: Exchange) -> str:
        """Return what the response set or deleted, e.g. ``Set 'user'='Alice'``."""
        if exchange.response is None:
            return PENDING if exchange.failure is None else NOTHING
        told = [
            self._set(result)
            for result in exchange.response.set_cookies
            if self.focus.covers(result.name)
        ]
        return "; ".join(told) if told else NOTHING

    def _set(self, result: StoreResult) -> str:
        if result.outcome in (Outcome.DELETED, Outcome.IGNORED):
            return f"Delete {quoted(result.name)}"
        return f"Set {pair(result.name, result.value, self.mask)}"

    # --- actions

    def who(self, exchange: Exchange) -> str:
        """Return ``Client``, numbered from the second on where several are shown."""
        state = self.trace.client(exchange.request.client_id)
        if self.focus.client_id is not None or state.ordinal == 1:
            return "Client"
        return f"Client {state.ordinal}"

    def _sends(self, exchange: Exchange, turn: int) -> str:
        part = exchange.request
        count = len(self.request_pairs(exchange))
        with_ = "" if count == 0 else "with cookie" if count == 1 else f"with {count} cookies"
        who, turn_ = self.who(exchange), f"{ordinal(turn)} request"
        own = " (the browser's own)" if part.housekeeping else ""
        if self.focus.pins_path:
            method = "" if part.method == "GET" else f": {shown(part.method)}"
            return f"{who} sends {turn_}{' ' if with_ else ''}{with_}{method}{own}"
        # What the focus leaves open tells requests apart, so a narrow column has it first.
        host = "" if self.focus.host is not None else authority(part.target)
        where = f"{shown(part.method)} {host}{shown(part.target.path)}"
        return f"{who} sends {where} ({turn_}{', ' if with_ else ''}{with_}){own}"

    def _keeps(self, row: Row, exchange: Exchange) -> str:
        results = [result for result in row.results if self.focus.covers(result.name)]
        who = self.who(exchange)
        if row.kind is RowKind.REFUSED:
            (result,) = results
            why = sentence(result.reasons[0]) if result.reasons else ""
            return f"{who} refuses cookie {short_pair(result.name, result.value, self.mask)}: {why}"
        return f"{who} {'; '.join(self._doings(results))}"

    def _doings(self, results: list[StoreResult]) -> list[str]:
        """Return ``stores cookie …``, ``replaces cookie …`` and ``deletes cookie …``."""
        doings = []
        for verb, outcome in (
            ("stores", Outcome.CREATED),
            ("replaces", Outcome.REPLACED),
            ("deletes", Outcome.DELETED),
        ):
            items = [self._doing(result) for result in results if result.outcome is outcome]
            if items:
                doings.append(f"{verb} cookie{'s' if len(items) > 1 else ''} {listed(items)}")
        return doings

    def _doing(self, result: StoreResult) -> str:
        if result.outcome is Outcome.DELETED:
            return quoted(result.name)
        told = short_pair(result.name, result.value, self.mask)
        previous = result.previous
        if result.outcome is Outcome.REPLACED and previous is not None:
            if previous.value != result.value:
                before = short_pair(previous.name, previous.value, self.mask)
                return f"{before} by {short(result.value, self.mask)}"
            return f"{told} (other attributes)"
        return told
