"""Reads what a Firefox says over WebDriver BiDi: of each request, and of its jar.

Firefox says what it sent, what it received, and what its jar holds when it is asked. It gives no
reasons, but for those that its console names. So what is told of a line is its outcome, and only
where the jar before and after the response shows it (``jars``).

Nothing here speaks to a browser: events come in with ``event``, and ``wanted`` says which jars to
read now. Everything is hostile: sizes are bounded, and what cannot be read is passed over.
"""

from __future__ import annotations

import base64
import binascii
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from cookietrace.cookies import parse_cookie_header
from cookietrace.events import Headers
from cookietrace.listening.console import Refusal, refusal
from cookietrace.listening.jars import (
    Held,
    Jar,
    Line,
    Write,
    added_by_name,
    held,
    lines_of,
    tell,
)
from cookietrace.listening.said import (
    Change,
    CookieSaid,
    Hop,
    Said,
    joined_cookies,
    set_cookie_lines,
    text_of,
)

_STARTED, _FAILED = "network.responseStarted", "network.fetchError"

EVENTS: Final = (
    _STARTED,
    _FAILED,
    "log.entryAdded",
    "browsingContext.contextCreated",
    "browsingContext.contextDestroyed",
)
"""What to subscribe to: no more of the network, since each event takes the browser's time."""

DEFAULT: Final = "default"
"""The user context (container) of tabs that are in none."""

MOST_OPEN: Final = 2048
"""How many requests may wait for what is said about their lines; the oldest are given up."""

MOST_CONTEXTS: Final = 4096
MOST_JARS: Final = 256
MOST_LINES: Final = 4096
MOST_WRITES: Final = 4096
MOST_SENTENCES: Final = 1024
"""How many sentences of the console are kept; of more, those of the names heard of least lately
are given up."""

MOST_ALIKE: Final = 256
"""How many lines of one name a sentence is compared with: of more, it could be about any."""

MOST_CARRIED: Final = 4096
MOST_RECORDED: Final = 8192

GRACE: Final = 2.0
"""Seconds in which the console names what it refused: a page's process does, when it has time."""

_BY_A_PAGE: Final = "console"
"""The type of an entry that a page's own script has written: whatever it says is hearsay."""

QUIET: Final = 0.3
"""Seconds without an event after which the jar is read, for what scripts have done."""

RECORDING: Final = 1.5
"""Seconds in which a response is recorded that has changed the jar."""

PATIENCE: Final = 10.0
"""Seconds after which a reading of a jar is no longer waited for."""

CONSOLE_DROPPED: Final = (
    "its console reports more refused cookies than are kept, so some refusals remain predicted"
)
JAR_NOT_READ: Final = (
    f"it has not said for {PATIENCE:.0f} s what its jar holds, so the fate of some lines remains "
    "predicted"
)

_BACKWARDS: Final = 0.05
"""How many seconds earlier than its response a sentence may be said to be: clocks are rounded."""


class _Open(msgspec.Struct, kw_only=True):
    """One request, of which more may be said."""

    method: str
    url: str
    context: str
    jar: str | None
    """The user context whose jar it uses; None if that is not known."""
    headers: Headers
    sent: bool
    """Whether it was sent at all."""
    at: float
    ended: float
    """When its response came, or it failed, by the clock of whoever feeds the reader."""
    ended_at: float
    """The same in Unix seconds."""
    started: int = 0
    """Where among the browser's messages its response is; 0 if there was none."""
    response: Mapping[str, Any] = {}
    response_headers: Headers | None = None
    lines: list[Line] = []
    before: Jar = msgspec.field(default_factory=Jar)
    """The jar before its response."""
    told: bool = False
    """Whether the jar after its response was read."""

    @property
    def undecided(self) -> bool:
        """Whether there is a line that more may be said about."""
        return any(line.taken is None for line in self.lines)


class _Context(msgspec.Struct, gc=False):
    user_context: str
    window: str


class _Read:
    """What is known about one jar, and whether it is being read."""

    __slots__ = ("asked_at", "asked_number", "carried", "last", "unread", "wanted", "writes")

    def __init__(self) -> None:
        self.last = Jar()
        self.wanted = False
        self.unread = False
        """Whether something happened since it was read."""
        self.asked_at: float | None = None
        self.asked_number = 0
        self.writes: deque[Write] = deque(maxlen=MOST_WRITES)
        self.carried: OrderedDict[tuple[str, str], float] = OrderedDict()
        """Pairs that requests carried and that nobody was seen to set, and since when."""


