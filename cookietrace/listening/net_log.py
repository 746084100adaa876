"""Reads Chromium's net log as it grows: what Chromium said about each request and of its cookies.

The log is JSON, one entry per line: constants first, which give the numbers of the types of
entries, then the entries. It may end anywhere: a browser that is killed writes no end. Everything
in it is hostile: sizes and numbers are bounded, and what cannot be read is passed over.
"""

from __future__ import annotations

import math
import re
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import msgspec

from cookietrace.errors import FormatError
from cookietrace.events import Headers
from cookietrace.listening.log_lines import LogLines
from cookietrace.listening.said import (
    Change,
    CookieSaid,
    Hop,
    Said,
    StoreEntry,
    name_of,
    set_cookie_lines,
    text_of,
)

LONGEST_LINE: Final = 4 * 1024 * 1024
"""The most bytes of a line; longer ones are passed over. Headers are limited to 256 KiB."""

MOST_OPEN: Final = 2048
"""How many requests may be in progress; of more, the oldest are given up."""

MOST_COOKIES: Final = 4096
"""How much may be said about the cookies of one request."""

MOST_ENTRIES: Final = 1024
"""How many of the latest entries of the cookie store are kept."""

MOST_CHANGES: Final = 1024
"""How many changes of the store may wait for the response that made them."""

GRACE: Final = 0.5
"""Seconds in which a response that changed the store is named; most often it is the same
millisecond."""

_START = re.compile(rb'^\s*\{\s*"constants"\s*:\s*')
_TYPE = re.compile(rb'"type":(\d{1,9})\},?\s*$')
"""The end of an entry as Chromium writes it: keys are sorted, and this one is the last."""

_LAST = re.compile(rb"\}\][,}]$")
"""The end of the last entry, before what Chromium polls at its end."""

_ESCAPED = "%ESCAPED:\u200b "
"""How Chromium begins a text in which it has escaped percent signs and what is not ASCII."""

_NEVER = 253_402_300_800.0
"""The year 10000, in Unix seconds: a time that is later is none."""

_BEGIN = 1
_TAKEN = -1

_WANTED: Final = (
    "URL_REQUEST_START_JOB",
    "COMPUTED_PRIVACY_MODE",
    "COOKIE_INCLUSION_STATUS",
    "HTTP_TRANSACTION_SEND_REQUEST_HEADERS",
    "HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS",
    "HTTP_TRANSACTION_QUIC_SEND_REQUEST_HEADERS",
    "HTTP_TRANSACTION_READ_RESPONSE_HEADERS",
    "URL_REQUEST_REDIRECTED",
    "REQUEST_ALIVE",
    "COOKIE_STORE_COOKIE_ADDED",
    "COOKIE_STORE_COOKIE_DELETED",
    "COOKIE_STORE_COOKIE_REJECTED_HTTPONLY",
    "COOKIE_STORE_COOKIE_REJECTED_SECURE",
)
"""The types of entries that are read; the others are passed over undecoded."""


class _Source(msgspec.Struct, gc=False):
    id: int


class _Entry(msgspec.Struct, gc=False):
    type: int
    source: _Source
    phase: int = 0
    time: str | int = "0"
    params: dict[str, Any] | None = None


class _Constants(msgspec.Struct, gc=False):
    logEventTypes: dict[str, int]  # noqa: N815 (Chromium's name)
    timeTickOffset: str | int = 0  # noqa: N815


_entries = msgspec.json.Decoder(_Entry)
_constants = msgspec.json.Decoder(_Constants)


