"""Mode 3, the execution table: the rows of a trace within a focus."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from copy import copy
from heapq import heappop, heappush

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
from cookietrace.lesson.focus_choices import DOCTOR, recorder_client
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
NOT_APPLICABLE = "N/A"
NOTHING = "—"
"""What a cell shows if the view read nothing, or the server set nothing."""

UNKNOWN = "unknown"
"""What a cell shows if the server's witness cannot see what is read."""

_TOGETHER = 64
"""How many exchanges are read together."""

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

    def __init__(
        self,
        trace: Trace,
        focus: Focus | None = None,
        *,
        mask: Mask = unmasked,
        gradually: bool = False,
    ) -> None:
        """``gradually`` leaves the exchanges that a narrow focus must look at to ``catch_up``."""
        self.trace = trace
        self.focus = focus if focus is not None else Focus()
        self.mask = mask
        self._placed = array("I")
        """The row of each step, by its index among the rows of the trace."""
        self._step_of = array("I")
        """The step of each of those rows in a narrow focus; 0 if it has none."""
        self._found = 0
        """How many steps those are of."""
        self._in_focus = bytearray(1)
        """For each exchange, by number, whether it is in focus."""
        self._count = 0
        """How many are."""
        self._turns: Counter[int] = Counter()
        """How many requests of each client, by its ordinal, are in the table."""
        self._turn_at = array("I")
        """For the step of a request, which one of its client within the focus it is, from 1."""
        self._origins: set[int] = set()
        """The origins of the requests in the table."""
        self._hosts: dict[str, set[str]] = defaultdict(set)
        """The schemes of each host (with its port) among them."""
        self._rows_seen = 0
        self._lowest = self._highest = 0
        self._left_out = 0
        """How many exchanges out of focus are housekeeping that the focus leaves out."""
        self._last_cell: tuple[Exchange | None, Mask, str] = (None, mask, "")
        self._last_steps: tuple[tuple[int, int], tuple[int, ...]] = ((0, 0), ())
        """What was last asked for an exchange's steps, and what they were."""
        self._is_default = self.focus == Focus()
        self._looked_at: int | None = None
        """How many exchanges ``catch_up`` has looked at; None once that is over."""
        self._entering: list[tuple[int, int]] = []
        """A heap of rows that have to wait for earlier ones, with what orders them."""
        self._queued: set[int] = set()
        """The indices of those rows."""
        if self._is_default:
            self._take_in_default(len(trace.rows))
        else:
            self._take_in()
            if not gradually:
                self.catch_up()

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

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts (with their ports) of all requests, in order of appearance; display text."""
        self._meet()
        return tuple(self._hosts)

    def __len__(self) -> int:
        """The number of steps."""
        return len(self._placed)

    @property
    def version(self) -> tuple[int, ...]:
        """What differs after every change; asking for something can be one, too."""
        return self._rows_seen, len(self._placed), self._found, len(self._turn_at)

    @property
    def numbers(self) -> tuple[int, int]:
        """The lowest and the highest number of its steps; 0 and 0 without steps."""
        return self._lowest, self._highest

    @property
    def elsewhere(self) -> int:
        """How many exchanges are outside the focus, without the housekeeping that it leaves out.

        An exchange that its response may still bring into focus is counted until then.
        """
        return len(self._in_focus) - 1 - self._count - self._left_out

    def update(self, update: TraceUpdate) -> TableUpdate:
        """Apply a change of the trace, and return what it changed here."""
        new_here = {
            row.exchange_id
            for row in update.rows
            if row.kind is _EXCHANGE and row.index >= self._rows_seen
        }
        known = {
            step
            for exchange_id in update.exchanges
            if exchange_id not in new_here
            for step in self.steps_of(exchange_id)
        }
        if self._is_default:
            return self._place_new(update, known)
        new: dict[str, None] = dict.fromkeys(update.exchanges)
        for row in update.rows:
            if row.index >= self._rows_seen:  # a reader may have been ahead of its updates
                self._see(row.index)
                new.setdefault(row.exchange_id)
        entering: list[tuple[int, int]] = []
        for exchange_id in new:
            number = self.trace.exchanges.number(exchange_id)
            if number is None or number >= len(self._in_focus):
                continue
            if self._looked_at is not None and number > self._looked_at:
                continue  # its turn comes
            place = self.focus.place(self.trace.exchanges[number - 1])
            if place is not None and place <= update.position:  # the trace may be ahead, too
                entering += self._rows_entering(number, place)
        if self._looked_at is not None:
            self._queue(entering)
            entering = []
        return self._place_rows(sorted(entering), known)

    def _place_new(self, update: TraceUpdate, known: set[int]) -> TableUpdate:
        """Place the new rows under the default focus, all together.

        An exchange is in that focus from its request on, so that no row enters it later.
        """
        seen = self._rows_seen  # a reader may have been ahead of its updates
        stop = max(seen, update.rows[-1].index + 1) if update.rows else seen
        first, before = len(self._placed) + 1, self._named_as
        self._take_in_default(stop)
        if len(self._placed) < first:
            return TableUpdate(changed=frozenset(known))
        if self._named_as != before:
            known.update(range(1, first))
        return TableUpdate(first, frozenset(known))

    def _place_rows(self, entering: list[tuple[int, int]], known: set[int]) -> TableUpdate:
        """Place rows in this order; ``known`` are earlier steps that have changed."""
        if not entering:
            return TableUpdate(changed=frozenset(known))
        first = len(self._placed) + 1
        before = self._named_as
        for _, index in entering:
            self._place(index)
        if self._named_as != before:
            known.update(range(1, first))
        return TableUpdate(first, frozenset(known))

    @property
    def behind(self) -> int:
        """How many exchanges ``catch_up`` still has to look at."""
        return 0 if self._looked_at is None else len(self.trace.exchanges) - self._looked_at

    @property
    def looked_at(self) -> int:
        """How many exchanges have been looked at."""
        return len(self.trace.exchanges) - self.behind

    def catch_up(self, limit: int | None = None) -> TableUpdate:
        """Look at most at ``limit`` more exchanges, and place their rows that are in focus."""
        exchanges, requests = self.trace.exchanges, self.trace.requests
        seen = self._looked_at
        if seen is None:
            return TableUpdate()
        end = len(exchanges) if limit is None else min(len(exchanges), seen + limit)
        entering: list[tuple[int, int]] = []
        while seen < end:
            for exchange in exchanges[seen : min(end, seen + _TOGETHER)]:
                seen = self._looked_at = exchange.number
                place = self.focus.place(exchange)
                if place is not None:
                    self._queue(self._rows_entering(seen, place))
                if self._entering:  # nothing that comes later stands before the next request
                    later = requests.position(seen + 1) if seen < len(exchanges) else None
                    while self._entering and (later is None or self._entering[0][0] < later):
                        entering.append(heappop(self._entering))
        if end == len(exchanges):
            entering += sorted(self._entering)
            self._entering, self._looked_at = [], None
            self._queued.clear()
        return self._place_rows(entering, set())

    def _queue(self, rows: Iterable[tuple[int, int]]) -> None:
        """Keep rows until those before them are placed."""
        for row in rows:
            if row[1] not in self._queued:
                self._queued.add(row[1])
                heappush(self._entering, row)

    def with_mask(self, mask: Mask) -> Table:
        """Return the same table with another mask. This one must not be used any more."""
        table = copy(self)
        table.mask = mask
        table._last_cell = (None, mask, "")
        return table

    @property
    def _named_as(self) -> tuple[bool, int]:
        """What decides how rows name their hosts."""
        self._meet()
        return len(self._origins) > 1, sum(len(schemes) > 1 for schemes in self._hosts.values())

    def _see(self, index: int) -> None:
        """Take in the next row of the trace, without placing it."""
        rows = self.trace.rows
        self._rows_seen = index + 1
        if rows.number_of(index) == len(self._in_focus):
            self._in_focus.append(0)
            if rows.aside_of(index) and not self.focus.housekeeping:
                self._left_out += 1

    def _rows_entering(self, number: int, place: int) -> Iterator[tuple[int, int]]:
        """Yield the rows of an exchange in focus that have no step yet, with what orders them."""
        rows = self.trace.rows
        if not self._in_focus[number]:
            self._in_focus[number] = 1
            self._count += 1
        self._find_steps()
        for index in rows.of_exchange(number):
            if index < self._rows_seen and not self._step_of[index] and self._shows(index):
                yield max(place, rows.position_of(index)), index

    def _take_in_default(self, stop: int) -> None:
        """Take in the next rows of the trace, and place those that are not housekeeping."""
        rows, start = self.trace.rows, self._rows_seen
        self._rows_seen = stop
        shown, known = rows.shown(start, stop), len(self._in_focus)
        self._in_focus += b"\1" * (rows.exchanges_until(stop) + 1 - known)
        aside = [number for number in rows.housekeeping(start, stop) if number >= known]
        for number in aside:
            self._in_focus[number] = 0
        self._left_out += len(aside)
        self._count = len(self._in_focus) - 1 - self._left_out
        if shown:
            numbers = rows.label_number_of
            if not self._placed:
                self._lowest = numbers(shown[0])
            self._highest = max(self._highest, numbers(shown[-1]))
            self._placed += shown

    def _take_in(self) -> None:
        """Take in all rows of the trace so far, without placing them."""
        self._rows_seen = len(self.trace.rows)
        self._in_focus = bytearray(len(self.trace.exchanges) + 1)
        self._left_out = 0 if self.focus.housekeeping else len(self.trace.rows.housekeeping())
        self._looked_at = 0

    def _shows(self, index: int) -> bool:
        """Return whether a row concerns a cookie in focus; exchange rows always do."""
        rows = self.trace.rows
        if not self.focus.cookies or rows.kind_of(index) is _EXCHANGE:
            return True
        return any(self.focus.covers(result.name) for result in rows[index].results)

    def _place(self, index: int) -> None:
        number = self.trace.rows.label_number_of(index)
        self._lowest = min(self._lowest, number) if self._placed else number
        self._highest = max(self._highest, number)
        self._placed.append(index)

    def _meet(self) -> None:
        """Count the requests placed since the last time, and enter their hosts.

        Only showing rows needs them.
        """
        requests, turns = self.trace.requests, self._turns
        new = self._placed[len(self._turn_at) :]
        for number in self.trace.rows.requests_among(new):
            turn = 0
            if number:
                client, origin = requests.client(number), requests.origin(number)
                turn = turns[client] = turns[client] + 1
                if origin not in self._origins:
                    self._origins.add(origin)
                    target = requests.target(origin)
                    self._hosts[authority(target)].add(target.scheme)
            self._turn_at.append(turn)

    # --- by step: from 1 to len(self); any other step raises IndexError

    def _at(self, step: int) -> int:
        """Return the index of a step's row."""
        if not 1 <= step <= len(self._placed):
            raise IndexError(f"no step {step}")
        return self._placed[step - 1]

    def exchange(self, step: int) -> Exchange:
        """Return the exchange that a step belongs to."""
        return self.trace.exchanges[self.trace.rows.number_of(self._at(step)) - 1]

    def read_ahead(self, first: int, last: int) -> None:
        """Read the exchanges of some steps together, which costs less than one by one."""
        numbers = {self.trace.rows.number_of(index) for index in self._placed[first - 1 : last]}
        low, high = min(numbers, default=1), max(numbers, default=0)
        if high - low < 2 * (last - first + 1):
            self.trace.exchanges[low - 1 : high]

    def trace_row(self, step: int) -> Row:
        """Return the trace's row behind a step."""
        return self.trace.rows[self._at(step)]

    def refused_after(self, step: int) -> list[int]:
        """Return the steps after this one whose rows show a refused cookie."""
        kind = self.trace.rows.kind_of
        placed = self._placed[step:]
        return [at for at, index in enumerate(placed, step + 1) if kind(index) is RowKind.REFUSED]

    def label(self, step: int) -> str:
        """Return what texts call a step: ``3``; ``3a`` for what a browser requests by itself."""
        return self.trace.rows.label_of(self._at(step))

    def nearest(self, number: int) -> int:
        """Return the step whose number is nearest to this one; 0 if there are no steps."""
        of, placed = self.trace.rows.label_number_of, self._placed
        if self._is_default and placed:  # there, the numbers rise
            at = bisect_left(placed, number, key=of)
            around = range(max(1, at), min(len(placed), at + 1) + 1)
        else:
            around = range(1, len(placed) + 1)
        return min(around, key=lambda step: abs(of(placed[step - 1]) - number), default=0)

    def position(self, step: int) -> int:
        """Return how many events had been applied when the step was added."""
        return self.trace.rows.position_of(self._at(step))

    def steps_of(self, exchange_id: str) -> tuple[int, ...]:
        """Return the steps of an exchange; empty if it is out of focus."""
        number = self.trace.exchanges.number(exchange_id)
        if number is None or number >= len(self._in_focus) or not self._in_focus[number]:
            return ()
        asked = number, len(self._placed)
        known, steps = self._last_steps  # a response with thousands of lines has as many steps
        if known != asked:
            rows = self.trace.rows.of_exchange(number)
            steps = tuple([step for step in map(self._step_at, rows) if step])
            self._last_steps = asked, steps
        return steps

    def _step_at(self, index: int) -> int:
        """Return the step of a row of the trace; 0 if it has none."""
        if self._is_default:  # there, steps are in the order of the rows
            placed = self._placed
            at = bisect_left(placed, index)
            return at + 1 if at < len(placed) and placed[at] == index else 0
        self._find_steps()
        return self._step_of[index] if index < len(self._step_of) else 0

    def _find_steps(self) -> None:
        """Enter the steps of the rows placed since the last time."""
        placed, step_of = self._placed, self._step_of
        step_of.extend([0] * (self._rows_seen - len(step_of)))
        for at in range(self._found, len(placed)):
            step_of[placed[at]] = at + 1
        self._found = len(placed)

    def row(self, step: int) -> TableRow:
        """Return a step's row."""
        placed, exchange = self.trace_row(step), self.exchange(step)
        action, request, read, set_, content = self._cells(step, placed, exchange)
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

    def texts(self, step: int) -> tuple[str, str, str, str, str]:
        """Return the cells of a step's row without its label; less work than the row."""
        return self._cells(step, self.trace_row(step), self.exchange(step))

    def _cells(self, step: int, placed: Row, exchange: Exchange) -> tuple[str, str, str, str, str]:
        request = self.request_cell(exchange)
        if placed.kind is not RowKind.EXCHANGE:
            nothing = NOT_APPLICABLE
            action = self._stores(placed, exchange)
            return action, clip(request, REPEATED_CELLS), nothing, nothing, nothing
        self._meet()
        return (
            self._sends(exchange, self._turn_at[step - 1]),
            request,
            self.read_cell(exchange),
            self.set_cell(exchange),
            response_content(exchange, self.mask),
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
        if not exchange.server.knows_reads:
            return UNKNOWN
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
        """Return ``Client``, or ``Client 2`` and so on for later clients in a shared table.

        Among several recorders, the recorder's name is the client's, too.
        """
        state = self.trace.client(exchange.request.client_id)
        if not state.ordinal:
            return DOCTOR
        if state.recorder is not None and self.focus.client_id is None:
            if self.focus.recorder is None:
                return recorder_client(state)
            return FIRST_CLIENT if state.place == 1 else f"Client {state.place}"
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
        return f"{what} ({self._named_step(earlier, row.lines)}): {refuted_why(results[0])}"

    def _named_step(self, exchange: Exchange, lines: Collection[int]) -> str:
        """Return what texts call the step that shows lines of a response, e.g. ``step 3``."""
        for step in self.steps_of(exchange.exchange_id):
            row = self.trace_row(step)
            if row.refutes is None and not set(lines).isdisjoint(row.lines):
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
