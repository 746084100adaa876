"""Finds the recorded exchange that a browser's statement is about, or says why there is none.

A statement and an exchange belong together if method, URL, User-Agent, the Cookie header and, once
there is a response, its status and its Set-Cookie lines are the same, byte by byte. Of several that
are equal in all of this, the one is meant whose other header fields are the same, and of equal ones
the one made at that time. Nothing is guessed: if the fields are those of a request whose response
was not recorded so far, that one is waited for. If a browser can only use its own listener, its
clock and ours are never compared by themselves: that of its log stands still while a machine
sleeps.

A browser that may bypass our listeners can make a request that only another client's equals. Such
a statement belongs to an exchange only if the browser's connection ended at the listener of that
exchange, and if that was made, and had its response, between the times that the browser states.
Here the clocks are compared, so what such a browser says must have times of ours (``clocks``). If
this does not hold, the exchange may be meant anyway: it is not known which way it went.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Iterator
from functools import partial
from typing import Final

import msgspec

from cookietrace.events import (
    NOT_RECORDED,
    Browser,
    BrowserChange,
    Client,
    Event,
    Failure,
    Headers,
    Request,
    Response,
    Session,
)
from cookietrace.listening.lines import about_lines, change_of, cookie_of
from cookietrace.listening.said import (
    Change,
    Hop,
    Said,
    joined_cookies,
    set_cookie_lines,
)

MOST_RECORDED: Final = 8192
"""How many exchanges may wait for what the browser says about them; the oldest are given up."""

MOST_WAITING: Final = 2048
"""How many statements may wait for their exchange."""

PATIENCE: Final = 5.0
"""Seconds that a statement waits: a recorder that is kept from writing writes later."""


SLACK: Final = 0.25
"""Seconds by which two clocks may differ that are the same as far as is known."""

MOST_ENDS: Final = 4096
"""Of how many origins it is remembered where connections to them ended."""

WAY_NOT_KNOWN: Final = "whether the browser used this proxy for this request is not known"


class _Exchange(msgspec.Struct):
    exchange_id: str
    client_id: str
    at: float
    cookie: str
    status: int | None = None
    lines: tuple[str, ...] | None = None
    """Its Set-Cookie lines; None without a response."""
    sent: Headers = ()
    received: Headers = ()
    failed: bool = False
    responded_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether its response may still be recorded."""
        return self.lines is None and not self.failed


class _Waiting(msgspec.Struct):
    hop: Hop
    since: float