class _Open:
    """One request in progress: the hop that is being made."""

    __slots__ = (
        "at",
        "credentials",
        "http_version",
        "initiator",
        "lines",
        "method",
        "pairs",
        "read",
        "request_headers",
        "resent",
        "responded_at",
        "response",
        "sent",
        "sent_number",
        "site",
        "stored",
        "told",
        "url",
    )

    def __init__(self, params: Mapping[str, Any], at: float) -> None:
        self.at = at
        self.method = _text(params, "method") or "GET"
        self.url = (_text(params, "url") or "").partition("#")[0]
        self.initiator = _origin(_text(params, "initiator"))
        self.site = _site(_text(params, "site_for_cookies"))
        self.credentials: bool | None = None
        self.request_headers: Headers | None = None
        self.http_version = "HTTP/1.1"
        self.response: tuple[str, Headers] | None = None
        self.lines: tuple[str, ...] = ()
        """The Set-Cookie lines of the response."""
        self.pairs: frozenset[tuple[str, str]] = frozenset()
        """What they set: names and values, as texts."""
        self.sent: list[CookieSaid] = []
        self.resent: list[CookieSaid] = []
        """What was said before it is sent again, with a login, or on another connection."""
        self.told = False
        """Whether everything was said about it, as far as it went."""
        self.sent_number = 0
        self.responded_at = 0.0
        self.read = 0
        """The number of the entry with the response."""
        self.stored: list[tuple[int, CookieSaid]] = []
        """With the numbers of their entries."""

    @property
    def complete(self) -> bool:
        """Whether nothing more will be said: there is a word on each line of the response."""
        if self.response is None or self.told:
            return False
        return len(self.stored) >= len(self.lines)

    def respond(self, status: str, headers: Headers) -> None:
        """Enter the response."""
        self.response = (status, headers)
        self.lines = set_cookie_lines(headers)
        self.pairs = frozenset(map(_pair, self.lines))

    def hop(self, at: float, number: int) -> Hop | None:
        """Return what was said; None if that was returned before.

        Also if nothing was sent: the response came from a cache.
        """
        if self.request_headers is None or self.told:
            return None
        status, reason, headers = None, "", None
        if self.response is not None:
            status, reason = _status(self.response[0])
            headers = self.response[1]
        return Hop(
            at=self.at,
            ended_at=at,
            method=self.method,
            url=self.url,
            initiator=self.initiator,
            site_for_cookies=self.site,
            credentials=self.credentials,
            request_headers=self.request_headers,
            status_code=status,
            reason=reason,
            response_headers=headers,
            sent=tuple(self.sent) if self.sent or self.credentials else None,
            stored=None
            if headers is None
            else tuple([said for _, said in sorted(self.stored, key=lambda one: one[0])]),
            http_version=self.http_version,
            responded_at=None if headers is None else self.responded_at,
            order=(self.sent_number, self.read, number),
        )


