"""Mode 3, the execution table: the rows of a trace within a focus."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from operator import attrgetter

import msgspec

from cookietrace.cookies import Outcome, StoreResult
from cookietrace.events import CookieRead
from cookietrace.fold.exchange import Exchange, Row, RowKind, TraceUpdate
from cookietrace.lesson.content import PENDING, response_content
from cookietrace.lesson.display_text import (
    authority,
    clip,
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
from cookietrace.lesson.expired_lines import is_deletion
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.row_marks import Mark, marks_of
from cookietrace.lesson.short_reasons import short_reason
from cookietrace.lesson.standing import (
    current_results,
    refuted_verb,
    refuted_why,
    short_proviso,
)
from cookietrace.trace import Trace

_EXCHANGE = RowKind.EXCHANGE
_index = attrgetter("index")
NOT_APPLICABLE = "N/A"
NOTHING = "—"
"""What a cell shows if the view read nothing, or the server set nothing."""

REPEATED_CELLS = 400
"""How much of the request's cookies the further rows of an exchange repeat; its own has them all.

A response with hundreds of refused cookies has as many rows.
"""

FIRST_CLIENT = "Client"
"""What the first client is called, and the only one."""


class TableRow(msgspec.Struct, frozen=True):
    """One row; every cell is display text."""

    step: int
    """From 1, counted within the focus."""
    label: str
    """What texts call the step: its number, the same in every focus."""
    number: int
    """That number; for what a browser requested by itself, the one before."""
    kind: RowKind
    exchange_id: str
    row_index: int
    """Its index among the rows of the trace."""
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
            self.label,
            self.action,
            self.request_cookies,
            self.read_cookie,
            self.set_cookie,
            self.response_content,
        )


class TableUpdate(msgspec.Struct, frozen=True):
    """What an update of the trace changed in a table."""

    first_added: int | None = None
    """The first new step; None if no row was added."""
    changed: frozenset[int] = frozenset()
    """Earlier steps whose cells may have changed."""


class Table:
    """The execution table of one trace under one focus.

    Rows are added when they come into focus, and never move. Cells are made on
    demand, so the cost depends on what is on screen, not on the table's length.

    A step is a place in this table, from 1 without gaps: what the user moves between. What texts
    call it is its ``label``: the number that it has in the default focus, ``Focus()``. In a
    narrower focus the numbers have gaps, and the row of a request that only its response brings
    into focus stands where it came in, after rows with higher numbers.
    """

    def __init__(self, trace: Trace, focus: Focus | None = None, *, mask: Mask = unmasked) -> None:
        self.trace = trace
        self.focus = focus if focus is not None else Focus()
        self.mask = mask
        self._placed: list[Row] = []
        self._steps: dict[str, tuple[int, ...]] = {}
        """The steps of each exchange; in the default focus, only of those that have several."""
        self._found = 0
        """How many rows those are of."""
        self._turns: Counter[str] = Counter()
        """How many requests of each client are in the table."""
        self._turn_at: dict[int, int] = {}
        """For the step of a request, which one of its client within the focus it is, from 1."""
        self._origins: set[str] = set()
        """The origins of the requests in the table."""
        self._hosts: dict[str, set[str]] = defaultdict(set)
        """The schemes of each host (with its port) among them."""
        self._met = 0
        """How many rows the last four are of."""
        self._waiting: dict[str, list[Row]] = defaultdict(list)
        self._rows_seen = 0
        self._lowest = self._highest = 0
        self._left_out = 0
        """How many of the waiting exchanges are housekeeping that the focus leaves out."""
        self._last_cell: tuple[Exchange | None, Mask, str] = (None, mask, "")
        self._is_default = self.focus == Focus()
        if self._is_default:
            self._place_all()
            return
        self.update(
            TraceUpdate(
                trace.position,
                exchanges=tuple(exchange.exchange_id for exchange in trace.exchanges),
                rows=tuple(trace.rows),
            )
        )

    @property
    def headings(self) -> tuple[str, str, str, str, str, str]:
        """The column headings; they name the host of all requests, and the one cookie in focus."""
        name = f" {quoted(self.focus.cookie)}" if self.focus.cookie is not None else ""
        at = "" if self.focus.pins_path or self.host is None else f" at {self.host}"
        return (
            "Step",
            f"Action{at}",
            "Request Cookies",
            f"Read Cookie{name}",
            f"Set Cookie{name}",
            "Response Content",
        )

    @property
    def host(self) -> str | None:
        """The host (and port) of all requests, which no row names then; display text.

        None if they have several, or if one is reached by both http and https, or without rows.
        """
        self._meet()
        return next(iter(self._hosts)) if len(self._origins) == 1 else None

    def __len__(self) -> int:
        """The number of steps."""
        return len(self._placed)

    @property
    def numbers(self) -> tuple[int, int]:
        """The lowest and the highest number of its steps; 0 and 0 without steps."""
        return self._lowest, self._highest

    @property
    def elsewhere(self) -> int:
        """How many exchanges are outside the focus, without the housekeeping that it leaves out.

        An exchange that its response may still bring into focus is counted until then.
        """
        return len(self._waiting) - self._left_out

    def update(self, update: TraceUpdate) -> TableUpdate:
        """Apply a change of the trace, and return what it changed here."""
        known = {step for exchange_id in update.exchanges for step in self.steps_of(exchange_id)}
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
        before = self._named_as
        for _, _, row in sorted(entering, key=lambda entry: entry[:2]):
            self._place(row)
        if self._named_as != before:
            known.update(range(1, first))
        return TableUpdate(first, frozenset(known))

    @property
    def _named_as(self) -> tuple[bool, int]:
        """What decides how rows name their hosts."""
        self._meet()
        return len(self._origins) > 1, sum(len(schemes) > 1 for schemes in self._hosts.values())

    def _place_all(self) -> None:
        """Place all rows of the trace so far, under a focus that leaves out housekeeping only.

        The same as an update with all of them, in a fraction of the time.
        """
        rows = tuple(self.trace.rows)
        self._rows_seen = len(rows)
        self._placed = [row for row in rows if not row.aside]
        for row in rows if len(self._placed) < len(rows) else ():
            if row.aside:
                self._waiting[row.exchange_id].append(row)
                self._left_out += self._leaves_out(row)
        if self._placed:
            self._lowest, self._highest = self._placed[0].number, self._placed[-1].number

    @staticmethod
    def _touched(update: TraceUpdate) -> tuple[str, ...]:
        return tuple(row.exchange_id for row in update.rows)

    def _shows(self, row: Row) -> bool:
        """Return whether a row concerns a cookie in focus; exchange rows always do."""
        return row.kind is RowKind.EXCHANGE or any(
            self.focus.covers(result.name) for result in row.results
        )

    def _leaves_out(self, row: Row) -> bool:
        """Return whether a row is the exchange row of housekeeping that is not shown."""
        return row.kind is RowKind.EXCHANGE and row.aside > 0 and not self.focus.housekeeping

    def _place(self, row: Row) -> None:
        self._lowest = min(self._lowest, row.number) if self._placed else row.number
        self._highest = max(self._highest, row.number)
        self._placed.append(row)

    def _meet(self) -> None:
        """Count the requests placed since the last time, and enter their hosts.

        Only showing rows needs them.
        """
        for step, row in enumerate(self._placed[self._met :], self._met + 1):
            if row.kind is RowKind.EXCHANGE:
                part = self.trace.exchange(row.exchange_id).request
                self._turns[part.client_id] += 1
                self._turn_at[step] = self._turns[part.client_id]
                origin = part.target.origin
                if origin not in self._origins:
                    self._origins.add(origin)
                    self._hosts[authority(part.target)].add(part.target.scheme)
        self._met = len(self._placed)

    # --- by step: from 1 to len(self); any other step raises IndexError

    def _at(self, step: int) -> Row:
        if not 1 <= step <= len(self._placed):
            raise IndexError(f"no step {step}")
        return self._placed[step - 1]

    def exchange(self, step: int) -> Exchange:
        """Return the exchange that a step belongs to."""
        return self.trace.exchange(self._at(step).exchange_id)

    def trace_row(self, step: int) -> Row:
        """Return the trace's row behind a step."""
        return self._at(step)

    def label(self, step: int) -> str:
        """Return what texts call a step: ``3``; ``3a`` for what a browser requests by itself."""
        return self._at(step).label

    def nearest(self, number: int) -> int:
        """Return the step whose number is nearest to this one; 0 if there are no steps."""
        steps = range(1, len(self._placed) + 1)
        return min(steps, key=lambda step: abs(self._at(step).number - number), default=0)

    def position(self, step: int) -> int:
        """Return how many events had been applied when the step was added."""
        return self._at(step).position

    def steps_of(self, exchange_id: str) -> tuple[int, ...]:
        """Return the steps of an exchange; empty if it is out of focus."""
        self._find_steps()
        return self._steps.get(exchange_id) or self._only_step(exchange_id)

    def _only_step(self, exchange_id: str) -> tuple[int, ...]:
        """Return the step of an exchange's own row in the default focus: its number.

        After a cut the numbers go on from before it, so the row has to be looked for.
        """
        exchange = self.trace.find(exchange_id) if self._is_default else None
        if exchange is None or exchange.row.aside:
            return ()
        number, index = exchange.row.number, exchange.row.index
        if not (0 < number <= len(self._placed) and self._placed[number - 1].index == index):
            number = bisect_left(self._placed, index, key=_index) + 1
        found = number <= len(self._placed) and self._placed[number - 1].index == index
        return (number,) if found else ()

    def _find_steps(self) -> None:
        """Enter the steps of the rows placed since the last time."""
        for step, row in enumerate(self._placed[self._found :], self._found + 1):
            if row.kind is not _EXCHANGE:
                id_ = row.exchange_id
                self._steps[id_] = (*(self._steps.get(id_) or self._only_step(id_)), step)
            elif not self._is_default:
                self._steps[row.exchange_id] = (step,)
        self._found = len(self._placed)

    def row(self, step: int) -> TableRow:
        """Return a step's row."""
        placed = self._at(step)
        exchange = self.trace.exchange(placed.exchange_id)
        request = self.request_cell(exchange)
        if placed.kind is RowKind.EXCHANGE:
            self._meet()
            action = self._sends(exchange, self._turn_at[step])
            read, set_, content = (
                self.read_cell(exchange),
                self.set_cell(exchange),
                response_content(exchange, self.mask),
            )
        else:
            action = self._stores(placed, exchange)
            request = clip(request, REPEATED_CELLS)
            read = set_ = content = NOT_APPLICABLE
        return TableRow(
            step=step,
            label=placed.label,
            number=placed.number,
            kind=placed.kind,
            exchange_id=exchange.exchange_id,
            row_index=placed.index,
            action=action,
            request_cookies=request,
            read_cookie=read,
            set_cookie=set_,
            response_content=content,
            marks=marks_of(placed, exchange, self.trace),
        )

    # --- cells

    def request_pairs(self, exchange: Exchange) -> list[tuple[str, str]]:
        """Return the request's cookies in focus, as on the wire."""
        return [pair for pair in exchange.request.pairs if self.focus.covers(pair[0])]

    def request_cell(self, exchange: Exchange) -> str:
        """Return e.g. ``{'user': 'Alice'}``."""
        known, mask, cell = self._last_cell  # every row of an exchange has the same
        if known is not exchange or mask is not self.mask:
            cell = mapping(self.request_pairs(exchange), self.mask)
            self._last_cell = exchange, self.mask, cell
        return cell

    def read_cell(self, exchange: Exchange) -> str:
        """Return what the server read: what its witness reports, or else inferred, marked ``≈``."""
        if exchange.response is None and exchange.server is None:
            return PENDING if exchange.failure is None else NOTHING
        if exchange.server is None or "all" in exchange.server.dropped:
            return self._inferred_read(exchange)
        reads = [read for read in exchange.server.reads if self._is_shown(read)]
        if not reads:
            return NOTHING
        if self.focus.cookie is not None:
            return listed(list(dict.fromkeys(self._value(read.value) for read in reads)))
        own = sorted(reads, key=lambda read: read.where == "session")  # the view's before Flask's
        latest = {read.name: read.value for read in own}
        return ", ".join(
            f"{quoted_text(name)}={self._quoted_value(value)}" for name, value in latest.items()
        )

    def _is_shown(self, read: CookieRead) -> bool:
        """Return False for a framework's own read of a session that is not there."""
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
        parts = [
            self._set(result)
            for result in exchange.response.set_cookies
            if self.focus.covers(result.name)
        ]
        return "; ".join(parts) if parts else NOTHING

    def _set(self, result: StoreResult) -> str:
        if is_deletion(result):
            return f"Delete {quoted(result.name)}"
        return f"Set {pair(result.name, result.value, self.mask)}"

    # --- actions

    def who(self, exchange: Exchange) -> str:
        """Return ``Client``, or ``Client 2`` and so on for later clients in a shared table."""
        state = self.trace.client(exchange.request.client_id)
        if self.focus.client_id is not None or state.ordinal == 1:
            return FIRST_CLIENT
        return f"Client {state.ordinal}"

    def _sends(self, exchange: Exchange, turn: int) -> str:
        part = exchange.request
        who, turn_, host = self.who(exchange), f"{ordinal(turn)} request", self._host(exchange)
        if turn == 1 and self.trace.client(part.client_id).follows is not None:
            turn_ += " of a fresh browser"
        own = " (automatic)" if part.housekeeping else ""
        if not self.focus.pins_path:
            # What the focus does not pin distinguishes requests, so it comes first.
            client = "" if who == FIRST_CLIENT else f"{who}: "
            return f"{client}{shown(part.method)} {self.place(exchange)} ({turn_}){own}"
        count = len(self.request_pairs(exchange))
        with_ = "" if count == 0 else " with cookie" if count == 1 else f" with {count} cookies"
        method = "" if part.method == "GET" else f": {shown(part.method)}"
        return f"{who} sends {turn_}{host and f' to {host}'}{with_}{method}{own}"

    def place(self, exchange: Exchange) -> str:
        """Return a request's path, after its host as far as it distinguishes the table's rows."""
        return f"{self._host(exchange)}{shown(exchange.request.target.path)}"

    def _host(self, exchange: Exchange) -> str:
        """Return the host of a request, as far as it distinguishes the table's rows."""
        self._meet()
        name = authority(exchange.request.target)
        if len(self._hosts.get(name, ())) > 1:
            return shown(exchange.request.target.origin)
        return "" if self.host is not None else name

    def _stores(self, row: Row, exchange: Exchange) -> str:
        results = [
            result for result in current_results(row, exchange) if self.focus.covers(result.name)
        ]
        who = self.who(exchange)
        if row.kind is RowKind.REFUTED:
            return f"{who} {self._corrects(row, results)}"
        condition = short_proviso(results)
        if row.kind is RowKind.REFUSED:
            (result,) = results
            named = short_pair(result.name, result.value, self.mask)
            why = short_reason(result.reasons[0]) if result.reasons and not condition else ""
            return f"{who} refuses cookie {named}{condition or f': {why}'}"
        return f"{who} {'; '.join(self._changes(results))}{condition}"

    def _corrects(self, row: Row, results: list[StoreResult]) -> str:
        """Return e.g. ``had not stored 'sid' (step 4): that request was made without …``."""
        earlier = self.trace.exchange(row.refutes or row.exchange_id)
        at = earlier.response.at if earlier.response is not None else 0.0
        verbs: dict[str, list[str]] = {}
        for result in results:
            verbs.setdefault(refuted_verb(result, at), []).append(quoted(result.name))
        what = " and ".join(f"{verb} {listed(names)}" for verb, names in verbs.items())
        return f"{what} ({self.place_of(earlier, results)}): {refuted_why(results[0])}"

    def place_of(self, exchange: Exchange, results: list[StoreResult]) -> str:
        """Return what texts call the step that shows results of an exchange, e.g. ``step 3``."""
        shown_in = {id(result.parsed) for result in results}
        for step in self.steps_of(exchange.exchange_id):
            row = self.trace_row(step)
            if row.refutes is None and any(id(one.parsed) in shown_in for one in row.results):
                return f"step {row.label}"
        return f"step {exchange.row.label}"

    def _changes(self, results: list[StoreResult]) -> list[str]:
        """Return ``stores cookie …``, ``replaces cookie …`` and ``deletes cookie …``."""
        changes = []
        for verb, outcome in (
            ("stores", Outcome.CREATED),
            ("replaces", Outcome.REPLACED),
            ("deletes", Outcome.DELETED),
        ):
            items = [self._change(result) for result in results if result.outcome is outcome]
            if items:
                changes.append(f"{verb} cookie{'s' if len(items) > 1 else ''} {listed(items)}")
        return changes

    def _change(self, result: StoreResult) -> str:
        if result.outcome is Outcome.DELETED:
            return quoted(result.name)
        named = short_pair(result.name, result.value, self.mask)
        previous = result.previous
        if result.outcome is Outcome.REPLACED and previous is not None:
            if previous.value != result.value:
                before = short_pair(previous.name, previous.value, self.mask)
                return f"{before} with {short(result.value, self.mask)}"
            return f"{named} (attributes changed)"
        return named
