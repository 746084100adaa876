"""Reads DevTools' Network events: what a Chromium says about each request and of its cookies.

The events come from any number of sessions: pages, frames and workers have one each, and two of
them may report the same request. The ExtraInfo events, which say what was on the wire and what
became of each cookie, come before or after those that say what was requested, so each request is
put together here. Of a request without ExtraInfo nothing is said: it came from a cache, or it is
one of those of which DevTools does not say more. Everything in the events is hostile: sizes and
numbers are bounded, and what cannot be read is passed over.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from cookietrace.addresses import Address
from cookietrace.events import Headers
from cookietrace.listening.said import CookieSaid, Hop, name_of, set_cookie_lines

SAID_BY: Final = "chromium-devtools"

MOST_OPEN: Final = 2048
"""How many requests are remembered; of more, the oldest are given up."""

MOST_HOPS: Final = 64
"""How many hops of one request are; Chromium follows 20 redirects."""

MOST_COOKIES: Final = 4096
"""How much may be said about the cookies of one request."""

_MOST_REPORTS: Final = 16 * MOST_HOPS
"""How many reports of one request are told apart, from all sessions."""

GRACE: Final = 2.0
"""Seconds after which nothing more is expected of a request that is silent."""

ASKED: Final = "Network.requestWillBeSent"
SENT: Final = "Network.requestWillBeSentExtraInfo"
RESPONDED: Final = "Network.responseReceived"
RECEIVED: Final = "Network.responseReceivedExtraInfo"
ENDED: Final = ("Network.loadingFinished", "Network.loadingFailed")

WANTED: Final = frozenset({ASKED, SENT, RESPONDED, RECEIVED, *ENDED})
"""The events that are read; the others are passed over."""

_LARGEST = 1e300
"""Larger numbers of a message may be no float."""

_NEVER = 253_402_300_800.0
"""The year 10000, in Unix seconds: a time that is later is none."""

_NAVIGATION = "Document"
_NOT_MODIFIED = 304
_LINES_END = "\n"
"""What DevTools writes between several fields of one name."""

Item = TypeVar("Item")


class _Asked:
    """One hop of a request, as it was asked for."""

    __slots__ = ("at", "is_navigation", "method", "on_wire", "remote", "responded_at", "url")

    def __init__(self, method: str, url: str, at: float, *, is_navigation: bool = False) -> None:
        self.method = method
        self.url = url
        self.at = at
        self.is_navigation = is_navigation
        self.on_wire: bool | None = None
        """Whether ExtraInfo speaks of it; None if that is not known so far."""
        self.remote: str | None = None
        self.responded_at: float | None = None

    def responded(self, response: Mapping[str, Any], on_wire: object) -> None:
        """Take what is said about its response."""
        self.on_wire = on_wire is True
        self.remote = _remote(response)
        milliseconds = _number(response, "responseTime")
        if milliseconds is not None and abs(milliseconds / 1000) < _NEVER:
            self.responded_at = milliseconds / 1000


class _Sent:
    """What ExtraInfo says about one request on the wire."""

    __slots__ = ("at", "clock", "cookies", "headers", "http_version", "method", "url")

    def __init__(self, params: Mapping[str, Any]) -> None:
        headers = _dict(params, "headers")
        self.headers = _fields(headers)
        self.method, self.url = _target(headers)
        self.http_version = "HTTP/1.1" if self.url is None else "HTTP/2.0"
        self.cookies = tuple(
            [_withheld(one) for one in _dicts(params, "associatedCookies")[:MOST_COOKIES]]
        )
        self.clock = _number(_dict(params, "connectTiming"), "requestTime")
        """When it was sent, by the browser's own clock, which is not the time of day."""
        self.at: float | None = None
        """The same in Unix seconds, as far as that could be told when this was said."""


class _Received:
    """What ExtraInfo says about one response on the wire."""

    __slots__ = ("headers", "lines", "refused", "status")

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.status = _code(params)
        self.headers = _received_fields(params)
        self.lines = set_cookie_lines(self.headers)[:MOST_COOKIES]
        self.refused = [_refused(one) for one in _dicts(params, "blockedCookies")[:MOST_COOKIES]]