class Reading(NamedTuple):
    """A jar that is to be read."""

    user_context: str
    number: int


class _Sentence(msgspec.Struct, frozen=True, gc=False):
    reason: str
    at: float


class _Console:
    """What the console says about refused cookies, and the lines that it can be about."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], dict[int, Line]] = {}
        """By jar and name, those of the requests that more may be said about."""
        self._sentences: OrderedDict[tuple[str, str], list[_Sentence]] = OrderedDict()
        self._count = 0
        self._lost_at = float("-inf")
        """When the latest of the sentences was said that were given up."""
        self.has_dropped = False
        """Whether a sentence was passed over that was perhaps needed."""

    def opened(self, one: _Open) -> None:
        """Take a request of whose lines something may be said."""
        for line in one.lines:
            self._lines.setdefault((one.jar or "", line.name), {})[id(line)] = line

    def closed(self, one: _Open) -> None:
        """Forget the lines of a request."""
        for line in one.lines:
            key = one.jar or "", line.name
            lines = self._lines.get(key, {})
            lines.pop(id(line), None)
            if not lines:
                self._lines.pop(key, None)

    def said(self, refusal: Refusal, jar: str, at: float) -> None:
        """Take a sentence about a cookie of a jar."""
        key = jar, refusal.name
        self._sentences.setdefault(key, []).append(_Sentence(refusal.reason, at))
        self._sentences.move_to_end(key)
        self._count += 1
        while self._count > MOST_SENTENCES:
            _, lost = self._sentences.popitem(last=False)
            self._count -= len(lost)
            self._lost_at = max(self._lost_at, *[each.at for each in lost])
            self.has_dropped = True

    def tell(self, one: _Open) -> None:
        """Tell of the lines of a request that the console names.

        A sentence names a cookie, not a response. So it is told only if there are as many
        sentences as lines that they can be about.
        """
        since = one.at - _BACKWARDS
        for key in {(one.jar or "", line.name): None for line in one.lines if not line.taken}:
            said = self._sentences.get(key, ())
            about = [each for each in said if each.at >= since]
            if not about:
                continue
            self._forget(key, [each for each in said if each.at < since])
            if since <= self._lost_at:
                continue
            lines = self._lines.get(key, {})
            if len(lines) > MOST_ALIKE:
                self.has_dropped = True
                continue
            others = [each for each in lines.values() if not each.taken and each.reason is None]
            if len({each.reason for each in about}) == 1 and len(about) == len(others):
                for line in others:
                    line.taken, line.reason = False, about[0].reason

    def _forget(self, key: tuple[str, str], left: list[_Sentence]) -> None:
        """Keep no more sentences of a name than those that are left."""
        self._count -= len(self._sentences[key]) - len(left)
        if left:
            self._sentences[key] = left
        else:
            del self._sentences[key]


class BidiReader:
    """Reads the events of one Firefox, and says when its jars are to be read."""

    def __init__(self) -> None:
        self._number = 0
        self._over: deque[_Open] = deque()
        """Requests of which more may be said."""
        self._responded: OrderedDict[tuple[str, int], None] = OrderedDict()
        """The latest requests that had a response: their ids, and the numbers of their hops."""
        self._contexts: OrderedDict[str, _Context] = OrderedDict()
        self._windows: OrderedDict[str, None] = OrderedDict()
        """Those that are known not to be private; of too many, the oldest are given up."""
        self._jars: dict[str, _Read] = {}
        """By user context. In a new profile, each is empty when it is seen first."""
        self._gone: set[str] = set()
        self._console = _Console()
        self._troubles: dict[str, bool] = {}
        """What is passed over, and whether that was returned by ``troubles``."""
        self._recorded: OrderedDict[tuple[str, str], None] = OrderedDict()
        """Pairs that recorded responses have set, as texts: Firefox does not tell of each."""
        self._changes: deque[tuple[float, tuple[str, str], Change]] = deque(maxlen=MOST_WRITES)
        """What may have been set by a response that is recorded later, and since when."""
        self._latest = 0.0

    def tree(self, contexts: object) -> None:
        """Take the contexts that a new profile has at the start, none of which is private."""
        for one in contexts if isinstance(contexts, list) else ():
            if isinstance(one, Mapping):
                self._created(one)
                self._is_not_private(_text(one, "clientWindow"))
                self.tree(one.get("children"))

    def recorded(self, lines: Sequence[str]) -> None:
        """Take the Set-Cookie lines of a recorded response: what it set, no script did."""
        for line in lines_of(lines[:MOST_LINES], 0.0):
            self._recorded[line.name, line.value] = None
            if len(self._recorded) > MOST_RECORDED:
                self._recorded.popitem(last=False)

    def event(self, method: str, params: Mapping[str, Any], now: float) -> Iterator[Said]:
        """Take an event; ``now`` is any clock that the other methods have, too."""
        self._number += 1
        if method in (_STARTED, _FAILED):
            self._latest = now
            context = self._contexts.get(_text(params, "context"))
            if context is not None and (read := self._read(context.user_context)) is not None:
                read.unread = True
            yield from self._network(method, params, now)
        elif method == "log.entryAdded":
            self._logged(params)
        elif method == "browsingContext.contextCreated":
            self._created(params)
        elif method == "browsingContext.contextDestroyed":
            self._contexts.pop(_text(params, "context"), None)

    def wanted(self, now: float) -> list[Reading]:
        """Return which jars are to be read now; each is asked for once."""
        if now - self._latest >= QUIET:
            for read in self._jars.values():
                read.wanted = read.wanted or read.unread
        found = []
        for name, read in self._jars.items():
            if read.asked_at is not None and now - read.asked_at > PATIENCE:
                read.asked_at = None
                read.wanted = True
                self._troubles.setdefault(JAR_NOT_READ, False)
            if read.wanted and read.asked_at is None:
                read.wanted = read.unread = False
                read.asked_at = now
                self._number += 1
                read.asked_number = self._number
                found.append(Reading(name, self._number))
        return found

    def jar(self, reading: Reading, cookies: object, now: float, at: float) -> Iterator[Said]:
        """Take what a jar holds; ``at`` is when it was asked for, in Unix seconds.

        None instead of a list of cookies says that it could not be read.
        """
        self._number += 1
        user_context = reading.user_context
        read = self._jars.get(user_context)
        if read is None or read.asked_number != reading.number:
            return  # it came too late
        read.asked_at = None
        if not isinstance(cookies, list):
            if user_context != DEFAULT and len(self._gone) < MOST_CONTEXTS:  # it was removed
                del self._jars[user_context]
                self._gone.add(user_context)
            return
        after = Jar(held(cookies), read.asked_number, self._number)
        covered = [
            one
            for one in self._over
            if one.jar == user_context and 0 < one.started < after.asked and not one.told
        ]
        for one in covered:
            writes = [
                each for each in read.writes if one.before.asked <= each.number <= after.replied
            ]
            tell(
                one.lines,
                one.url,
                one.before,
                after,
                writes,
                own_jar=self._is_own_jar(one.context),
            )
            one.told = True
            self._prove(one)
        self._changed(read, after, now, at)
        read.last = after
        oldest = min(
            (one.before.asked for one in self._over if not one.told),
            default=after.asked,
        )
        while read.writes and read.writes[0].number < min(oldest, after.asked):
            read.writes.popleft()
        yield from self.waited(now)

    def waited(self, now: float, *, last: bool = False) -> Iterator[Said]:
        """Yield what nothing more is waited for; all that is left if it is the ``last`` time."""
        left: deque[_Open] = deque()
        due = []
        for one in self._over:
            read = self._jars.get(one.jar or "")
            is_read = one.told or not one.lines or read is None
            waits = now - one.ended
            if last or (is_read and (not one.undecided or waits > GRACE)) or waits > PATIENCE:
                due.append(one)
            else:
                left.append(one)
        for one in due:
            self._console.tell(one)
        for one in due:
            self._console.closed(one)
        self._over = left
        for one in due:
            yield _hop(one)
        while self._changes and (last or now - self._changes[0][0] > RECORDING):
            _, pair, change = self._changes.popleft()
            if pair not in self._recorded:
                yield change

    def troubles(self) -> list[str]:
        """Return why not all can be told, one line each that was not returned before."""
        if self._console.has_dropped:
            self._troubles.setdefault(CONSOLE_DROPPED, False)
        found = [line for line, is_said in self._troubles.items() if not is_said]
        self._troubles |= dict.fromkeys(found, True)
        return found

    def end(self, now: float) -> Iterator[Said]:
        """Yield what is left; call this once, at the end."""
        yield from self.waited(now, last=True)

    # --- events

    def _network(self, method: str, params: Mapping[str, Any], now: float) -> Iterator[Said]:
        request = params.get("request")
        if not isinstance(request, Mapping):
            return
        key = (_text(request, "request"), _integer(params.get("redirectCount")))
        if method == _FAILED and key in self._responded:
            return  # the rest of its response did not come, or was not wanted
        one = self._begin(params, request, now)
        response = params.get("response")
        if method == _STARTED and isinstance(response, Mapping):
            self._respond(one, response)
            self._responded[key] = None
            if len(self._responded) > MOST_OPEN:
                self._responded.popitem(last=False)
        if _is_on_the_wire(one):
            self._over.append(one)
            self._console.opened(one)
            if len(self._over) > MOST_OPEN:
                self._console.closed(self._over.popleft())
        yield from self.waited(now)

    def _begin(self, params: Mapping[str, Any], request: Mapping[str, Any], now: float) -> _Open:
        ended_at = _seconds(params.get("timestamp"))
        sent_at = _sent_at(request)
        context = _text(params, "context")
        known = self._contexts.get(context)
        one = _Open(
            method=_text(request, "method") or "GET",
            url=_text(request, "url").partition("#")[0],
            context=context,
            jar=None if known is None else known.user_context,
            headers=_headers(request),
            sent=sent_at > 0,
            at=sent_at or ended_at,
            ended=now,
            ended_at=ended_at,
        )
        self._carry(one)
        return one

    def _respond(self, one: _Open, response: Mapping[str, Any]) -> None:
        one.started = self._number
        one.sent = True
        one.response = response
        one.response_headers = _headers(response)
        lines = set_cookie_lines(one.response_headers)
        read = self._read(one.jar)
        if read is None or response.get("fromCache") is True:
            return
        one.before = read.last
        one.lines = lines_of(lines[:MOST_LINES], one.ended_at)
        clears = any(name.lower() == "clear-site-data" for name, _ in one.response_headers)
        for line in one.lines:
            read.writes.append(Write(self._number, line.name, line.value, clears))
        if clears and not one.lines:
            read.writes.append(Write(self._number, "", "", clears))
        read.wanted = read.wanted or bool(one.lines) or clears

    def _carry(self, one: _Open) -> None:
        """Enter the pairs of a request that nobody was seen to set, and have the jar read."""
        read = self._jars.get(one.jar or "")
        if read is None:
            return
        set_since = {(each.name, each.value) for each in read.writes}
        for name, value in parse_cookie_header(joined_cookies(one.headers)):
            pair = (text_of(name), text_of(value))
            known = any(each.value == pair[1] for each in read.last.by_name.get(pair[0], ()))
            if known or pair in set_since or pair in read.carried:
                continue
            read.carried[pair] = one.at
            read.wanted = True
            if len(read.carried) > MOST_CARRIED:
                read.carried.popitem(last=False)

    def _logged(self, params: Mapping[str, Any]) -> None:
        text, source = params.get("text"), params.get("source")
        if not isinstance(text, str) or not isinstance(source, Mapping):
            return
        if params.get("type") == _BY_A_PAGE:
            return
        found = refusal(text[:8192])
        context = self._contexts.get(_text(source, "context"))
        if found is not None and context is not None:
            at = _seconds(params.get("timestamp"))
            self._console.said(found, context.user_context, at)

    def _created(self, params: Mapping[str, Any]) -> None:
        name = _text(params, "context")
        self._contexts[name] = _Context(
            _text(params, "userContext") or DEFAULT, _text(params, "clientWindow")
        )
        if len(self._contexts) > MOST_CONTEXTS:
            self._contexts.popitem(last=False)
        self._read(self._contexts[name].user_context)

    def _read(self, user_context: str | None) -> _Read | None:
        """Return what is known about a jar; None if it is not known which one."""
        if user_context is None or user_context in self._gone:
            return None
        read = self._jars.get(user_context)
        if read is None and len(self._jars) < MOST_JARS:
            read = self._jars[user_context] = _Read()
        return read

    # --- what is told

    def _is_own_jar(self, context: str) -> bool:
        """Return whether a page uses the jar that is read: a private window's is never read."""
        found = self._contexts.get(context)
        return found is not None and found.window in self._windows

    def _prove(self, one: _Open) -> None:
        """Note that a window is not private, once a response in it has changed the jar."""
        found = self._contexts.get(one.context)
        if found is not None and any(line.taken for line in one.lines):
            self._is_not_private(found.window)

    def _is_not_private(self, window: str) -> None:
        self._windows[window] = None
        if len(self._windows) > MOST_CONTEXTS:
            self._windows.popitem(last=False)

    def _changed(self, read: _Read, after: Jar, now: float, at: float) -> None:
        """Enter what a jar holds again, if it was set by no response that Firefox has told of."""
        before = read.last
        since = [each for each in read.writes if each.number >= before.asked]
        pairs = {(each.name, each.value) for each in since}
        for named in added_by_name(before, after).values():
            for one in named:
                pair = (one.name, one.value)
                seen = read.carried.pop(pair, at)
                if pair not in pairs:
                    self._changes.append((now, pair, _change(one, min(seen, at))))


