"""What the fold produces: exchanges with their verdicts, rows, jar changes, clients and notes.

Everything here is frozen. When an event adds to an exchange, the fold makes a new
``Exchange``; a front end may keep an old one for as long as it likes.
"""

from __future__ import annotations

from enum import StrEnum
from string import ascii_lowercase
from typing import Literal

import msgspec

from cookietrace.cookies import (
    Cookie,
    CookieKey,
    Finding,
    RequestContext,
    StoreResult,
    Target,
    Withheld,
    parse_cookie_header,
)
from cookietrace.events import Body, Browser, Edited, Failure, Headers, Request, Response, Server
from cookietrace.fold.misread import Misread, misread
from cookietrace.fold.told import Told, ValueFacts, facts_of


class CookieStatus(StrEnum):
    """How one cookie of a request compares with the jar; ``reconcile`` defines the values."""

    SENT = "sent"
    UNEXPLAINED = "unexplained"
    OVERLAPPING = "overlapping"
    MISSING = "missing"


class RequestCookie(msgspec.Struct, frozen=True, gc=False):
    """One cookie of the Cookie header, in header order."""

    name: str
    value: str
    domain: str
    path: str
    status: CookieStatus
    cookie: Cookie | None = None
    """The jar's cookie that it is, or that it became; None if overlapping."""
    replaces: Cookie | None = None
    """What the jar held under this name, if the value changed without being recorded."""
    refused_in: str | None = None
    """The exchange in which the client's profile refused this name and value, if otherwise
    unexplained: the client stored what its profile refuses."""
    set_in: str | None = None
    """The exchange whose response last set this name and value, if it is unexplained all the
    same: the value comes from the server and not from a script."""


class MissingCookie(msgspec.Struct, frozen=True, gc=False):
    """One cookie that should have been sent and was not."""

    cookie: Cookie
    status: CookieStatus
    """``missing``, or ``overlapping`` if no verdict is possible."""
    reasons: tuple[Finding, ...]
    dropped: bool = False
    """True if the jar gave the cookie up after this request."""


class RemovedCookie(msgspec.Struct, frozen=True, gc=False):
    """One cookie that left the jar by itself."""

    cookie: Cookie
    reason: Literal["expired", "evicted"]


class RequestPart(msgspec.Struct, frozen=True, gc=False):
    """A request, the jar's prediction for it, and how the two compare."""

    event: Request
    position: int
    """The ordinal of that event in the capture."""
    target: Target
    """Its URL, parsed."""
    profile: str
    context: RequestContext
    observed: str
    """The Cookie header as seen, several fields joined by ``; ``; empty if there is none."""
    expected: str
    """The header that the jar predicted (RFC 6265bis section 5.8.3), before any correction."""
    cookies: tuple[RequestCookie, ...]
    withheld: tuple[Withheld, ...]
    missing: tuple[MissingCookie, ...]
    removed: tuple[RemovedCookie, ...]
    withheld_elsewhere: int = 0
    """How many more cookies of the site's other hosts the jar held: they are not in ``withheld``,
    since they could not have been set for this host."""
    housekeeping: bool = False
    """True for favicons and the browser's own traffic: recorded, but outside the default focus."""
    version: float | None = None
    """The browser's version by which it was judged; None is the newest, or unknown."""
    told: Told | None = None
    """What a redacted capture tells about the secrets; None if they, or old tokens, are there."""

    @property
    def exchange_id(self) -> str:
        """The identifier that the exchange's events share."""
        return self.event.exchange_id

    @property
    def client_id(self) -> str:
        """The client that made the request."""
        return self.event.client_id

    @property
    def at(self) -> float:
        """When it was made, in Unix seconds."""
        return self.event.at

    @property
    def method(self) -> str:
        """Its method."""
        return self.event.method

    @property
    def url(self) -> str:
        """The URL that the client requested."""
        return self.event.url

    @property
    def upstream(self) -> str | None:
        """Where the proxy sent it, if that is another URL."""
        return self.event.upstream

    @property
    def http_version(self) -> str:
        """Its HTTP version."""
        return self.event.http_version

    @property
    def headers(self) -> Headers:
        """Its headers, in order and with duplicates."""
        return self.event.headers

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The names and values of the Cookie header, even if there are no verdicts on them."""
        if self.cookies:
            return tuple([(cookie.name, cookie.value) for cookie in self.cookies])
        return parse_cookie_header(self.observed) if self.observed else ()

    @property
    def header_size(self) -> int | None:
        """The size of the Cookie header in bytes; None if it is not told, since it is small."""
        if self.told is None or not self.observed:
            return len(self.observed)
        return self.told.header_size

    @property
    def misread(self) -> tuple[Misread, ...]:
        """The cookies of the Cookie header that some servers do not find in it."""
        return misread(self.observed, self.pairs) if self.told is None else self.told.misread

    def facts(self, name: str, value: str) -> ValueFacts:
        """Return what is known about the value of a cookie that was sent, or that is set."""
        known = None if self.told is None else self.told.values.get((name, value))
        return facts_of(value) if known is None else known


class ResponsePart(msgspec.Struct, frozen=True, gc=False):
    """A response, and the verdict on each Set-Cookie line in it."""

    event: Response
    position: int
    """The ordinal of that event in the capture."""
    set_cookies: tuple[StoreResult, ...]

    @property
    def at(self) -> float:
        """When its headers were sent, in Unix seconds."""
        return self.event.at

    @property
    def status_code(self) -> int:
        """Its status code."""
        return self.event.status_code

    @property
    def reason(self) -> str:
        """Its reason phrase."""
        return self.event.reason

    @property
    def http_version(self) -> str:
        """Its HTTP version."""
        return self.event.http_version

    @property
    def headers(self) -> Headers:
        """Its headers, in order and with duplicates."""
        return self.event.headers


class RowKind(StrEnum):
    """What a row of the execution table shows."""

    EXCHANGE = "exchange"
    STORES = "stores"
    REFUSED = "refused"
    REFUTED = "refuted"


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row of the execution table, before any focus is applied.

    Rows are only ever appended. What an exchange row shows may grow; its place never
    changes.
    """

    index: int
    """Its index among all rows, from 0."""
    kind: RowKind
    exchange_id: str
    position: int
    """The ordinal of the event that added it; the row's jar is the jar after that event."""
    results: tuple[StoreResult, ...] = ()
    """The results that a ``stores`` row shows, or the one that a ``refused`` row shows, as they
    were then; for a ``refuted`` row, those of an earlier exchange that turned out wrong."""
    refutes: str | None = None
    """The earlier exchange that a ``refuted`` row is about. The row's own exchange is the one
    whose request showed it."""
    number: int = 0
    """How many rows there are up to this one, without those of housekeeping."""
    aside: int = 0
    """0 unless it is a row of housekeeping: then, how many of those come after that number."""
    lines: tuple[int, ...] = ()
    """Which Set-Cookie lines of their response the results are of, from 0."""

    @property
    def step(self) -> int | None:
        """The number of its step, in every text and in every focus; None for housekeeping."""
        return None if self.aside else self.number

    @property
    def label(self) -> str:
        """What texts call its step: ``3``; ``3a``, ``3b`` for housekeeping after step 3."""
        return step_label(self.number, self.aside)