class NetLogReader:
    """Reads a net log piece by piece, in the order in which it is written."""

    def __init__(self) -> None:
        self._lines = LogLines(LONGEST_LINE)
        self._names: dict[int, str] | None = None
        """The types that are wanted, by their number; None before the constants."""
        self._offset = 0.0
        self._now = 0.0
        self._open: OrderedDict[int, _Open] = OrderedDict()
        self._number = 0
        """The number of the current entry."""
        self._changes: list[tuple[int, Change]] = []
        """Those that a response may still be named for, with the numbers of their entries."""
        self._unreadable = 0
        self.entries: deque[StoreEntry] = deque(maxlen=MOST_ENTRIES)
        """The latest cookies that were added to the store or rejected by it, whoever wrote them."""

    @property
    def passed_over(self) -> int:
        """How many lines could not be read."""
        return self._unreadable + self._lines.passed_over

    @property
    def begun(self) -> bool:
        """Whether the constants were read: it is a net log."""
        return self._names is not None

    @property
    def now(self) -> float:
        """How far the log was read, in Unix seconds by its clock."""
        return self._now

    def clock(self, ticks: float) -> float:
        """Return what the log's clock says when the system's monotonic one says so many seconds.

        Chromium takes its times from that clock, where it is the one of ``time.monotonic``.
        """
        return ticks + self._offset / 1000

    def feed(self, data: bytes) -> Iterator[Said]:
        """Read the next bytes, and yield what they complete.

        Raises ``FormatError`` if they are not the beginning of a net log.
        """
        for line in self._lines.feed(data):
            yield from self._line(line)
        if self._names is None and self._lines.passed_over:
            raise FormatError("not a net log: its first line is too long")

    def waited(self, seconds: float) -> Iterator[Change]:
        """Yield what no response was named for, after so many seconds without a new entry."""
        yield from self._ripe(self._now + seconds)

    def end(self) -> Iterator[Said]:
        """Yield what the log's end leaves open; call this once, after the last bytes."""
        line = self._lines.end()
        if line and self._names is not None:
            yield from self._line(line, last=True)
        for source in list(self._open):
            yield from self._finish(source)
        yield from self._ripe(float("inf"))

    def _line(self, line: bytes, *, last: bool = False) -> Iterator[Said]:
        if self._names is None:
            self._begin(line)
            return
        line = _LAST.sub(b"}", line.rstrip())
        found = _TYPE.search(line)
        if found is not None and int(found[1]) not in self._names:
            return
        if found is None and not line.startswith(b"{"):
            return  # the line before the entries, or the end
        try:
            entry = _entries.decode(line.removesuffix(b","))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._unreadable += not last
            return
        name = self._names.get(entry.type)
        if name is not None:
            yield from self._entry(name, entry)

    def _begin(self, line: bytes) -> None:
        """Read the first line."""
        found = _START.match(line)
        if found is None:
            raise FormatError("not a net log: it does not begin with constants")
        text = line[found.end() :].rstrip().removesuffix(b",")
        try:
            constants = _constants.decode(text)
            self._offset = float(constants.timeTickOffset)
            if not math.isfinite(self._offset):
                raise ValueError
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise FormatError("not a net log: its constants cannot be read") from error
        numbers = constants.logEventTypes
        self._names = {numbers[name]: name for name in _WANTED if name in numbers}

    def _entry(self, name: str, entry: _Entry) -> Iterator[Said]:
        at = self._time(entry.time)
        self._now = max(self._now, at)
        self._number += 1
        yield from self._ripe(self._now)
        params = entry.params or {}
        source = entry.source.id
        if name.startswith("COOKIE_STORE_"):
            self._changed(name, params, at)
            return
        if name == "URL_REQUEST_START_JOB":
            yield from self._finish(source)
            if entry.phase == _BEGIN:
                self._open[source] = _Open(params, at)
                if len(self._open) > MOST_OPEN:
                    self._open.popitem(last=False)
            return
        if name in ("REQUEST_ALIVE", "URL_REQUEST_REDIRECTED"):
            if entry.phase != _BEGIN:
                yield from self._finish(source)
            return
        request = self._open.get(source)
        if request is None:
            return
        if name == "COMPUTED_PRIVACY_MODE":
            mode = _text(params, "privacy_mode")
            request.credentials = None if mode is None else mode == "disabled"
        elif name == "COOKIE_INCLUSION_STATUS":
            self._status_said(request, params)
        elif name == "HTTP_TRANSACTION_READ_RESPONSE_HEADERS":
            lines = _lines(params)
            if lines and not _is_informational(lines[0]):
                request.respond(lines[0], _fields(lines[1:]))
                request.read, request.responded_at = self._number, at
        else:
            self._deleted_by(request)
            if (hop := request.hop(self._now, self._number)) is not None:
                yield hop
            if request.request_headers is not None:
                request.response, request.stored, request.told = None, [], False
                request.sent, request.resent = request.resent or request.sent, []
            request.at, request.sent_number = at, self._number
            request.request_headers, request.http_version = _request(name, params)
        if request.complete:  # Chromium holds its last entries back until there are more
            hop = request.hop(at, self._number)
            request.told = True
            if hop is not None:
                yield hop

    def _deleted_by(self, request: _Open) -> None:
        """Enter the cookies that a response has deleted.

        Of an expired line that it has followed, Chromium says nothing but what its store lost.
        """
        if request.response is None or request.told:
            return
        lines = Counter(text_of(name_of(line)) for line in request.lines)
        lines.subtract(text_of(one.name or "") for _, one in request.stored)
        for at, (number, change) in enumerate(self._changes):
            name = text_of(change.name)
            if number < request.read or change.cause != "expired_overwrite" or lines[name] < 1:
                continue
            lines[name] -= 1
            said = CookieSaid(change.name, change.domain, change.path, taken=True)
            request.stored.append((number, said))
            self._changes[at] = (_TAKEN, change)
        self._changes = [one for one in self._changes if one[0] != _TAKEN]

    def _status_said(self, request: _Open, params: Mapping[str, Any]) -> None:
        """Enter what was said about one cookie."""
        said = _cookie(params)
        if _text(params, "operation") != "store":
            to = request.sent if request.request_headers is None else request.resent
            if len(to) < MOST_COOKIES:
                to.append(said)
            return
        if len(request.stored) < MOST_COOKIES:
            request.stored.append((self._number, said))
        if said.taken and request.response is not None:
            self._made_by(said, request.pairs)

    def _made_by(self, said: CookieSaid, pairs: frozenset[tuple[str, str]]) -> None:
        """Forget the change of the store that a response has made, by what its lines set."""
        key = (said.name, said.domain, said.path)
        for at in range(len(self._changes) - 1, -1, -1):
            change = self._changes[at][1]
            if (change.name, change.domain, change.path) != key:
                continue
            if change.kind == "added" and (text_of(change.name), text_of(change.value)) in pairs:
                del self._changes[at]
            return

    def _changed(self, name: str, params: Mapping[str, Any], at: float) -> None:
        """Enter a change of the store; overwriting is told by what is added."""
        what = name.removeprefix("COOKIE_STORE_COOKIE_")
        added = name == "COOKIE_STORE_COOKIE_ADDED"
        is_rejected = what.startswith("REJECTED_")
        if added or is_rejected:
            self.entries.append(
                StoreEntry(
                    at,
                    _text(params, "name") or "",
                    _text(params, "value" if added else "newvalue") or "",
                    _text(params, "domain") or "",
                    _text(params, "path") or "",
                    None if added else what,
                )
            )
        if is_rejected:
            return
        cause = None if added else _text(params, "deletion_cause")
        if cause == "overwrite" or params.get("sync_requested") is False:
            return  # the latter was read from the profile, and was written before
        if len(self._changes) >= MOST_CHANGES:
            del self._changes[0]
        change = Change(
            at=at,
            kind="added" if added else "deleted",
            name=_text(params, "name") or "",
            value=_text(params, "value") or "",
            domain=_text(params, "domain") or "",
            path=_text(params, "path") or "",
            secure=_flag(params, "secure"),
            http_only=_flag(params, "httponly"),
            same_site=_text(params, "same_site"),
            cause=cause,
            script=added or cause == "expired_overwrite",
            order=self._number,
        )
        self._changes.append((self._number, change))

    def _ripe(self, now: float) -> Iterator[Change]:
        """Yield the changes for which no response was named in time."""
        while self._changes and self._changes[0][1].at < now - GRACE:
            yield self._changes.pop(0)[1]

    def _finish(self, source: int) -> Iterator[Hop]:
        request = self._open.pop(source, None)
        if request is None:
            return
        self._deleted_by(request)
        if (hop := request.hop(self._now, self._number)) is not None:
            yield hop

    def _time(self, ticks: str | int) -> float:
        try:
            at = (float(ticks) + self._offset) / 1000
        except (ValueError, OverflowError):
            return self._now
        return at if abs(at) < _NEVER else self._now