def _change(one: Held, at: float) -> Change:
    """Return that a cookie was added, at this time at the latest."""
    return Change(
        at=at,
        kind="added",
        name=_wire(one.name),
        value=_wire(one.value),
        domain=_wire(one.domain),
        path=_wire(one.path),
        secure=one.secure,
        http_only=one.http_only,
        same_site=_wire(one.same_site),
        script=not one.http_only,  # no script can: it was an extension, or the user
    )


def _hop(one: _Open) -> Hop:
    """Return what is told of a request."""
    status = one.response.get("status")
    carried = parse_cookie_header(joined_cookies(one.headers))[:MOST_LINES]
    return Hop(
        at=one.at,
        ended_at=one.ended_at,
        method=one.method,
        url=one.url,
        request_headers=one.headers,
        status_code=status if isinstance(status, int) and one.started else None,
        reason=_text(one.response, "statusText"),
        response_headers=one.response_headers,
        sent=tuple([CookieSaid(name, None, None, taken=True) for name, _ in carried]),
        stored=None
        if one.response_headers is None
        else tuple([line.said() for line in one.lines if line.taken is not None]),
        http_version=_text(one.response, "protocol").upper() or "HTTP/1.1",
    )


def _is_on_the_wire(one: _Open) -> bool:
    """Return whether a request was sent to a server, as far as Firefox says."""
    if one.url.partition(":")[0] not in ("http", "https", "ws", "wss"):
        return False
    return one.sent and one.response.get("fromCache") is not True