class _Request:
    """One request with all its hops."""

    __slots__ = (
        "asked",
        "entered",
        "is_over",
        "received",
        "seen",
        "sent",
        "told",
        "told_extra",
    )

    def __init__(self) -> None:
        self.asked: list[_Asked] = []
        self.sent: list[_Sent] = []
        self.received: list[_Received] = []
        self.seen: Counter[tuple[str, int]] = Counter()
        """How often each session has reported the same."""
        self.entered: Counter[int] = Counter()
        """How often that is entered: as often as the session that reported it most."""
        self.is_over = False
        """Whether no response is awaited any more."""
        self.told = 0
        """How many hops were told, or have nothing to be told."""
        self.told_extra = 0
        """How many of them were on the wire."""

    @property
    def is_told(self) -> bool:
        """Whether nothing is left to be told."""
        return self.told >= len(self.asked) and self.told_extra >= len(self.sent)

    def is_new(self, session: str, what: str, said: object) -> bool:
        """Return whether no other session has reported this; a session may say it twice."""
        if len(self.seen) > _MOST_REPORTS:
            return False
        mark = hash((what, repr(said)))
        self.seen[session, mark] += 1
        if self.seen[session, mark] <= self.entered[mark]:
            return False
        self.entered[mark] += 1
        return True


class DevToolsReader:
    """Reads Network events in the order in which they come."""

    def __init__(self) -> None:
        self._requests: OrderedDict[str, _Request] = OrderedDict()
        self._offset: float | None = None
        """How much later the time of day is than the browser's own clock."""
        self._now = 0.0
        self._number = 0
        self._due: OrderedDict[str, float] = OrderedDict()
        """Requests of which the rest is told when nothing more was said for a while, and since
        when."""

    def feed(self, session: str, method: str, params: Mapping[str, Any]) -> Iterator[Hop]:
        """Read an event of a session, and yield what it completes."""
        if method not in WANTED:
            return
        name = params.get("requestId")
        if not isinstance(name, str):
            return
        self._number += 1
        request = self._requests.get(name)
        if request is None:
            request = self._requests[name] = _Request()
            if len(self._requests) > MOST_OPEN:
                given_up, old = self._requests.popitem(last=False)
                self._due.pop(given_up, None)
                old.is_over = True
                yield from self._told(old, self._now, last=True)
        self._enter(request, session, method, params)
        yield from self._told(request, self._now, last=False)
        self._due.pop(name, None)
        if not request.is_told:
            self._due[name] = self._now
        yield from self._ripe(self._now)

    def waited(self, seconds: float) -> Iterator[Hop]:
        """Yield that for which nothing more is said, after so many seconds without an event."""
        yield from self._ripe(self._now + seconds)

    def end(self) -> Iterator[Hop]:
        """Yield what is left of requests that were sent; call this once, after the last event."""
        self._due.clear()
        for request in self._requests.values():
            request.is_over = True
            yield from self._told(request, self._now, last=True)

    def _enter(
        self, request: _Request, session: str, method: str, params: Mapping[str, Any]
    ) -> None:
        if method == ASKED:
            self._asked(request, session, params)
        elif method == SENT:
            if len(request.sent) < MOST_HOPS and request.is_new(session, SENT, params):
                sent = _Sent(params)
                # While the machine sleeps, the browser's clock stands still: what one of its times
                # means is known now, and may not be later.
                sent.at = self._time(sent.clock)
                request.sent.append(sent)
        elif method == RECEIVED:
            if len(request.received) < MOST_HOPS and request.is_new(session, RECEIVED, params):
                request.received.append(_Received(params))
        elif method == RESPONDED:
            self._passed(params)
            if request.asked:
                request.asked[-1].responded(_dict(params, "response"), params.get("hasExtraInfo"))
        else:
            self._passed(params)
            request.is_over = True

    def _asked(self, request: _Request, session: str, params: Mapping[str, Any]) -> None:
        of = _dict(params, "request")
        clock, wall = _number(params, "timestamp"), _number(params, "wallTime")
        if clock is not None and wall is not None and abs(wall) < _NEVER:
            self._offset = wall - clock
        self._passed(params)
        url = (_text(of, "url") or "").partition("#")[0]
        method = _text(of, "method") or "GET"
        if len(request.asked) >= MOST_HOPS or not request.is_new(
            session, ASKED, (method, url, clock)
        ):
            return
        if request.asked and "redirectResponse" in params:
            redirect = _dict(params, "redirectResponse")
            request.asked[-1].responded(redirect, params.get("redirectHasExtraInfo"))
        is_navigation = params.get("type") == _NAVIGATION
        at = self._time(clock)
        request.asked.append(
            _Asked(method, url, self._now if at is None else at, is_navigation=is_navigation)
        )

    def _passed(self, params: Mapping[str, Any]) -> None:
        """Note the time of an event."""
        at = self._time(_number(params, "timestamp"))
        if at is not None:
            self._now = max(self._now, at)

    def _time(self, clock: float | None) -> float | None:
        """Return a time of the browser's own clock as one of the day, in Unix seconds."""
        if clock is None or self._offset is None:
            return None
        at = clock + self._offset
        return at if abs(at) < _NEVER else None

    def _ripe(self, now: float) -> Iterator[Hop]:
        """Yield what is left of requests of which nothing more was said for a while."""
        while self._due:
            name, since = next(iter(self._due.items()))
            if since > now - GRACE:
                return
            del self._due[name]
            yield from self._told(self._requests[name], now, last=True)

    def _told(self, request: _Request, now: float, *, last: bool) -> Iterator[Hop]:
        """Yield the hops of which everything is said; if it is the ``last`` that is, all hops.

        The i-th hop that was on the wire is what the i-th ExtraInfo speaks of. Of a hop without a
        response so far, nothing is told while one may still come.
        """
        while True:
            sent = _at(request.sent, request.told_extra)
            received = _at(request.received, request.told_extra)
            asked = _at(request.asked, request.told)
            is_whole = sent is not None and (received is not None or (last and request.is_over))
            if asked is None:
                # Sent once more, with a login for instance; or an icon that is only sent.
                asked = request.asked[-1] if request.asked else None
                if asked is None and last and sent is not None:
                    asked = _only_sent(sent, now)
                if asked is None or not is_whole or (received is None and request.asked):
                    return
            elif asked.on_wire is False and (len(request.asked) > 1 or received is None):
                if len(request.asked) == 1 and not last:
                    return
                request.told += 1
                continue
            elif not (is_whole and (asked.on_wire or last)):
                return
            assert sent is not None
            request.told += 1
            request.told_extra += 1
            yield self._hop(asked, sent, received, now)

    def _hop(self, asked: _Asked, sent: _Sent, received: _Received | None, now: float) -> Hop:
        told = bool(sent.cookies) or asked.is_navigation
        credentials = True if told or (received is not None and received.refused) else None
        at = self._time(sent.clock) if sent.at is None else sent.at
        at = asked.at if at is None else at
        # What came from the cache, after asking, has the other end of a connection of long ago.
        is_new = received is not None and received.status != _NOT_MODIFIED
        return Hop(
            at=at,
            ended_at=max(at, now),
            method=asked.method,
            url=asked.url,
            credentials=credentials,
            request_headers=sent.headers,
            status_code=None if received is None else received.status,
            response_headers=None if received is None else received.headers,
            sent=sent.cookies if told else None,
            stored=None
            if received is None
            else tuple(_of_lines(received.lines, received.refused, taken=bool(credentials))),
            http_version=sent.http_version,
            responded_at=asked.responded_at if is_new else None,
            remote=asked.remote if is_new else None,
            order=(self._number, self._number, self._number),
        )


