"""Mode 1, the concept flow: client and server, and the seven stages between them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TypeVar, cast

import msgspec

from cookietrace.cookies import Code, Cookie, CookieKey, Outcome, StoreResult, Target
from cookietrace.events import Server
from cookietrace.fold.exchange import CookieStatus, Exchange, RowKind
from cookietrace.lesson.content import response_content
from cookietrace.lesson.display_text import (
    MOST,
    authority,
    pair,
    plural,
    quoted,
    quoted_text,
    shown,
    some,
)
from cookietrace.lesson.jar_simulation import jar_after, simulate_visit
from cookietrace.lesson.mask import Mask
from cookietrace.lesson.missed_deletions import missed_deletion
from cookietrace.lesson.prose import hosts_of, without_credentials
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.server_prose import error_text
from cookietrace.lesson.set_cookie_text import masked_attributes
from cookietrace.lesson.short_reasons import short_reason
from cookietrace.lesson.sibling_cookies import siblings_of
from cookietrace.lesson.standing import current_results, refuted_verb, refuted_why, short_proviso
from cookietrace.lesson.table import NOTHING, Table
from cookietrace.safe_text import safe


class StageKind(StrEnum):
    """The seven stages of a cookie's round trip."""

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
"""Title and side of each stage, in order."""


_T = TypeVar("_T")

_NOT_FOR_HERE = frozenset({Code.OTHER_HOST, Code.HOST_ONLY, Code.PATH_MISMATCH})
"""Why a cookie is not meant for a request at all."""


class Stage(msgspec.Struct, frozen=True):
    """One stage, with its real values at the selected step."""

    kind: StageKind
    title: str
    side: str
    """``client`` or ``server``."""
    lit: bool
    lines: tuple[str, ...]
    """The stage's real values, as display text; at least one line.

    For the request and the response, the first line is the request or status line; the others
    are its cookie headers, or say that it has none.
    """


class Stay(msgspec.Struct, frozen=True):
    """What of the jar is not sent with the request, for one reason."""

    mark: Mark
    text: str
    """Which cookies, and why: ``oauth_state stays: SameSite=Lax, cross-site POST``."""

    @property
    def line(self) -> str:
        """The text after the sign of its mark."""
        return f"{SIGNS[self.mark]} {self.text}"


class Lane(msgspec.Struct, frozen=True):
    """One host of the trace, up to the selected step."""

    host: str
    lit: bool
    """True for the host of the selected step."""
    requests: int
    """How many exchanges it has had, up to the selected step."""


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
    """The stages that the step passes through, in its order."""
    lead: StageKind
    """The stage to light if only one can be."""
    up: tuple[str, ...]
    """The cookies sent to the server, as ``user=Alice``."""
    down: tuple[str, ...]
    """The Set-Cookie lines sent to the client."""
    stays: tuple[Stay, ...]
    """The cookies that stay behind: first those that the view asked for, and last those that are
    not meant for this address."""
    not_deleted: tuple[str, ...]
    """The cookies that a deletion in the response missed, as lines of the storing stage."""
    jar: tuple[str, ...]
    """The cookies in focus that the client's jar holds at the step."""
    lanes: tuple[Lane, ...]
    """The hosts seen so far, in order of appearance; empty until ``limit`` let all be counted."""