class Matcher:
    """Matches what one browser says to the exchanges that it made, in the order of both."""

    def __init__(
        self, listen: str | frozenset[str] | None, said_by: str, *, may_bypass: bool = False
    ) -> None:
        """``listen`` is the listener's ``host:port``, or those of the listeners that it may use.

        None takes the clients of all listeners. ``may_bypass`` says that the browser may use
        none of them; its statements are then by the recorder's clock, and say where it connected.
        """
        self._listen = frozenset({listen}) if isinstance(listen, str) else listen
        self._said_by = said_by
        self._may_bypass = may_bypass
        self._ends: OrderedDict[str, str] = OrderedDict()
        """Where the latest connection to an origin ended, as far as the browser has said."""
        self._clients: dict[str, str] = {}
        """The listener of each client that may be this browser."""
        self._client: str | None = None
        """The latest client of this browser."""
        self._is_proved = False
        """Whether a statement was about a request of that client: before, any program may be it."""
        self._exchanges: OrderedDict[str, _Exchange] = OrderedDict()
        """Those that nothing was said about so far."""
        self._by_key: dict[tuple[str, str], deque[_Exchange]] = {}
        self._waiting: deque[_Waiting] = deque()
        self._changes: list[Change] = []
        self._tried: list[tuple[float, BrowserChange]] = []
        self._restarts: list[float] = []
        self._lag = 0.0
        """How much later than the browser sent it the latest request was recorded."""
        self.matched = 0
        self.unmatched = 0

    def recorded(self, event: Event) -> None:
        """Take an event of the capture."""
        if isinstance(event, Request):
            if event.client_id in self._clients:
                self._request(event)
        elif isinstance(event, Response):
            found = self._exchanges.get(event.exchange_id)
            if found is not None:
                found.status, found.lines = event.status_code, set_cookie_lines(event.headers)
                found.received, found.responded_at = event.headers, event.at
        elif isinstance(event, Failure):
            found = self._exchanges.get(event.exchange_id or "")
            if found is not None:
                found.failed = True
        elif isinstance(event, Client):
            if self._listen is None or event.listen in self._listen:
                self._clients[event.client_id] = event.listen
                if not self._is_proved:
                    self._client = event.client_id
        elif isinstance(event, Session) and event.follows in self._clients:
            self._clients[event.client_id] = self._clients[event.follows]
            if not self._is_proved or event.follows == self._client:
                self._client = event.client_id

    def _request(self, event: Request) -> None:
        found = _Exchange(
            event.exchange_id,
            event.client_id,
            event.at,
            joined_cookies(event.headers),
            sent=event.headers,
        )
        self._exchanges[found.exchange_id] = found
        key = _key(event.method, event.url)
        self._by_key.setdefault(key, deque()).append(found)
        if len(self._exchanges) > MOST_RECORDED:
            self._exchanges.popitem(last=False)
            if len(self._by_key) > 2 * MOST_RECORDED:
                self._tidy()

    def _tidy(self) -> None:
        """Forget the keys of exchanges that were given up."""
        for key in list(self._by_key):
            left = deque(one for one in self._by_key[key] if one.exchange_id in self._exchanges)
            if left:
                self._by_key[key] = left
            else:
                del self._by_key[key]

    def said(self, said: Said, now: float) -> None:
        """Take what the browser said; ``now`` is any clock that ``take`` has, too."""
        if isinstance(said, Change):
            self._changes.append(said)
            return
        if said.remote is not None:
            self._ends[_origin(said.url)] = said.remote
            self._ends.move_to_end(_origin(said.url))
            if len(self._ends) > MOST_ENDS:
                self._ends.popitem(last=False)
        self._waiting.append(_Waiting(said, now))

    def tried(self, at: float, attempt: BrowserChange) -> None:
        """Take what a script wrote at some time, and the browser did not store."""
        self._tried.append((at, attempt))

    def restarted(self, at: float) -> None:
        """Take that the browser was gone at some time, and was restarted.

        Call this once nothing waits that was said before: the client must be proved by then.
        """
        self._restarts.append(at)

    @property
    def unspoken(self) -> int:
        """How many exchanges are over, and nothing was said of them so far."""
        return sum(one.lines is not None or one.failed for one in self._exchanges.values())

    @property
    def waits(self) -> bool:
        """Whether something was said that has not been taken."""
        return bool(self._waiting or self._changes or self._tried or self._restarts)

    def take(self, now: float, *, last: bool = False) -> Iterator[Browser]:
        """Yield the events of all that can be matched, and of what has waited too long.

        ``last`` means that nothing more is recorded.
        """
        for change in self._changes:
            yield self._beside(change.at, changes=(change_of(change),))
        for at, attempt in self._tried:
            yield self._beside(at, tried=(attempt,))
        self._changes, self._tried = [], []
        left: deque[_Waiting] = deque()
        while self._waiting:
            waiting = self._waiting.popleft()
            found = self._find(waiting.hop)
            if found is not None:
                self.matched += 1
                self._client, self._is_proved = found.client_id, True
                yield self._about(waiting.hop, found)
            elif last or now - waiting.since > PATIENCE or len(left) >= MOST_WAITING:
                self.unmatched += 1
                yield self._about_none(waiting.hop)
            else:
                left.append(waiting)
        self._waiting = left
        if self._is_proved:  # or it made none of the requests that were recorded
            for at in self._restarts:
                yield self._beside(at, restarted=True)
        self._restarts = []

    def _find(self, hop: Hop) -> _Exchange | None:
        """Return the exchange that a hop is about, and take it out."""
        key = _key(hop.method, hop.url)
        candidates = self._by_key.get(key)
        if candidates is None:
            return None
        while candidates and candidates[0].exchange_id not in self._exchanges:
            candidates.popleft()
        asked = [
            one
            for one in candidates
            if one.exchange_id in self._exchanges
            and _is_asked(hop, one)
            and self._is_of_its_own(hop, one)
        ]
        possible = [one for one in asked if _same_response(hop, one)]
        if not possible:
            return None
        found = possible[0]
        if len(asked) > 1:
            found = min(possible, key=partial(self._far, hop))
            far = _differing_as_sent(hop, found)
            if any(one.is_open and _differing_as_sent(hop, one) < far for one in asked):
                return None
        self._lag = found.at - hop.at
        del self._exchanges[found.exchange_id]
        candidates.remove(found)
        if not candidates:
            del self._by_key[key]
        return found

    def _is_of_its_own(self, hop: Hop, found: _Exchange) -> bool:
        """Return whether this exchange cannot be another client's, as far as can be told."""
        if not self._may_bypass:
            return True
        end = self._end(hop)
        if end is None or _is_at(self._clients[found.client_id], end) is not True:
            return False
        return _is_at_its_time(hop, found)

    def _end(self, hop: Hop) -> str | None:
        """Return where the connection of a request ended; None if that is not known.

        Where a request ended whose response it does not show to the page, the browser does not
        say: at the same place as others to that origin.
        """
        return hop.remote or self._ends.get(_origin(hop.url))

    def _may_have_passed(self, hop: Hop) -> bool:
        """Return whether a request may have ended at one of our listeners, by address and port."""
        end = self._end(hop)
        listeners = self._clients.values() if self._listen is None else self._listen
        return end is not None and any(_is_at(each, end) is not False for each in listeners)

    def _far(self, hop: Hop, found: _Exchange) -> tuple[int, float]:
        """Return how much an exchange differs from what was said: in its headers, and in time."""
        return _differing(hop, found), abs(found.at - hop.at - self._lag)

    def _about(self, hop: Hop, found: _Exchange) -> Browser:
        return Browser(
            at=hop.ended_at,
            said_at=hop.at,
            said_by=self._said_by,
            client_id=found.client_id,
            exchange_id=found.exchange_id,
            initiator=hop.initiator,
            site_for_cookies=hop.site_for_cookies,
            credentials=hop.credentials,
            cookies=None if hop.sent is None else tuple(map(cookie_of, hop.sent)),
            set_cookies=None
            if hop.stored is None
            else about_lines(hop.stored, found.lines or (), hop.ended_at),
        )

    def _about_none(self, hop: Hop) -> Browser:
        return Browser(
            at=hop.ended_at,
            said_at=hop.at,
            said_by=self._said_by,
            client_id=self._client,
            unmatched=self._why(hop),
            method=hop.method,
            url=hop.url,
            initiator=hop.initiator,
            site_for_cookies=hop.site_for_cookies,
            credentials=hop.credentials,
            cookies=None if hop.sent is None else tuple(map(cookie_of, hop.sent)),
            set_cookies=None
            if hop.stored is None
            else about_lines(hop.stored, hop.set_cookie_lines, hop.ended_at),
        )

    def _why(self, hop: Hop) -> str:
        """Return why no exchange was found."""
        known = [
            one
            for one in self._by_key.get(_key(hop.method, hop.url), ())
            if one.exchange_id in self._exchanges and _same_agent(hop, one)
        ]
        if self._may_bypass:
            own = [one for one in known if self._is_of_its_own(hop, one)]
            if not own:
                # One that is equal may be its own: a port may be mapped, and a clock may be wrong.
                may_have_passed = known or self._may_have_passed(hop)
                return WAY_NOT_KNOWN if may_have_passed else NOT_RECORDED
            known = own
        if not known:
            return NOT_RECORDED
        if all(one.cookie != hop.cookie_header for one in known):
            return "the recorded request has another Cookie header"
        return "the recorded request has another response"

    def _beside(
        self,
        at: float,
        *,
        changes: tuple[BrowserChange, ...] = (),
        tried: tuple[BrowserChange, ...] = (),
        restarted: bool = False,
    ) -> Browser:
        """Return an event that is about no exchange."""
        return Browser(
            at=at,
            said_at=at,
            said_by=self._said_by,
            client_id=self._client,
            changes=changes,
            tried=tried,
            restarted=restarted,
        )


