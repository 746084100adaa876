"""Reads the log of a Firefox as it grows: what it sent, and what it did with each Set-Cookie line.

Three of Firefox's log modules say it:

- ``nsHttp``, at level 1: the request of each transaction, on the main thread, and the head of its
  response, on the thread of the sockets.
- ``thirdPartyUtil``, at level 4: which channel is looked at on the main thread. So it is known
  which response an entry about a cookie belongs to.
- ``cookie``, at level 4: each cookie that was accepted, and some that were not. Firefox is silent
  about most lines that it refuses, and about one that sets what its jar holds already.

Firefox deals with all lines of a response in one go, and with none if the request was made without
credentials, which its log says (``_ANONYMOUS``). So a line without an entry was refused if another
line of its response has one, and Firefox has turned to something else; or if the request was made
with credentials, its channel was looked at after the response came, and Firefox has gone on since.
It must also be certain that the jar did not hold that cookie: none of that name and value was ever
accepted for that host. Of other lines, nothing is said.

Everything in a log is hostile: sizes are bounded, and what cannot be read is passed over. No page
and no server can write a line of it: at these levels, what they send is in messages that are one
line each. From level 3 on, ``nsHttp`` writes several Set-Cookie fields with line feeds as they are.
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from cookietrace.cookies import parse_cookie_header
from cookietrace.events import Headers
from cookietrace.listening.firefox_cookie_log import AcceptedCookies, Entry, EntryReader
from cookietrace.listening.log_lines import LogLines
from cookietrace.listening.said import CookieSaid, Hop, Said, joined_cookies

SAID_BY: Final = "firefox-log"

LONGEST_LINE: Final = 1024 * 1024
"""The most bytes of a line; longer ones are passed over. Headers are limited to 384 KiB."""

MOST_OPEN: Final = 2048
"""How many requests may be under way; of more, the oldest are given up."""

MOST_CHANNELS: Final = 4096
"""Of how many channels the URL is kept."""

MOST_FIELDS: Final = 8192
"""How many header fields of a message are read."""

GRACE: Final = 2.0
"""Seconds in which the lines of a response are dealt with; most often, it takes milliseconds."""

LONGEST_STEP: Final = 0.5
"""The most seconds that the time between two lines of the main thread counts as grace. In a longer
one, that thread or the whole machine may have stood still, or its clock may have been set."""

_MAIN: Final = b"Main Thread"

_LINE: Final = re.compile(
    rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.(\d{6}) UTC - \[Parent (\d{1,10}): ([^\]\n]{1,64})\]: "
    rb"[A-Z]/(cookie|nsHttp|thirdPartyUtil) (.*)",
    re.DOTALL,
)
_POINTER: Final = rb"([0-9a-fA-Fx]{1,18})"
_CHANNEL = re.compile(rb"HttpBaseChannel::Init \[this=" + _POINTER + rb"\]")
_CREATED = re.compile(rb"nsHttpChannel " + _POINTER + rb" created nsHttpTransaction ")
_INIT = re.compile(rb"nsHttpTransaction::Init \[this=" + _POINTER + rb" caps=([0-9a-fA-F]{1,16})\]")
_ANONYMOUS: Final = 0x10
"""``NS_HTTP_LOAD_ANONYMOUS`` (``netwerk/protocol/http/nsHttp.h``): no cookies, sent or stored."""

_LOOK = re.compile(rb"ThirdPartyUtil::IsThirdPartyChannel \[channel=" + _POINTER + rb"\]")
_ACTIVATE = re.compile(rb"nsHttpConnection::Activate \[this=[^ ]* trans=" + _POINTER + rb" ")
_DATA = re.compile(rb"nsHttpTransaction::ProcessData \[this=" + _POINTER + rb" ")
_CONTENT = re.compile(rb"nsHttpTransaction::HandleContent \[this=" + _POINTER + rb" ")
_SENDING = re.compile(
    rb"nsHttpTransaction::OnTransportStatus \[this=" + _POINTER + rb" status=4b0005 "
)
_STATUS = re.compile(rb"Have status line \[version=(\d{1,3}) status=(\d{3}) statusText=(.*)\]")
_FIELD: Final = b"nsHttpTransaction::ParseLine ["


class _Line:
    """One Set-Cookie line of a response."""

    __slots__ = ("has_entry", "said", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.has_entry = False
        """Whether an entry is about it, or may be."""
        self.said: CookieSaid | None = None
        """What that says of it; None if nothing."""


class _Open:
    """One request under way."""

    __slots__ = (
        "at",
        "channel",
        "connects",
        "credentials",
        "ended_at",
        "fields",
        "headers",
        "key",
        "lines",
        "looked_at",
        "method",
        "numbers",
        "reason",
        "responded_at",
        "sent",
        "status",
        "tunnelling",
        "url",
        "version",
        "waits_since",
    )

    def __init__(
        self, key: bytes, channel: bytes, url: str, at: float, *, credentials: bool
    ) -> None:
        self.key = key
        self.channel = channel
        """What a look at its channel calls that."""
        self.url = url
        self.at = at
        self.credentials = credentials
        """Whether cookies may be sent with it, and set by it."""
        self.method = ""
        self.headers: Headers = ()
        self.sent = False
        self.connects = False
        """Whether its next response is that of the proxy that makes a tunnel."""
        self.tunnelling = False
        """Whether the response that is being read is that one."""
        self.version = "HTTP/1.1"
        self.status: int | None = None
        self.reason = ""
        self.fields: list[tuple[str, str]] = []
        self.responded_at: float | None = None
        self.ended_at = at
        self.lines: list[_Line] = []
        self.numbers: dict[str, deque[int]] = {}
        """By their text, those of the lines without an entry."""
        self.looked_at = False
        """Whether its channel was looked at after its response came."""
        self.waits_since = 0.0
        """How far the main thread had come when its response came, or was first looked at."""


class FirefoxLogReader:
    """Reads a log piece by piece, in the order in which it is written."""

    def __init__(self) -> None:
        self._lines = LogLines(LONGEST_LINE)
        self._process = b""
        """The browser's own: a program that it opens may write into the same log."""
        self._second = b""
        self._seconds = 0.0
        self._main_at: float | None = None
        """The time of the latest line of the main thread."""
        self._passed = 0.0
        """How far the main thread has come: the seconds in which it went on."""
        self._urls: OrderedDict[bytes, str] = OrderedDict()
        """By channel."""
        self._naming: bytes | None = None
        """The channel whose URL comes next."""
        self._creating: bytes | None = None
        """The channel that makes a transaction."""
        self._look = b""
        """The channel that was looked at last."""
        self._block: list[str] | None = None
        """The lines of the request that is being read; None if none is."""
        self._requesting: _Open | None = None
        self._entries = EntryReader()
        self._active: _Open | None = None
        self._reading: _Open | None = None
        """The request whose response is being read."""
        self._open: OrderedDict[bytes, _Open] = OrderedDict()
        """By the transaction."""
        self._pending: OrderedDict[bytes, _Open] = OrderedDict()
        """By what a look at the channel is: those with lines that something is to be said of."""
        self._dealing: _Open | None = None
        """The request whose lines are dealt with, as the entries say."""
        self._accepted = AcceptedCookies()

    def feed(self, data: bytes) -> Iterator[Said]:
        """Read the next bytes, and yield what they complete."""
        for line in self._lines.feed(data):
            yield from self._line(line)

    def waited(self, seconds: float) -> Iterator[Said]:
        """Yield what nothing more is waited for, after so many seconds without a new line."""
        yield from self._due(self._passed + seconds)

    def end(self) -> Iterator[Said]:
        """Yield what the log's end leaves open; call this once, after the last bytes."""
        for one in [*self._pending.values()]:
            yield from self._finish(one)
        for one in [*self._open.values()]:
            yield from self._finish(one)

    # --- lines

    def _line(self, line: bytes) -> Iterator[Said]:
        found = _LINE.fullmatch(line)
        if found is None:
            return
        second, fraction, process, thread, module, text = found.groups()
        self._process = self._process or process
        if process != self._process:
            return
        if second != self._second:
            at = _seconds(second)
            if at is None:
                return
            self._second, self._seconds = second, at
        at = self._seconds + int(fraction) / 1e6
        text = text.rstrip(b"\r")
        if thread != _MAIN:
            if module == b"nsHttp":
                yield from self._of_socket(text, at)
            return
        if self._main_at is not None:
            self._passed += min(max(at - self._main_at, 0.0), LONGEST_STEP)
        self._main_at = at
        if module == b"cookie":
            entry = self._entries.take(text, self._look, at)
            if entry is not None:
                yield from self._entered(entry)
        elif module == b"thirdPartyUtil":
            self._looked(text)
        else:
            yield from self._dealt_with()
            yield from self._of_request(text, at)
        if self._pending:
            yield from self._due(self._passed)

    def _looked(self, text: bytes) -> None:
        """Take which channel is looked at."""
        found = _LOOK.match(text)
        if found is not None:
            self._look = found[1]
            one = self._pending.get(found[1])
            if one is not None and not one.looked_at:
                one.looked_at, one.waits_since = True, self._passed
                self._pending.move_to_end(found[1])

    def _of_request(self, text: bytes, at: float) -> Iterator[Said]:
        """Take a line of the main thread about requests."""
        if self._block is not None:
            if text.startswith(b"  "):
                if len(self._block) < MOST_FIELDS:
                    self._block.append(text[2:].decode("latin-1"))
                return
            if self._requesting is not None:
                _request(self._requesting, self._block)
            self._block = self._requesting = None
            return
        if text.startswith(b"uri=") and self._naming is not None:
            self._urls[self._naming] = text[4:].decode("latin-1").partition("#")[0]
            if len(self._urls) > MOST_CHANNELS:
                self._urls.popitem(last=False)
            self._naming = None
        elif (found := _CHANNEL.match(text)) is not None:
            self._naming = found[1]
            self._urls.pop(found[1], None)
        elif (found := _CREATED.match(text)) is not None:
            self._creating, self._look = found[1], b""
        elif (found := _INIT.match(text)) is not None:
            yield from self._begin(found[1], at, credentials=not int(found[2], 16) & _ANONYMOUS)
        elif text == b"http request [":
            self._block = []

    def _begin(self, key: bytes, at: float, *, credentials: bool) -> Iterator[Said]:
        """Begin a request; one that had the same transaction, or channel, is over."""
        if (before := self._open.get(key)) is not None:
            yield from self._finish(before, passed=True)
        if self._creating is None:
            return
        url, channel = self._urls.get(self._creating, ""), self._look
        self._creating = None
        if (before := self._pending.get(channel)) is not None:
            yield from self._finish(before, passed=True)
        one = _Open(key, channel, url, at, credentials=credentials)
        self._open[key] = self._requesting = one
        if len(self._open) > MOST_OPEN:
            yield from self._finish(next(iter(self._open.values())))

    # --- responses

    def _of_socket(self, text: bytes, at: float) -> Iterator[Said]:
        """Take a line of another thread about requests: of that of the sockets."""
        if text.startswith(_FIELD):
            one = self._reading
            if one is not None and one.status is not None and len(one.fields) < MOST_FIELDS:
                name, colon, value = text[len(_FIELD) : -1].decode("latin-1").partition(":")
                if colon:
                    one.fields.append((name.strip(" \t"), value.strip(" \t")))
        elif (found := _STATUS.match(text)) is not None:
            if (one := self._reading) is not None and one.responded_at is None:
                one.tunnelling, one.connects = one.connects, False
                number = int(found[1])
                one.version = f"HTTP/{number // 10}.{number % 10}"
                one.status, one.reason = int(found[2]), found[3].decode("latin-1")
                one.fields.clear()
        elif (found := _DATA.match(text)) is not None:
            self._reading = self._open.get(found[1])
        elif (found := _CONTENT.match(text)) is not None:
            one = self._open.get(found[1])
            if one is not None and one.status is not None and one.responded_at is None:
                yield from self._responded(one, at)
        elif (found := _SENDING.match(text)) is not None:
            if (one := self._open.get(found[1])) is not None:
                # With TLS, it may be no more than the handshake.
                one.sent = one.sent or (not one.connects and one.url.startswith("http://"))
        elif (found := _ACTIVATE.match(text)) is not None:
            self._active = self._open.get(found[1])
        elif text.startswith(b"  CONNECT ") and self._active is not None:
            self._active.connects = True

    def _responded(self, one: _Open, at: float) -> Iterator[Said]:
        """Take that the head of a response is complete."""
        if one.tunnelling:  # the proxy has made no tunnel
            del self._open[one.key]
            return
        one.responded_at = one.ended_at = at
        one.sent = True
        one.lines = [_Line(value) for name, value in one.fields if name.lower() == "set-cookie"]
        for number, line in enumerate(one.lines):
            one.numbers.setdefault(line.text, deque()).append(number)
        if not one.lines or not one.channel or not one.credentials:
            yield from self._finish(one)
            return
        if (before := self._pending.get(one.channel)) is not None:
            yield from self._finish(before)
        one.waits_since = self._passed
        self._pending[one.channel] = one

    # --- cookies

    def _entered(self, entry: Entry) -> Iterator[Said]:
        """Take a complete entry about a cookie."""
        if entry.is_accepted:
            self._accepted.add(entry)
        if entry.line:
            yield from self._about_line(entry)
        elif entry.is_accepted or entry.is_evicted:
            yield entry.change()

    def _about_line(self, entry: Entry) -> Iterator[Said]:
        """Take an entry about a line of a response."""
        one = self._pending.get(entry.channel)
        numbers = None
        if one is not None and one.url == entry.url:
            numbers = one.numbers.get(entry.line)
        if one is None or numbers is None:
            self._stray(entry.line)
            return
        if one is not self._dealing:
            yield from self._dealt_with()
        number = numbers.popleft()
        if not numbers:
            del one.numbers[entry.line]
        told = one.lines[number]
        told.has_entry, told.said = True, entry.about(number)
        one.ended_at = entry.at
        self._dealing = one
        if not one.numbers:
            yield from self._finish(one)

    def _dealt_with(self) -> Iterator[Said]:
        """Take that Firefox does something else: it has dealt with all lines of that response."""
        if self._dealing is not None:
            yield from self._finish(self._dealing, passed=True)

    def _stray(self, line: str) -> None:
        """Take an entry of which it is not known which response it is about: it may be any."""
        for one in self._pending.values():
            for number in one.numbers.pop(line, ()):
                one.lines[number].has_entry = True

    def _may_hold(self, line: str, url: str) -> bool:
        """Return whether the jar may hold what a line sets, so that Firefox is silent about it."""
        # A line of the log that was passed over may have been about any cookie.
        return self._lines.passed_over > 0 or self._accepted.may_hold(line, url)

    # --- what is told

    def _due(self, now: float) -> Iterator[Said]:
        """Yield those whose time has come: they are in the order in which they began to wait."""
        while self._pending:
            one = next(iter(self._pending.values()))
            if one.waits_since >= now - GRACE:
                return
            yield from self._finish(one, passed=True)

    def _finish(self, one: _Open, *, passed: bool = False) -> Iterator[Said]:
        """Yield what is told of a request, of which nothing more is.

        ``passed`` says whether Firefox has gone on since its response: what it has not said of a
        line by then, it never does.
        """
        self._forget(one)
        if not one.sent or not one.method:
            return
        dealt_with = passed and (
            any(each.said is not None for each in one.lines) or (one.looked_at and one.credentials)
        )
        stored: list[CookieSaid] = []
        for number, each in enumerate(one.lines):
            if each.said is not None:
                stored.append(each.said)
            elif dealt_with and not each.has_entry and not self._may_hold(each.text, one.url):
                stored.append(CookieSaid(None, None, None, taken=False, line=number))
        yield _hop(one, tuple(stored))

    def _forget(self, one: _Open) -> None:
        self._open.pop(one.key, None)
        if self._pending.get(one.channel) is one:
            del self._pending[one.channel]
        if self._reading is one:
            self._reading = None
        if self._dealing is one:
            self._dealing = None


def _request(one: _Open, block: list[str]) -> None:
    """Enter the lines of a request."""
    one.method = block[0].partition(" ")[0] if block else ""
    fields = [line.partition(":") for line in block[1:]]
    one.headers = tuple([(name, value.strip(" \t")) for name, colon, value in fields if colon])


def _hop(one: _Open, stored: tuple[CookieSaid, ...]) -> Hop:
    """Return what is told of a request."""
    cookies = joined_cookies(one.headers)
    return Hop(
        at=one.at,
        ended_at=one.ended_at,
        method=one.method,
        url=one.url,
        credentials=one.credentials,
        request_headers=one.headers,
        status_code=one.status if one.responded_at is not None else None,
        reason=one.reason,
        response_headers=None if one.responded_at is None else tuple(one.fields),
        sent=tuple(
            [CookieSaid(name, None, None, taken=True) for name, _ in parse_cookie_header(cookies)]
        ),
        stored=None if one.responded_at is None else stored,
        http_version=one.version,
        responded_at=one.responded_at,
    )


def _seconds(text: bytes) -> float | None:
    """Return the Unix seconds of a time such as ``2026-11-30 22:46:23``; None if it is none."""
    try:
        return datetime.fromisoformat(text.decode("ascii")).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None
