"""Mode 1, the concept flow: client and server, and the seven stages between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from enum import StrEnum

import msgspec

from cookietrace.cookies import Outcome, StoreResult, Target
from cookietrace.events import Server
from cookietrace.fold.exchange import CookieStatus, Exchange, RowKind
from cookietrace.lesson.content import response_content
from cookietrace.lesson.reasons import sentence
from cookietrace.lesson.served import raised
from cookietrace.lesson.table import NOTHING, Table
from cookietrace.lesson.what_if import jar_after, visit
from cookietrace.lesson.words import authority, pair, plural, quoted, quoted_text, shown
from cookietrace.safe_text import safe


class StageKind(StrEnum):
    """The seven stages that a cookie goes through."""

    REQUEST = "request"
    READ = "read"
    PROCESS = "process"
    SET = "set"
    RESPONSE = "response"
    STORE = "store"
    NEXT = "next"


STAGES: dict[StageKind, tuple[str, str]] = {
    StageKind.REQUEST: ("Client sends request", "client"),
    StageKind.READ: ("Server reads cookies", "server"),
    StageKind.PROCESS: ("Server processes", "server"),
    StageKind.SET: ("Server sets cookies", "server"),
    StageKind.RESPONSE: ("Response sent with Set-Cookie", "server"),
    StageKind.STORE: ("Client stores cookies", "client"),
    StageKind.NEXT: ("Next request includes them", "client"),
}
"""Title and side of each stage, in the order in which they follow one another."""


class Stage(msgspec.Struct, frozen=True):
    """One stage, with what the selected step has to do with it."""

    kind: StageKind
    title: str
    side: str
    """``client`` or ``server``."""
    lit: bool
    lines: tuple[str, ...]
    """The stage's real values, as display text; at least one line.

    Of the request and of the response the first line is how it begins, the others are what it
    says of cookies: its headers, or that it has none.
    """


class Lane(msgspec.Struct, frozen=True):
    """One host of the trace, as far as the selected step."""

    host: str
    lit: bool
    """True for the host that the selected step talks to."""
    requests: int
    """How many exchanges went to it, up to the selected step."""
    latest_step: int
    """The last of them."""


class Flow(msgspec.Struct, frozen=True):
    """The picture of one step."""

    step: int
    exchange_id: str
    client: str
    host: str
    action: str
    stages: tuple[Stage, ...]
    """Always seven, in the order of ``STAGES``."""
    beats: tuple[StageKind, ...]
    """The stages that the step passes through, in the order in which it does."""
    lead: StageKind
    """The one stage to light where only one can be lit."""
    up: tuple[str, ...]
    """The cookies on their way to the server, as ``user=Alice``."""
    down: tuple[str, ...]
    """The Set-Cookie lines on their way to the client."""
    jar: tuple[str, ...]
    """What the client's jar holds as of the step, cookies in focus."""
    lanes: tuple[Lane, ...]
    """The hosts seen so far, in the order in which they came; one for a trace of one host.

    Empty where ``limit`` did not allow to count them yet.
    """