def _of_lines(
    lines: Sequence[str], refused: Sequence[tuple[str, CookieSaid]], *, taken: bool
) -> Iterator[CookieSaid]:
    """Yield what is said about a response's lines, in their order.

    DevTools names the lines that are refused. The others are ``taken`` if cookies were looked at
    at all. Of equal lines of which only some are refused, nothing is said.
    """
    left: dict[str, list[CookieSaid]] = {}
    for text, said in refused:
        left.setdefault(text, []).append(said)
    texts = [_shown(line) for line in lines]
    uncertain = {text for text, count in Counter(texts).items() if len(left.get(text, ())) < count}
    for number, (line, text) in enumerate(zip(lines, texts, strict=True)):
        if text not in left:
            if taken and not _may_be_refused_silently(line):
                yield CookieSaid(name_of(line), None, None, taken=True, line=number)
        elif text not in uncertain:
            yield msgspec.structs.replace(left[text].pop(0), line=number)


def _may_be_refused_silently(line: str) -> bool:
    """Return whether a line is of a kind that Chromium may refuse without DevTools naming it."""
    if not _is_utf_8(line):
        return True
    pair, *attributes = line.split(";")
    name, equals, value = pair.partition("=")
    if not (equals and name.strip(" \t")) and "=" in value:
        return True  # ``==c``, which would be sent back as another cookie
    named = {one.partition("=")[0].strip(" \t").lower() for one in attributes}
    return "partitioned" in named and "secure" not in named


def _is_utf_8(line: str) -> bool:
    if line.isascii():
        return True
    try:
        line.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return True


def _withheld(one: Mapping[str, Any]) -> CookieSaid:
    """Return what is said about a cookie that a request could have carried."""
    return _said(_dict(one, "cookie"), _reasons(one))