def _headers(of: Mapping[str, Any]) -> Headers:
    """Return header fields; several of one name come as one, divided by line feeds."""
    fields: list[tuple[str, str]] = []
    given = of.get("headers")
    for one in given if isinstance(given, list) else ():
        if isinstance(one, Mapping):
            name, value = _text(one, "name"), _bytes(one.get("value"))
            fields += [(name, piece) for piece in value.split("\n")]
    return tuple(fields)


def _bytes(value: object) -> str:
    """Return a value of the wire as its bytes decoded as latin-1."""
    if not isinstance(value, Mapping):
        return ""
    text = value.get("value")
    if not isinstance(text, str):
        return ""
    if value.get("type") == "base64":
        try:
            return base64.b64decode(text, validate=True).decode("latin-1")
        except (binascii.Error, ValueError):
            return ""
    return _wire(text)


def _wire(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")


def _text(of: Mapping[str, Any], name: str) -> str:
    value = of.get(name)
    return _wire(value) if isinstance(value, str) else ""


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _seconds(milliseconds: object) -> float:
    """Return Unix seconds; 0 for what is no time."""
    if isinstance(milliseconds, int | float) and 0 < milliseconds < 1e15:
        return milliseconds / 1000
    return 0.0


def _sent_at(request: Mapping[str, Any]) -> float:
    """Return when a request was sent; 0 if it was not."""
    timings = request.get("timings")
    return _seconds(timings.get("requestStart")) if isinstance(timings, Mapping) else 0.0