def _key(method: str, url: str) -> tuple[str, str]:
    """Return what a request is found by: a WebSocket's is that of its handshake."""
    scheme, colon, rest = url.partition("#")[0].partition("://")
    if not colon:
        return method, url
    authority, slash, path = rest.partition("/")
    scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    return method, f"{scheme}://{authority.rpartition('@')[2].lower()}/{path if slash else ''}"


def _origin(url: str) -> str:
    """Return scheme, host and port of a URL."""
    scheme, colon, rest = url.partition("://")
    return f"{scheme}{colon}{rest.partition('/')[0].lower()}"


def _is_at(listening: str, end: str) -> bool | None:
    """Return whether a connection that ends at an address and port ends at a listener.

    A listener on every address of its machine may have any, and ``localhost`` is any loopback
    address. Which addresses another name has is not known: None if the port is the same. A
    connection that ends elsewhere may still be handed on to the listener, by a mapped port or
    another proxy.
    """
    host, _, port = listening.rpartition(":")
    end_host, _, end_port = end.rpartition(":")
    address = _ip(end_host)
    if port != end_port or address is None:
        return False
    if host.lower() == "localhost":
        return address.is_loopback
    listener = _ip(host)
    return None if listener is None else listener.is_unspecified or listener == address


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address, one of IPv4 as such; None for a name."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_at_its_time(hop: Hop, found: _Exchange) -> bool:
    """Return whether an exchange was recorded between the times that the browser states.

    A request is recorded after the browser has sent it, and a response before it gets it.
    """
    until = hop.ended_at if hop.responded_at is None else hop.responded_at
    latest = found.responded_at
    if latest is None or hop.status_code is None:
        latest = found.at
    return hop.at - SLACK <= found.at and latest <= until + SLACK