def _refused(one: Mapping[str, Any]) -> tuple[str, CookieSaid]:
    """Return a refused line and what is said about it. One that was not parsed has no cookie."""
    line = _text(one, "cookieLine") or ""
    cookie = one.get("cookie")
    if isinstance(cookie, dict):
        said = _said(cookie, _reasons(one), taken=False)
    else:
        said = CookieSaid(name_of(line), None, None, taken=False, reasons=_reasons(one))
    return line.strip(" \t"), said


def _said(
    cookie: Mapping[str, Any], reasons: tuple[str, ...], *, taken: bool | None = None
) -> CookieSaid:
    return CookieSaid(
        name=_text(cookie, "name"),
        domain=_text(cookie, "domain"),
        path=_text(cookie, "path"),
        taken=not reasons if taken is None else taken,
        reasons=reasons,
        partition_key=_partition(cookie.get("partitionKey")),
    )


def _partition(key: object) -> str | None:
    """Return a partition as the net log writes it."""
    if not isinstance(key, dict):
        return None
    site = _text(key, "topLevelSite") or ""
    return f"{site}, {'cross-site' if key.get('hasCrossSiteAncestor') is True else 'same-site'}"


def _reasons(one: Mapping[str, Any]) -> tuple[str, ...]:
    reasons = one.get("blockedReasons")
    if not isinstance(reasons, list):
        return ()
    return tuple([reason for reason in reasons[:64] if isinstance(reason, str)])


def _target(headers: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return method and URL of a request; HTTP/2 has them among its header fields."""
    method, scheme, authority, path = (
        _text(headers, f":{name}") for name in ("method", "scheme", "authority", "path")
    )
    if method is None or scheme is None or authority is None or path is None:
        return "GET", None
    return method, f"{scheme}://{authority}{path}"


def _only_sent(sent: _Sent, at: float) -> _Asked | None:
    """Return a request that nobody asked for, as far as DevTools says: the icon of a page."""
    return None if sent.url is None else _Asked(sent.method, sent.url, at)


def _fields(headers: Mapping[str, Any]) -> Headers:
    """Return header fields, without those that only HTTP/2 has."""
    return tuple(
        [
            (_bytes_of(name), one.strip(" \t"))
            for name, value in headers.items()
            if isinstance(value, str) and not name.startswith(":")
            for one in _bytes_of(value).split(_LINES_END)
        ]
    )


def _received_fields(params: Mapping[str, Any]) -> Headers:
    """Return the header fields of a response; as they came, if DevTools has them so.

    Otherwise ``set-cookie`` and ``Set-Cookie`` are apart, and their order is lost.
    """
    fields = _fields(_dict(params, "headers"))
    text = params.get("headersText")
    if not isinstance(text, str):
        return fields
    lines = [line.partition(":") for line in _bytes_of(text).split("\r\n")[1:]]
    found = tuple([(name, value.strip(" \t")) for name, colon, value in lines if colon])
    same = Counter(set_cookie_lines(found)) == Counter(set_cookie_lines(fields))
    return found if same else fields


def _bytes_of(text: str) -> str:
    """Return a header's text as its bytes decoded as latin-1: DevTools takes them for Windows'."""
    if text.isascii():
        return text
    return "".join([chr(_WINDOWS.get(ord(letter), min(ord(letter), 255))) for letter in text])


_WINDOWS: Final = {
    ord(byte.decode("cp1252", "ignore") or chr(byte[0])): byte[0]
    for byte in (bytes([number]) for number in range(128, 256))
}
"""What a byte is shown as -> the byte."""


def _shown(line: str) -> str:
    """Return a line of the wire as DevTools names it: what is no UTF-8 is left out."""
    bare = line.strip(" \t")
    if bare.isascii():
        return bare
    return _wire(bare.encode("latin-1", "replace").decode("utf-8", "ignore"))


def _wire(text: str) -> str:
    """Return a text as the latin-1 of its UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")


def _text(of: Mapping[str, Any], name: str) -> str | None:
    value = of.get(name)
    return _wire(value) if isinstance(value, str) else None


def _number(of: Mapping[str, Any], name: str) -> float | None:
    value = of.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < _LARGEST else None


def _remote(response: Mapping[str, Any]) -> str | None:
    host, port = response.get("remoteIPAddress"), response.get("remotePort")
    if not isinstance(host, str) or not isinstance(port, int) or not 0 < port <= 65535:
        return None
    return str(Address(host[:64].strip("[]"), port))


def _code(of: Mapping[str, Any]) -> int | None:
    value = of.get("statusCode")
    return value if isinstance(value, int) and 100 <= value <= 999 else None


def _dict(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def _dicts(of: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = of.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _at(of: Sequence[Item], number: int) -> Item | None:
    return of[number] if number < len(of) else None