class FlowBoard:
    """The flow of a table's steps, with an index of the hosts seen."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._seen = 0
        self._lanes: dict[str, list[int]] = {}
        self._names: dict[str, str] = {}
        self._shared = _Shared()

    def flow(self, step: int, limit: int | None = None) -> Flow:
        """Return the picture of a step. Raises ``IndexError`` if there is no such step.

        At most ``limit`` new steps (None: all) are read for their hosts. Until all have been
        read, the picture has no lanes; call again to continue.
        """
        table = self._table
        exchange = table.exchange(step)
        self._shared.begin(exchange, table)
        stages = _Stages(table, exchange, step, self._shared)
        beats = stages.beats()
        return Flow(
            step=step,
            exchange_id=exchange.exchange_id,
            client=table.who(exchange),
            host=authority(exchange.request.target),
            action=table.row(step).action,
            stages=tuple(
                Stage(kind, title, side, kind in beats, stages.lines(kind))
                for kind, (title, side) in STAGES.items()
            ),
            beats=beats,
            lead=stages.lead(),
            up=stages.up(),
            down=stages.down(),
            stays=stages.stays(),
            not_deleted=tuple(stages.not_deleted()),
            jar=stages.jar(),
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
                lanes.append(Lane(host, host == here, count))
        return tuple(lanes)

    def _name(self, target: Target) -> str:
        name = self._names.get(target.origin)
        if name is None:
            name = self._names[target.origin] = authority(target)
        return name


class _Shared:
    """What the pictures of one exchange have in common, worked out once for all of its steps.

    A response with hundreds of refused Set-Cookie lines has as many steps. Any event may change
    what they show.
    """

    def __init__(self) -> None:
        self._exchange: Exchange | None = None
        self._mask: Mask | None = None
        self._seen = (0, 0)
        self._known: dict[object, object] = {}

    def begin(self, exchange: Exchange, table: Table) -> None:
        """Forget everything, unless it is of this exchange and nothing has happened since."""
        seen = (table.trace.position, len(table))
        if exchange is not self._exchange or table.mask is not self._mask or seen != self._seen:
            self._exchange, self._mask, self._seen = exchange, table.mask, seen
            self._known = {}

    def once(self, key: object, work: Callable[[], _T]) -> _T:
        """Return the result of ``work``, which depends on the exchange and the key only."""
        if key not in self._known:
            self._known[key] = work()
        return cast("_T", self._known[key])


class _Namesakes:
    """What tells cookies of one name from each other."""

    def __init__(self) -> None:
        self.keys: set[CookieKey] = set()
        self.domains: set[tuple[str, bool]] = set()
        self.paths: set[str] = set()

    def add(self, cookie: Cookie) -> None:
        """Enter one of them."""
        self.keys.add(cookie.key)
        self.domains.add((cookie.domain, cookie.host_only))
        self.paths.add(cookie.path)


class _Stages:
    """The lines of one step, stage by stage."""

    def __init__(self, table: Table, exchange: Exchange, step: int, shared: _Shared) -> None:
        self._table = table
        self._shared = shared
        self._mask = table.mask
        self._exchange = exchange
        self._step = step
        self._row = table.trace_row(step)
        self._position = table.position(step)
        self._results = shared.once("results", self._in_focus)
        self._writers: dict[StageKind, Callable[[], Iterator[str]]] = {
            StageKind.REQUEST: self._request,
            StageKind.READ: self._read,
            StageKind.PROCESS: self._process,
            StageKind.SET: self._set,
            StageKind.RESPONSE: self._response,
            StageKind.STORE: self._store,
            StageKind.NEXT: self._next,
        }

    def _in_focus(self) -> list[StoreResult]:
        response = self._exchange.response
        results = response.set_cookies if response is not None else ()
        return [result for result in results if self._table.focus.covers(result.name)]

    def lines(self, kind: StageKind) -> tuple[str, ...]:
        """Return the lines of a stage."""
        write = self._writers[kind]
        if kind is StageKind.STORE:
            return tuple(write())
        own = self._row.kind is RowKind.EXCHANGE
        key = (kind, own, self._position) if kind is StageKind.NEXT else kind
        return self._shared.once(key, lambda: tuple(write()))

    def beats(self) -> tuple[StageKind, ...]:
        """Return the stages that the step passes through."""
        if self._row.kind is not RowKind.EXCHANGE:
            return (StageKind.STORE,)
        passed = [StageKind.REQUEST]
        if self._sent_back():
            passed.append(StageKind.NEXT)
        if self._exchange.response is None:
            return tuple(passed)
        passed += [StageKind.READ, StageKind.PROCESS]
        if self._results:
            passed.append(StageKind.SET)
        passed.append(StageKind.RESPONSE)
        if any(
            result.outcome is Outcome.REFRESHED or missed_deletion(result) is not None
            for result in self._results
        ):
            passed.append(StageKind.STORE)
        return tuple(passed)

    def lead(self) -> StageKind:
        """Return the stage that describes the step best."""
        if self._row.kind is not RowKind.EXCHANGE:
            return StageKind.STORE
        return StageKind.NEXT if self._sent_back() else StageKind.REQUEST

    def _sent_back(self) -> list[str]:
        """Return the request's cookies that the client had stored before."""
        return [
            pair(cookie.name, cookie.value, self._mask)
            for cookie in self._exchange.request.cookies
            if cookie.status is CookieStatus.SENT and self._table.focus.covers(cookie.name)
        ]

    def up(self) -> tuple[str, ...]:
        """Return the request's cookies in focus, as in the Cookie header."""
        return self._shared.once("up", lambda: tuple(self._up()))

    def _up(self) -> Iterator[str]:
        for name, value in self._table.request_pairs(self._exchange):
            yield shown(f"{name}={self._mask(value)}" if name else self._mask(value))

    def down(self) -> tuple[str, ...]:
        """Return the response's Set-Cookie lines in focus, with their values masked."""
        return self._shared.once(
            "down", lambda: tuple(set_cookie_line(each, self._mask) for each in self._results)
        )

    def stays(self) -> tuple[Stay, ...]:
        """Return the cookies in focus that the request leaves behind; of many, the first ones."""
        part = self._exchange.request
        if self._row.kind is not RowKind.EXCHANGE:
            return ()
        reads = self._exchange.server.reads if self._exchange.server is not None else ()
        wanted = {read.name for read in reads if read.value is None}
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        siblings = siblings_of(self._table.trace, self._exchange) if wanted else ()
        elsewhere = [held for held in siblings if held.cookie.name in wanted]
        for held in sorted(
            (*part.withheld, *elsewhere),
            key=lambda one: (one.cookie.name not in wanted, one.reasons[0].code in _NOT_FOR_HERE),
        ):
            if self._table.focus.covers(held.cookie.name):
                first = held.reasons[0]
                verb = "gone" if first.code is Code.EXPIRED else "stay"
                reason = short_reason(first, part.method)
                if first.code is Code.WITHOUT_CREDENTIALS and not (
                    part.context.certain or without_credentials(self._exchange.browser)
                ):
                    reason += ", it seems"
                groups[verb, reason].append(self._name(held.cookie))
        found = [Stay(Mark.WITHHELD, _stays(names, *key)) for key, names in groups.items()]
        found += [
            Stay(Mark.MISSING, f"{self._name(one.cookie)} is missing: it should have been sent")
            for one in part.missing
            if one.status is CookieStatus.MISSING and self._table.focus.covers(one.cookie.name)
        ]
        others = part.withheld_elsewhere - len(elsewhere)
        if self._table.focus.cookies:
            others = 0
        if len(found) + bool(others) <= MOST + 1:
            words = "cookie of another host stays" if others == 1 else "cookies of other hosts stay"
            return (*found, *[Stay(Mark.WITHHELD, f"{others:,} {words}")][: bool(others)])
        rest = sum(map(len, list(groups.values())[MOST:])) + len(found[len(groups) :]) + others
        return (*found[:MOST], Stay(Mark.WITHHELD, f"{rest:,} more stay"))

    def not_deleted(self) -> Iterator[str]:
        """Yield ``⊘ sid not deleted: needs Path=/app`` for each deletion that missed."""
        if self._row.kind is not RowKind.EXCHANGE:
            return
        for result in self._results:
            missed = missed_deletion(result)
            if missed is not None:
                name = self._name(missed.held)
                yield f"{SIGNS[Mark.WITHHELD]} {name} not deleted: needs {missed.needed}"

    def jar(self) -> tuple[str, ...]:
        """Return the cookies in focus that the client holds at the step."""
        return self._shared.once(("jar", self._position), lambda: tuple(self._jar()))

    def _jar(self) -> Iterator[str]:
        for cookie in self._held:
            if self._table.focus.covers(cookie.name):
                doubt = " (unconfirmed)" if cookie.unconfirmed else ""
                place = self._place(cookie)
                yield f"{pair(cookie.name, cookie.value, self._mask)}{place}{doubt}"

    @property
    def _held(self) -> tuple[Cookie, ...]:
        part, trace = self._exchange.request, self._table.trace
        return self._shared.once(
            ("held", self._position), lambda: tuple(trace.jar_at(part.client_id, self._position))
        )

    @property
    def _namesakes(self) -> dict[str, _Namesakes]:
        """What there is of each name among the cookies in the jar, or withheld."""
        return self._shared.once(("namesakes", self._position), self._by_name)

    def _by_name(self) -> dict[str, _Namesakes]:
        found: dict[str, _Namesakes] = defaultdict(_Namesakes)
        for cookie in (*self._held, *(one.cookie for one in self._exchange.request.withheld)):
            found[cookie.name].add(cookie)
        return found

    def _name(self, cookie: Cookie) -> str:
        """Return a cookie's name, and what tells it from others of that name."""
        return (
            f"{shown(cookie.name) if cookie.name else 'the nameless cookie'}{self._place(cookie)}"
        )

    def _place(self, cookie: Cookie) -> str:
        """Return `` (path /app)`` or the host, if other cookies of that name are there."""
        namesakes = self._namesakes[cookie.name]
        words = []
        if namesakes.domains - {(cookie.domain, cookie.host_only)}:
            words.append(hosts_of(cookie))
        if namesakes.paths - {cookie.path}:
            words.append(f"path {shown(cookie.path)}")
        if namesakes.keys - {cookie.key} and not words:
            words.append("partitioned" if cookie.partition_key is not None else "not partitioned")
        return f" ({', '.join(words)})" if words else ""

    # --- the stages

    def _request(self) -> Iterator[str]:
        part = self._exchange.request
        yield f"{shown(part.method)} {self._table.place(self._exchange)}"
        carried = self.up()
        others = len(part.pairs) - len(carried)
        if carried:
            yield f"Cookie: {'; '.join(carried)}"
        else:
            yield "no Cookie header" if not part.observed else "none of the cookies in focus"
        if others > 0 and self._table.focus.cookies:
            yield f"plus {plural(others, 'cookie')} out of focus"

    def _read(self) -> Iterator[str]:
        server = self._exchange.server
        if server is None or "all" in server.dropped:
            cell = self._table.read_cell(self._exchange)
            yield cell
            if cell.startswith("≈"):
                yield "inferred: no witness report"
            return
        if not server.knows_reads:
            yield "unknown: this witness cannot see what is read"
            return
        any_read = False
        for read in server.reads:
            if not self._table.focus.covers(read.name):
                continue
            if read.where == "session" and read.value is None:
                continue
            any_read = True
            found = "None" if read.value is None else quoted_text(self._mask(read.value))
            place = safe(read.where) if read.line is None else f"line {read.line}"
            yield f"{quoted_text(read.name)}: {found} ({place})"
        if not any_read:
            yield "reads no cookies"

    def _process(self) -> Iterator[str]:
        server = self._exchange.server
        if server is not None and server.function is not None:
            yield f"view {_view_name(server)}"
        if server is not None and server.error is not None:
            yield f"raised {error_text(server, self._mask)}"
        yield response_content(self._exchange, self._mask)

    def _set(self) -> Iterator[str]:
        cell = self._table.set_cell(self._exchange)
        yield "sets no cookies" if cell == NOTHING else cell

    def _response(self) -> Iterator[str]:
        response, failure = self._exchange.response, self._exchange.failure
        if response is None:
            yield "no response yet" if failure is None else f"failed: {safe(failure.message)}"
            return
        yield f"{response.status_code} {shown(response.reason)}".strip()
        lines = self.down()
        for line in lines:
            yield f"Set-Cookie: {line}"
        if not lines:
            yield "no Set-Cookie"

    def _store(self) -> Iterator[str]:
        if self._row.kind is not RowKind.EXCHANGE:
            for result in current_results(self._row, self._exchange):
                if self._table.focus.covers(result.name):
                    if self._row.kind is RowKind.REFUTED:
                        at = self._exchange.request.at
                        yield f"{quoted(result.name)}: the client {refuted_verb(result, at)} it"
                        yield refuted_why(result)
                    else:
                        yield f"{_outcome(result, self._table)}{short_proviso((result,))}"
            return
        unchanged = [result for result in self._results if result.outcome is Outcome.REFRESHED]
        for result in unchanged:
            named = pair(result.name, result.value, self._mask)
            yield f"{named} stored again, unchanged{short_proviso((result,))}"
        missed = tuple(self.not_deleted())
        yield from missed
        steps = self._table.steps_of(self._exchange.exchange_id)
        later = [number for number in steps if number > self._step]
        if later:
            yield f"continues in step {self._table.label(later[0])}"
        elif not unchanged and not missed:
            yield "nothing to store" if self._exchange.response is not None else "nothing yet"

    def _next(self) -> Iterator[str]:
        if self._row.kind is RowKind.EXCHANGE:
            returned = self._sent_back()
            yield f"it includes {'; '.join(returned)}" if returned else "nothing yet"
            return
        part = self._exchange.request
        response = self._exchange.response
        now = response.at if response is not None else part.at
        jar = jar_after(self._table.trace, part.client_id, self._table.position(self._step))
        sent = [
            pair(cookie.name, cookie.value, self._mask)
            + (" (unconfirmed)" if cookie.unconfirmed else "")
            for cookie in simulate_visit(jar, part.target, now).sent
            if self._table.focus.covers(cookie.name)
        ]
        yield f"a visit there now would send {'; '.join(sent) if sent else 'no cookies'}"