class FlowBoard:
    """The flow of a table's steps; it remembers which hosts came when."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._seen = 0
        self._lanes: dict[str, list[int]] = {}
        self._names: dict[tuple[str, str | None, str, int | None], str] = {}

    def flow(self, step: int, limit: int | None = None) -> Flow:
        """Return the picture of a step. Raises ``IndexError`` where there is no such step.

        ``limit`` bounds how many steps that were not looked at before are now looked at for
        their hosts; ask again until there are lanes. None looks at all of them.
        """
        table = self._table
        exchange = table.exchange(step)
        view = _View(table, exchange, step)
        beats = view.beats()
        return Flow(
            step=step,
            exchange_id=exchange.exchange_id,
            client=table.who(exchange),
            host=authority(exchange.request.target),
            action=table.row(step).action,
            stages=tuple(
                Stage(kind, title, side, kind in beats, tuple(view.lines(kind)))
                for kind, (title, side) in STAGES.items()
            ),
            beats=beats,
            lead=view.lead(),
            up=tuple(view.up()),
            down=tuple(view.down()),
            jar=tuple(view.jar()),
            lanes=self._hosts(step, limit),
        )

    def _hosts(self, step: int, limit: int | None) -> tuple[Lane, ...]:
        table = self._table
        until = step if limit is None else min(step, self._seen + limit)
        for number in range(self._seen + 1, until + 1):
            row = table.trace_row(number)
            if row.kind is RowKind.EXCHANGE:
                host = self._name(table.trace.exchange(row.exchange_id).request.target)
                self._lanes.setdefault(host, []).append(number)
        self._seen = max(self._seen, until)
        if self._seen < step:
            return ()
        here = self._name(table.exchange(step).request.target)
        lanes = []
        for host, steps in self._lanes.items():
            count = bisect_right(steps, step)
            if count:
                lanes.append(Lane(host, host == here, count, steps[count - 1]))
        return tuple(lanes)

    def _name(self, target: Target) -> str:
        key = (target.scheme, target.host, target.raw_host, target.port)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = authority(target)
        return name


class _View:
    """One step, asked stage by stage."""

    def __init__(self, table: Table, exchange: Exchange, step: int) -> None:
        self._table = table
        self._mask = table.mask
        self._exchange = exchange
        self._step = step
        self._row = table.trace_row(step)
        results = exchange.response.set_cookies if exchange.response is not None else ()
        self._results = [result for result in results if table.focus.covers(result.name)]
        self._tellers: dict[StageKind, Callable[[], Iterator[str]]] = {
            StageKind.REQUEST: self._request,
            StageKind.READ: self._read,
            StageKind.PROCESS: self._process,
            StageKind.SET: self._set,
            StageKind.RESPONSE: self._response,
            StageKind.STORE: self._store,
            StageKind.NEXT: self._next,
        }

    def lines(self, kind: StageKind) -> Iterator[str]:
        """Return what the step has to say about a stage."""
        return self._tellers[kind]()

    def beats(self) -> tuple[StageKind, ...]:
        """Return the stages that the step passes through."""
        if self._row.kind is not RowKind.EXCHANGE:
            return (StageKind.STORE,)
        passed = [StageKind.REQUEST]
        if self._brought_back():
            passed.append(StageKind.NEXT)
        if self._exchange.response is None:
            return tuple(passed)
        passed += [StageKind.READ, StageKind.PROCESS]
        if self._results:
            passed.append(StageKind.SET)
        passed.append(StageKind.RESPONSE)
        if any(result.outcome is Outcome.REFRESHED for result in self._results):
            passed.append(StageKind.STORE)
        return tuple(passed)

    def lead(self) -> StageKind:
        """Return the stage that says most about the step."""
        if self._row.kind is not RowKind.EXCHANGE:
            return StageKind.STORE
        return StageKind.NEXT if self._brought_back() else StageKind.REQUEST

    def _brought_back(self) -> list[str]:
        """Return the cookies of the request that its client had stored before."""
        return [
            pair(told.name, told.value, self._mask)
            for told in self._exchange.request.cookies
            if told.status is CookieStatus.SENT and self._table.focus.covers(told.name)
        ]

    def up(self) -> Iterator[str]:
        """Yield the request's cookies in focus, as they stand in the Cookie header."""
        for name, value in self._table.request_pairs(self._exchange):
            yield shown(f"{name}={self._mask(value)}" if name else self._mask(value))

    def down(self) -> Iterator[str]:
        """Yield the answer's Set-Cookie lines in focus, their values masked."""
        for result in self._results:
            yield set_cookie_line(result, self._mask)

    def jar(self) -> Iterator[str]:
        """Yield what the client holds as of the step."""
        part = self._exchange.request
        for cookie in self._table.trace.jar_at(part.client_id, self._table.position(self._step)):
            if self._table.focus.covers(cookie.name):
                yield pair(cookie.name, cookie.value, self._mask)

    # --- the stages

    def _request(self) -> Iterator[str]:
        part = self._exchange.request
        yield f"{shown(part.method)} {authority(part.target)}{shown(part.target.path)}"
        carried = list(self.up())
        others = len(part.pairs) - len(carried)
        if carried:
            yield f"Cookie: {'; '.join(carried)}"
        else:
            yield "no Cookie header" if not part.observed else "none of the cookies in focus"
        if others > 0 and self._table.focus.cookies:
            yield f"and {plural(others, 'cookie')} out of focus"

    def _read(self) -> Iterator[str]:
        server = self._exchange.server
        if server is None or "all" in server.dropped:
            cell = self._table.read_cell(self._exchange)
            yield cell
            if cell.startswith("≈"):
                yield "taken from the header: no witness saw the app read"
            return
        told = False
        for read in server.reads:
            if not self._table.focus.covers(read.name):
                continue
            if read.where == "session" and read.value is None:
                continue
            told = True
            found = "None" if read.value is None else quoted_text(self._mask(read.value))
            place = safe(read.where) if read.line is None else f"line {read.line}"
            yield f"{quoted_text(read.name)}: {found} ({place})"
        if not told:
            yield "asks for no cookie"

    def _process(self) -> Iterator[str]:
        server = self._exchange.server
        if server is not None and server.function is not None:
            yield f"view {_view_name(server)}"
        if server is not None and server.error is not None:
            yield f"raised {raised(server, self._mask)}"
        yield response_content(self._exchange)

    def _set(self) -> Iterator[str]:
        cell = self._table.set_cell(self._exchange)
        yield "sets no cookie" if cell == NOTHING else cell

    def _response(self) -> Iterator[str]:
        response, failure = self._exchange.response, self._exchange.failure
        if response is None:
            yield "no answer yet" if failure is None else f"failed: {safe(failure.message)}"
            return
        yield f"{response.status_code} {shown(response.reason)}".strip()
        lines = list(self.down())
        for line in lines:
            yield f"Set-Cookie: {line}"
        if not lines:
            yield "no Set-Cookie"

    def _store(self) -> Iterator[str]:
        if self._row.kind is not RowKind.EXCHANGE:
            for result in self._row.results:
                if self._table.focus.covers(result.name):
                    yield _kept(result, self._table)
            return
        unchanged = [result for result in self._results if result.outcome is Outcome.REFRESHED]
        for result in unchanged:
            yield f"{pair(result.name, result.value, self._mask)} stored again, unchanged"
        steps = self._table.steps_of(self._exchange.exchange_id)
        later = [number for number in steps if number > self._step]
        if later:
            yield f"follows in step {later[0]}"
        elif not unchanged:
            yield "nothing to store" if self._exchange.response is not None else "nothing yet"

    def _next(self) -> Iterator[str]:
        if self._row.kind is RowKind.EXCHANGE:
            brought = self._brought_back()
            yield f"this request brings back {'; '.join(brought)}" if brought else "nothing yet"
            return
        part = self._exchange.request
        response = self._exchange.response
        now = response.at if response is not None else part.at
        jar = jar_after(self._table.trace, part.client_id, self._table.position(self._step))
        going = [
            pair(cookie.name, cookie.value, self._mask)
            for cookie in visit(jar, part.target, now).sent
            if self._table.focus.covers(cookie.name)
        ]
        where = f"{authority(part.target)}{shown(part.target.path)}"
        yield f"a visit to {where} now would carry {'; '.join(going) if going else 'none'}"


def set_cookie_line(result: StoreResult, mask: Callable[[str], str]) -> str:
    """Return a Set-Cookie line as display text, its value masked."""
    attributes = result.raw.partition(";")[2].strip()
    told = f"{result.name}={mask(result.value)}" if result.name else mask(result.value)
    return f"{shown(told)}; {shown(attributes)}" if attributes else shown(told)


def _kept(result: StoreResult, table: Table) -> str:
    told = pair(result.name, result.value, table.mask)
    if result.outcome is Outcome.REJECTED:
        why = sentence(result.reasons[0]) if result.reasons else "refused"
        return f"{told} refused: {why}"
    if result.outcome is Outcome.DELETED:
        return f"{quoted(result.name)} deleted"
    if result.outcome is Outcome.REPLACED:
        return f"{told} stored in place of the one before"
    return f"{told} stored"


def _view_name(server: Server) -> str:
    at = f" ({safe(server.file)}:{server.first_line})" if server.file is not None else ""
    return f"{safe(server.function or '')}{at}"