def _is_asked(hop: Hop, found: _Exchange) -> bool:
    """Return whether a request is the recorded one, whatever the response is."""
    return found.cookie == hop.cookie_header and _same_agent(hop, found)


def _same_agent(hop: Hop, found: _Exchange) -> bool:
    """Return whether this browser may have made a recorded request: others may use its proxy."""
    agent = _agent(hop.request_headers)
    return agent is None or agent == _agent(found.sent)


def _agent(headers: Headers) -> str | None:
    return next((value for name, value in headers if name.lower() == "user-agent"), None)


def _differing(hop: Hop, found: _Exchange) -> int:
    """Return how many header fields differ: a proxy changes few, and the same ones of all."""
    return _differing_as_sent(hop, found) + len(
        _fields(hop.response_headers or ()) ^ _fields(found.received)
    )


def _differing_as_sent(hop: Hop, found: _Exchange) -> int:
    """Return how many header fields of the request differ."""
    return len(_fields(hop.request_headers) ^ _fields(found.sent))


def _fields(headers: Headers) -> set[tuple[str, str]]:
    return {(name.lower(), value.strip(" \t")) for name, value in headers}


def _same_response(hop: Hop, found: _Exchange) -> bool:
    """Return whether a response is the recorded one.

    Of an exchange that failed, the browser may have had a response of the proxy's own.
    """
    if hop.status_code is None:
        return True  # it went away before it had read the response
    if found.lines is None:
        return found.failed and not hop.set_cookie_lines
    return found.status == hop.status_code and found.lines == hop.set_cookie_lines