def _text(params: Mapping[str, Any], name: str) -> str | None:
    """Return a parameter as the latin-1 of its UTF-8."""
    value = params.get(name)
    if not isinstance(value, str):
        return None
    return value if value.isascii() else value.encode("utf-8", "replace").decode("latin-1")


def _flag(params: Mapping[str, Any], name: str) -> bool | None:
    value = params.get(name)
    return value if isinstance(value, bool) else None


def _unescaped(text: str) -> str:
    """Return a text of the wire as its bytes decoded as latin-1."""
    if text.startswith(_ESCAPED):
        return unquote_to_bytes(text.removeprefix(_ESCAPED)).decode("latin-1")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")


def _lines(params: Mapping[str, Any]) -> list[str]:
    """Return the lines of headers."""
    lines = params.get("headers")
    if not isinstance(lines, list):
        return []
    return [_unescaped(line) for line in lines if isinstance(line, str)]


def _fields(lines: list[str]) -> Headers:
    fields = []
    for line in lines:
        name, colon, value = line[1:].partition(":")
        if colon:
            fields.append((line[:1] + name, value.strip(" \t")))
    return tuple(fields)


def _request(name: str, params: Mapping[str, Any]) -> tuple[Headers, str]:
    """Return the header fields of a request, and its version of HTTP."""
    fields = _fields(_lines(params))
    if name == "HTTP_TRANSACTION_SEND_REQUEST_HEADERS":
        return fields, "HTTP/1.1"
    version = "HTTP/2.0" if "HTTP2" in name else "HTTP/3"
    return tuple([field for field in fields if not field[0].startswith(":")]), version


def _status(line: str) -> tuple[int | None, str]:
    """Return the code and the reason in a status line."""
    _, _, rest = line.partition(" ")
    code, _, reason = rest.strip().partition(" ")
    return (int(code) if re.fullmatch(r"[0-9]{3}", code) else None), reason


def _is_informational(line: str) -> bool:
    code = _status(line)[0]
    return code is not None and 100 <= code < 200 and code != 101


def _cookie(params: Mapping[str, Any]) -> CookieSaid:
    words = (_text(params, "status") or "").split(", ")[:64]
    partition = _text(params, "partition_key")
    return CookieSaid(
        name=_text(params, "name"),
        domain=_text(params, "domain"),
        path=_text(params, "path"),
        taken="INCLUDE" in words,
        reasons=tuple([word for word in words if word.startswith("EXCLUDE_")]),
        warnings=tuple([word for word in words if word.startswith("WARN_")]),
        partition_key=None if partition == "(none)" else partition,
    )


def _pair(line: str) -> tuple[str, str]:
    """Return the name and the value that a Set-Cookie line sets, as texts."""
    pair = line.partition(";")[0]
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", pair
    return text_of(name.strip(" \t")), text_of(value.strip(" \t"))


def _origin(text: str | None) -> str | None:
    """Return an initiator; Chromium writes ``not an origin`` for none."""
    return None if text is None or text == "not an origin" else text


_SITE = re.compile(r"\{site=([^;]*);")


def _site(text: str | None) -> str | None:
    found = _SITE.search(text or "")
    return None if found is None or found[1] == "null" else found[1]
