"""What shows that an app needed a cookie that a request did not have.

The evidence is in the request that lacked it: the view read the name and got None, the response
was a failure of the kinds with which apps answer a lost sign-in, or it started the same session
again. Facts only; ``Need`` says them in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum
from urllib.parse import urljoin, urlsplit

import msgspec

from cookietrace.cookies import (
    CookieKey,
    Outcome,
    Target,
    default_public_suffixes,
    domain_match,
    path_match,
)
from cookietrace.fold.exchange import Exchange, RequestPart, TraceUpdate
from cookietrace.fold.headers import header
from cookietrace.lesson.display_text import capitalized, clip, quoted_text, shown
from cookietrace.lesson.place_index import PlaceIndex
from cookietrace.lesson.same_object import remembered
from cookietrace.lesson.session_names import is_preference_like, is_session_like, is_state_like
from cookietrace.trace import Trace


class NeedKind(IntEnum):
    """What shows that a cookie was needed; the strongest evidence first."""

    READ = 0
    """The view read the name, and got None."""
    STATUS = 1
    """The response has a status that stands for a lost sign-in or a lost state."""
    SIGN_IN = 2
    """The response redirects to a sign-in page."""
    NEW_SESSION = 3
    """The response gives the client a new session of the same name."""


class Failure(msgspec.Struct, frozen=True):
    """How a response turned a request away."""

    status: int
    sign_in: str = ""
    """The path of the sign-in page that it redirects to; empty if it does not."""
    error: str = ""
    """The kind of the exception that left the view; empty if none did."""


class Need(msgspec.Struct, frozen=True):
    """The evidence that a request needed a cookie that it did not have."""

    number: int
    """The exchange that shows it."""
    kind: NeedKind
    name: str
    """The cookie that the app missed."""
    failure: Failure | None
    """How the response turned the request away; None if it did not."""
    top_level: bool
    """Whether the request was a navigation."""
    certain: bool
    """Whether it is known who made the request, and with which credentials."""

    @property
    def witnessed(self) -> bool:
        """Whether the app itself was seen to look for the cookie."""
        return self.kind is NeedKind.READ

    @property
    def clause(self) -> str:
        """The evidence, to follow *in step 3*: ``the response was 403``; display text."""
        parts = []
        if self.kind is NeedKind.READ:
            parts.append(f"the view read {quoted_text(self.name)} and got None")
        if self.kind is NeedKind.NEW_SESSION:
            parts.append(f"the response started a new {quoted_text(self.name)}")
        if self.failure is not None:
            parts.append(failure_clause(self.failure))
        return ", and ".join(parts)

    @property
    def sentence(self) -> str:
        """The evidence as one sentence; display text."""
        return f"{capitalized(self.clause)}."


STATUSES = frozenset({401, 403, 440, 498})
"""Statuses of a request without a valid sign-in, whatever the cookie is called."""

STATE_STATUSES = frozenset({400, 419, 422})
"""Statuses with which frameworks refuse a lost state, CSRF token or session, among other things."""

FORM_STATUSES = frozenset({400, 422})
"""Those of them that say more often that a form was not filled in correctly."""

_LOG_IN = r"(?:log|sign)[-_.]?(?:in|on)|sso|auth|authenticate"
_SIGN_IN_PATH = re.compile(rf"(?:^|[/-])(?:{_LOG_IN}|sessions?/new)(?:\.\w+)?/?$", re.IGNORECASE)
_LOG_OUT = r"(?:log|sign)[-_.]?(?:out|off)|end[-_.]?session"
_SIGN_OUT_PATH = re.compile(rf"(?:^|/)(?:{_LOG_OUT})(?:\.\w+)?/?$", re.IGNORECASE)
_PAGE_WORD = re.compile(rf"/?(?:{_LOG_IN}|{_LOG_OUT})/?", re.IGNORECASE)
_RETURN = re.compile(r"(?:^|&)(?:code|ticket|token|SAMLResponse|id_token)=", re.IGNORECASE)
_FLOW = re.compile(r"(?:^|&)(?:state|error)=", re.IGNORECASE)
_CHALLENGE = re.compile(r"\s*(?:basic|digest|negotiate|ntlm)\b", re.IGNORECASE)

MOST_LATER = 60
"""How many later exchanges that may show a need are looked at for one cookie."""


def is_sign_in(path: str) -> bool:
    """Return whether a path is that of a sign-in page, by its name."""
    return _SIGN_IN_PATH.search(path) is not None


def is_page_word(text: str) -> bool:
    """Return whether a text is a usual path of a sign-in or sign-out page, and nothing else."""
    return _PAGE_WORD.fullmatch(text) is not None


def is_sign_out(exchange: Exchange) -> bool:
    """Return whether a request signs the user out, by its path or method."""
    part = exchange.request
    path = part.target.path
    if _SIGN_OUT_PATH.search(path) is not None:
        return True
    return part.method == "DELETE" and path.rstrip("/").endswith(("/session", "/sessions"))


def may_return(part: RequestPart) -> bool:
    """Return whether a request may be the return from a sign-in or payment elsewhere."""
    query = _query(part)
    return _RETURN.search(query) is not None or _FLOW.search(query) is not None


def _query(part: RequestPart) -> str:
    """Return the query of an address, which need not be a valid one."""
    return part.url.partition("#")[0].partition("?")[2]


def failure_clause(failure: Failure) -> str:
    """Return what a response was, as a clause: ``the response was 403``."""
    text = f"the response was {failure.status}"
    if failure.sign_in:
        return f"{text}, a redirect to {clip(shown(failure.sign_in), 40)}"
    return f"{text} ({quoted_text(failure.error)})" if failure.error else text


def failure_of(exchange: Exchange) -> Failure | None:
    """Return how a request was turned away; None if it was not, or for lack of something else.

    A sign-in page that shows itself again or that refuses a password, and a challenge for a
    password (RFC 7235), are none.
    """
    response = exchange.response
    if response is None:
        return None
    status = response.status_code
    if status < 300:
        return None
    if status in STATUSES or status in STATE_STATUSES:
        challenge = header(response.headers, "www-authenticate") if status == 401 else None
        if challenge is not None and _CHALLENGE.match(challenge) is not None:
            return None
        part = exchange.request
        if status == 401 and part.method == "POST" and is_sign_in(part.target.path):
            return None
        return Failure(status)
    if status < 400:
        path = _redirects_to_sign_in(exchange)
        return None if path is None else Failure(status, path)
    if status >= 500 and exchange.server is not None and exchange.server.error is not None:
        return Failure(status, error=exchange.server.error.kind)
    return None


def _redirects_to_sign_in(exchange: Exchange) -> str | None:
    assert exchange.response is not None
    location = header(exchange.response.headers, "location")
    if not location:
        return None
    part = exchange.request
    try:
        path = urlsplit(urljoin(part.url, location)).path
    except ValueError:
        return None
    if not is_sign_in(path) or is_sign_in(part.target.path) or is_sign_out(exchange):
        return None
    return path


def need_of(exchange: Exchange, name: str, key: CookieKey | None = None) -> Need | None:
    """Return what shows that a request needed a cookie of this name; None if nothing does.

    None also if the request carries a cookie of this name: another one, of another place.
    ``key`` is that of the cookie; if it is None, a new session counts however it is kept.
    """
    part = exchange.request
    if part.housekeeping or part.method == "OPTIONS":
        return None
    if name in _carried(part):
        return None
    failure, server = failure_of(exchange), exchange.server
    asked = False
    if server is not None and "all" not in server.dropped:
        wheres = {read.where for read in server.reads if read.name == name and read.value is None}
        if wheres - {"session"}:
            return _need(exchange, NeedKind.READ, name, failure)
        asked = bool(wheres)
        if not asked and any(True for _ in server.reads):
            return None  # the app looked at cookies, and not at this one
        if not asked and server.function is not None:
            return None
    if failure is not None and not asked and header(part.headers, "authorization") is not None:
        return None  # the request proves in another way who it is from
    if failure is not None and _is_about(exchange, failure, name, asked):
        kind = NeedKind.SIGN_IN if failure.sign_in else NeedKind.STATUS
        return _need(exchange, kind, name, failure)
    if failure is None and _starts_anew(exchange, name, key):
        return _need(exchange, NeedKind.NEW_SESSION, name, None)
    return None


@remembered
def _carried(part: RequestPart) -> frozenset[str]:
    return frozenset(name for name, _ in part.pairs)


def _need(exchange: Exchange, kind: NeedKind, name: str, failure: Failure | None) -> Need:
    context = exchange.request.context
    return Need(exchange.number, kind, name, failure, context.top_level, context.certain)


def _is_about(exchange: Exchange, failure: Failure, name: str, asked: bool) -> bool:
    """Return whether a failure can be for lack of a cookie of this name."""
    if failure.error:
        return asked
    tells = is_session_like(name) or is_state_like(name)
    if failure.status in STATE_STATUSES:
        return tells
    if tells:
        return True
    if is_preference_like(name):
        return False
    return not any(is_session_like(carried) for carried in _carried(exchange.request))


def _starts_anew(exchange: Exchange, name: str, key: CookieKey | None) -> bool:
    """Return whether a response gives the client a new session, as if it had none.

    A sign-in, or the return from one at another site, is meant to do so.
    """
    part, response = exchange.request, exchange.response
    if response is None or not is_session_like(name):
        return False
    if part.context.unsafe or part.context.redirected:
        return False
    if is_sign_in(part.target.path) or _RETURN.search(_query(part)) is not None:
        return False
    return any(
        result.name == name
        and result.value
        and result.outcome not in (Outcome.DELETED, Outcome.IGNORED)
        and (key is None or result.cookie is None or result.cookie.key == key)
        for result in response.set_cookies
    )


class Lost(msgspec.Struct, frozen=True):
    """A cookie that a client did not keep, although a response set it."""

    client_id: str
    name: str
    setter: Target
    """The address whose response set it."""
    domain: str | None
    """Its Domain; None for one that only the setter's host was to get."""
    path: str
    position: int
    """The ordinal of the response in the capture."""
    until: int | None = None
    """The ordinal of the response that set the name again; None if none did."""