def step_label(number: int, aside: int) -> str:
    """Return what texts call a step: its number, and a letter for housekeeping after it."""
    return f"{number}{_letters(aside)}"


def _letters(count: int) -> str:
    """Return ``a`` for 1, ``z`` for 26, ``aa`` for 27 and so on; nothing for 0."""
    text = ""
    while count:
        count, letter = divmod(count - 1, len(ascii_lowercase))
        text = ascii_lowercase[letter] + text
    return text


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """One request and everything known about it."""

    number: int
    """1 for the first request of the capture, in the order of requests."""
    request: RequestPart
    row: Row
    """Its own row; those of what its response does come later."""
    response: ResponsePart | None = None
    server: Server | None = None
    request_body: Body | None = None
    response_body: Body | None = None
    failure: Failure | None = None
    edited: tuple[Edited, ...] = ()
    """What the user had changed of it on the wire, in order."""
    browser: Browser | None = None
    """What the browser itself said about it; the verdicts do not depend on that."""

    @property
    def exchange_id(self) -> str:
        """The identifier that its events share."""
        return self.request.exchange_id


Cause = Literal["stored", "deleted", "expired", "evicted", "observed", "given-up", "settled"]
"""Why a jar changed; ``settled`` if a request showed whether an earlier response had."""


class JarChange(msgspec.Struct, frozen=True, gc=False):
    """One cookie of one client's jar before and after one event."""

    position: int
    exchange_id: str
    key: CookieKey
    before: Cookie | None
    after: Cookie | None
    cause: Cause


class ClientState(msgspec.Struct, frozen=True, gc=False):
    """One client, as a front end shows it."""

    client_id: str
    ordinal: int
    """1 for the first client of the capture; 0 for our own doctor, which is not counted."""
    listen: str
    peer: str
    user_agent: str | None
    label: str | None
    profile: str
    first_at: float
    version: float | None = None
    """The browser's version in which the profile was taken; None is the newest."""
    follows: str | None = None
    """The client from which this fresh browser takes over, if the user said so."""
    recorder: str | None = None
    """The name of its recorder, in a trace of several recorders; wire text."""
    place: int = 0
    """1 for the first client of that recorder; 0 without one."""


class NoteKind(StrEnum):
    """The kinds of notes on a trace."""

    CLOCK_STEP = "clock-step"
    GAP = "gap"
    TWO_JARS = "two-jars"
    FRESH_BROWSER = "fresh-browser"
    CONNECTION_FAILURE = "connection-failure"
    REDACTED = "redacted"
    VERDICTS_LOST = "verdicts-lost"
    OLD_BROWSER = "old-browser"
    THIRD_PARTY_BLOCKED = "third-party-blocked"
    THIRD_PARTY_SENT = "third-party-sent"
    NOT_RECORDED = "not-recorded"
    REMOVED = "removed"
    FORGOTTEN = "forgotten"
    RESTARTED = "restarted"
    RECORDERS = "recorders"
    """No note of a trace: what a viewer of several recorders is told of one."""


class Note(msgspec.Struct, frozen=True, gc=False):
    """A remark about the trace as a whole, with what to do about it."""

    kind: NoteKind
    position: int
    message: str
    client_id: str | None = None
    host: str | None = None
    exchanges: tuple[str, ...] = ()
    """The exchanges that show it, if it is a conclusion from them."""


class TraceUpdate(msgspec.Struct, frozen=True, gc=False):
    """What an event, or several in a row, changed; frozen, so another thread may have it."""

    position: int
    """How many events have been applied, with these."""
    exchanges: tuple[str, ...] = ()
    """The ids of the exchanges that are new or have changed."""
    rows: tuple[Row, ...] = ()
    """Rows that were added."""
    notes: tuple[Note, ...] = ()
    clients: bool = False
    """True if a client was added or changed."""
    recorder: bool = False
    """True if the recorder's state or its listeners changed."""