def _stays(names: list[str], verb: str, reason: str) -> str:
    """Return which cookies stay, and why."""
    one = len(names) == 1
    words = f"{'is' if one else 'are'} gone" if verb == "gone" else "stays" if one else "stay"
    return f"{some(names)} {words}: {reason}"


def set_cookie_line(result: StoreResult, mask: Callable[[str], str]) -> str:
    """Return a Set-Cookie line as display text, with its value masked."""
    attributes = masked_attributes(result.raw.partition(";")[2].strip(), mask)
    first = f"{result.name}={mask(result.value)}" if result.name else mask(result.value)
    return f"{shown(first)}; {shown(attributes)}" if attributes else shown(first)


def _outcome(result: StoreResult, table: Table) -> str:
    named = pair(result.name, result.value, table.mask)
    if result.outcome is Outcome.REJECTED and (short_proviso((result,)) or not result.reasons):
        return f"{named} refused"
    if result.outcome is Outcome.REJECTED:
        return f"{named} refused: {short_reason(result.reasons[0])}"
    if result.outcome is Outcome.DELETED:
        return f"{quoted(result.name)} deleted"
    if result.outcome is Outcome.REPLACED:
        return f"{named} stored, replacing the previous one"
    return f"{named} stored"


def _view_name(server: Server) -> str:
    at = f" ({safe(server.file)}:{server.first_line})" if server.file is not None else ""
    return f"{safe(server.function or '')}{at}"