class Needs:
    """An index of the exchanges of a trace that may show a need, by client and site."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._places: PlaceIndex[tuple[str, ...]] = PlaceIndex()
        self._seen = 0
        """How many exchanges have been read."""

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> None:
        """Read at most ``limit`` new exchanges, and again those that an update has changed."""
        exchanges = self._trace.exchanges
        for exchange_id in update.exchanges if update is not None else ():
            number = exchanges.number(exchange_id)
            if number is not None and number <= self._seen:
                self._take(exchanges[number - 1])
        end = len(exchanges) if limit is None else self._seen + limit
        new = exchanges[self._seen : end]
        self.read_some(new, new)

    def read_some(self, new: Sequence[Exchange], eventful: Sequence[Exchange]) -> None:
        """Read the next exchanges, of which only ``eventful`` can show something.

        All others have a plain response that sets no cookie, no witness, and no cookie that was
        refused.
        """
        self._seen += len(new)
        for exchange in eventful:
            self._take(exchange)

    def _take(self, exchange: Exchange) -> None:
        client_id = exchange.request.event.client_id
        keys: list[tuple[str, ...]] = []
        server, response = exchange.server, exchange.response
        if server is not None:
            keys += [("none", client_id, r.name) for r in server.reads if r.value is None]
        if (
            response is not None
            and response.event.status_code >= 300
            and failure_of(exchange) is not None
        ):
            target = exchange.request.target
            keys.append(("failed", client_id, site_of(target)))
            keys.append(("turned-away", exchange.request.method, target.origin, target.path))
        for result in () if response is None else response.set_cookies:
            if is_session_like(result.name) and result.value:
                keys.append(("set", client_id, result.name))
        part = exchange.request
        if part.observed != part.expected:
            for carried in part.cookies:
                if carried.refused_in is not None:
                    keys.append(("kept", carried.refused_in, carried.name))
        self._places.record(exchange.number, dict.fromkeys(keys) if keys else ())

    def turned_away(self, exchange: Exchange) -> Sequence[int]:
        """Return the exchanges with this method and page that failed, of any client."""
        part = exchange.request
        key = ("turned-away", part.method, part.target.origin, part.target.path)
        return self._places.places(key)

    def kept(self, exchange_id: str, name: str) -> Exchange | None:
        """Return the first exchange that sends what an exchange set and should have been refused.

        None if the client does not seem to have kept it.
        """
        places = self._places.places(("kept", exchange_id, name))
        return self._trace.exchanges[places[0] - 1] if places else None

    def of(self, lost: Lost) -> Need | None:
        """Return the first later evidence that a cookie was needed; None if there is none."""
        for number in self._candidates(lost):
            position = self._trace.requests.position(number)
            if position < lost.position:
                continue
            if lost.until is not None and position > lost.until:
                return None
            exchange = self._trace.exchanges[number - 1]
            if not _would_get(lost, exchange.request.target):
                continue
            need = need_of(exchange, lost.name)
            if need is not None:
                return need
        return None

    def _candidates(self, lost: Lost) -> Iterator[int]:
        keys = (
            ("none", lost.client_id, lost.name),
            ("failed", lost.client_id, site_of(lost.setter)),
            ("set", lost.client_id, lost.name),
        )
        found: list[int] = []
        for key in keys:
            places: Sequence[int] = self._places.places(key)
            first = self._first_after(places, lost.position)
            found += places[first : first + MOST_LATER]
        yield from sorted(set(found))[:MOST_LATER]

    def _first_after(self, places: Sequence[int], position: int) -> int:
        """Return the index of the first place whose request came after a position."""
        low, high = 0, len(places)
        while low < high:
            middle = (low + high) // 2
            if self._trace.requests.position(places[middle]) < position:
                low = middle + 1
            else:
                high = middle
        return low


def site_of(target: Target) -> str:
    """Return the registrable domain of an address, or its host if it has none."""
    host = target.host or ""
    return default_public_suffixes().registrable_domain(host) or host


def _would_get(lost: Lost, target: Target) -> bool:
    """Return whether a request to an address was to get a lost cookie."""
    host = target.host or ""
    if site_of(target) != site_of(lost.setter):
        return False
    if lost.domain is None:
        return host == lost.setter.host and path_match(target.path, lost.path)
    covered = host == lost.setter.host or domain_match(host, lost.domain)
    return covered and path_match(target.path, lost.path)
