"""Compares the cookies of a request with those that its client's jar predicted.

What was observed always wins. A cookie has one of these statuses:

* *sent*: in the header, and the jar holds it, or may hold it;
* *unexplained*: in the header, but never set, or set with another value;
* *missing*: predicted, but not in the header;
* *overlapping*: differs, but a response that changes the cookie was in progress.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    CookieKey,
    Credentials,
    Finding,
    RequestContext,
    SameSite,
    Selection,
    StoreResult,
    Withheld,
    parse_cookie_header,
)
from cookietrace.cookies.match import domain_match
from cookietrace.cookies.verdicts import shortened
from cookietrace.fold.crossings import OVERLAP_SECONDS, Change
from cookietrace.fold.exchange import CookieStatus, MissingCookie, RequestCookie

CONTEXT_CODES = frozenset(
    {
        Code.SAME_SITE_STRICT,
        Code.SAME_SITE_LAX,
        Code.SAME_SITE_LAX_DEFAULT,
        Code.SECURE_OVER_INSECURE,
        Code.EXPIRED,
        Code.PARTITION_MISMATCH,
        Code.WITHOUT_CREDENTIALS,
        Code.CLIENT_POLICY,
    }
)
"""Reasons to withhold a cookie that depend on what we assume about the request's context.

If a cookie is withheld only for these and the header has it, the assumption was wrong. The
other reasons depend on host and path alone, which are certain: a cookie of that name in the
header is then another cookie.
"""


class Overlaps(Protocol):
    """Returns whether a response that changed a cookie was in progress when a request began."""

    def __call__(
        self, name: str, key: CookieKey | None = None, *, besides: Container[Change] = ()
    ) -> bool:
        """Return it for the cookie with ``key``, or if that is None, for any of that name.

        Those are the ones that the request can carry. The changes in ``besides`` do not count.
        """


_MAX_AGREEMENTS = 256
_MAX_SENT = 1024


class Comparison(msgspec.Struct, frozen=True, gc=False):
    """How a request compares with its client's jar."""

    cookies: tuple[RequestCookie, ...]
    withheld: tuple[Withheld, ...]
    missing: tuple[MissingCookie, ...]
    agreed: bool = False
    """True if the header is exactly the predicted one."""
    plain: bool = False
    """True if each pair is a cookie of the jar, and none is missing."""


def reconcile(
    observed: str,
    selection: Selection,
    *,
    host: str,
    context: RequestContext,
    at: float,
    overlaps: Overlaps,
    possible: Iterable[Cookie],
    is_open: Callable[[CookieKey], bool],
) -> Comparison:
    """Return the comparison for a header that differs from the predicted one.

    ``overlaps`` returns whether a response that changed a cookie was in progress when the
    request began. ``is_open`` returns whether it is not known what the jar holds under a key, and
    ``possible`` are the cookies that it may hold under such keys. Time and space are linear in
    the pairs and cookies.
    """
    pairs = parse_cookie_header(observed) if observed else ()
    plain = plainly(pairs, selection)
    if plain is not None:
        return plain
    known: Callable[..., bool] = cache(overlaps)  # thousands of pairs may have one name
    unclaimed = _Unclaimed(selection, possible, pairs)
    cookies: list[RequestCookie | None] = [unclaimed.claim_same(pair) for pair in pairs]
    for index, (name, value) in enumerate(pairs):
        if cookies[index] is None:
            cookies[index] = _differing(name, value, unclaimed, host, at, known)

    withheld = [entry for entry in selection.withheld if not unclaimed.is_claimed(entry.cookie)]
    absent = [cookie for cookie in selection.sent if not unclaimed.is_claimed(cookie)]
    missing: list[MissingCookie] = []
    if absent and not pairs and context.credentials is not Credentials.INCLUDE:
        withheld.extend(
            Withheld(cookie=cookie, reasons=(_finding(Code.WITHOUT_CREDENTIALS, cookie),))
            # Those that a script set are as absent; they are never predicted, so not in ``absent``.
            for cookie in (*absent, *selection.inferred)
        )
    else:
        crossed = _crossed(absent, selection, known)
        missing.extend(
            _missing(cookie, context, cookie.pair in crossed)
            for cookie in absent
            if not cookie.unconfirmed and not is_open(cookie.key)
        )
    return Comparison(
        tuple(cookie for cookie in cookies if cookie is not None), tuple(withheld), tuple(missing)
    )


def plainly(pairs: Sequence[tuple[str, str]], selection: Selection) -> Comparison | None:
    """Return the comparison if nothing but the pairs and the selection is needed for it.

    So it is where a client had cookies before the recording began: they come along, and are
    never predicted. None if a predicted cookie is absent, if a pair is none of the cookies
    that are certain to be there, or if two pairs or cookies look the same.
    """
    if not pairs or len(pairs) < len(selection.sent):
        return None
    candidates = (*selection.sent, *selection.inferred)
    held = {cookie.pair: cookie for cookie in candidates if not cookie.unconfirmed}
    if len(held) < len(candidates):
        return None
    carried = {text: held.get(text) for text in map(_pair, pairs)}
    cookies = [cookie for cookie in carried.values() if cookie is not None]
    if len(cookies) < len(pairs) or not all(cookie.pair in carried for cookie in selection.sent):
        return None
    return Comparison(tuple(map(_sent, cookies)), selection.withheld, (), plain=True)


def in_an_unknown_order(
    compared: Comparison, predicted: Collection[Cookie], unplaced: Container[CookieKey]
) -> bool:
    """Return whether a header differs from the prediction only in an order that is not known.

    Cookies with paths of one length go by their age. Responses that came within a second may
    have reached the client in another order than they left, and the age of the ``unplaced``
    cookies is not known.
    """
    if compared.missing or len(compared.cookies) != len(predicted):
        return False
    sent = {id(cookie) for cookie in predicted}
    length, youngest = None, 0.0
    for carried in compared.cookies:
        cookie = carried.cookie
        if carried.status is not CookieStatus.SENT or cookie is None or id(cookie) not in sent:
            return False
        if length is not None and len(cookie.path) > length:
            return False
        if length != len(cookie.path):
            length, youngest = len(cookie.path), 0.0
        if cookie.key in unplaced:
            continue
        if cookie.created_at < youngest - OVERLAP_SECONDS:
            return False
        youngest = max(youngest, cookie.created_at)
    return True


def differs_in(compared: Comparison) -> Collection[str]:
    """Return the names of the unexplained and the missing cookies, each once and in order."""
    return dict.fromkeys(
        [cookie.name for cookie in compared.cookies if cookie.status is CookieStatus.UNEXPLAINED]
        + [entry.cookie.name for entry in compared.missing if entry.status is CookieStatus.MISSING]
    )


class Agreements:
    """The comparisons for headers that are exactly as predicted.

    A jar returns the same selection many times, so the comparisons are cached.
    """

    def __init__(self) -> None:
        self._cached: dict[tuple[int, int], tuple[Selection, Comparison]] = {}
        """By what was sent and withheld: how many cookies other hosts have does not matter."""
        self._sent: dict[int, RequestCookie] = {}
        """What stands for each cookie that was sent, which is thus kept."""

    def __getstate__(self) -> dict[str, Any]:
        return {"_cached": {}, "_sent": {}}  # another process gives its objects other identities

    def of(self, selection: Selection) -> Comparison:
        """Return the comparison for a header that equals the selection's."""
        parts = id(selection.sent), id(selection.withheld)
        cached = self._cached.get(parts)
        if cached is not None:
            return cached[1]
        if len(self._cached) >= _MAX_AGREEMENTS:
            self._cached.clear()
        known = self._sent
        cookies = tuple([known.get(id(each)) or self._carried(each) for each in selection.sent])
        compared = Comparison(cookies, selection.withheld, (), agreed=True)
        self._cached[parts] = (selection, compared)
        return compared

    def _carried(self, cookie: Cookie) -> RequestCookie:
        """Return what stands for a cookie that was sent, the same in each request."""
        if len(self._sent) >= _MAX_SENT:
            self._sent.clear()
        carried = self._sent[id(cookie)] = _sent(cookie)
        return carried


class Refusals:
    """The latest refusal of each name and value, to recognise cookies that are sent anyway."""

    def __init__(self) -> None:
        self._latest: dict[tuple[str, str], tuple[str, str]] = {}
        """Name and value -> the host that set them, and the exchange."""

    @property
    def latest(self) -> Mapping[tuple[str, str], tuple[str, str]]:
        """Every name and value, with the host that set them and the exchange."""
        return self._latest

    def add(self, result: StoreResult, host: str, exchange_id: str) -> None:
        """Record a Set-Cookie line that was rejected."""
        self._latest[result.name, result.value] = host, exchange_id

    def mark(self, compared: Comparison, host: str) -> Comparison:
        """Return the comparison with ``refused_in`` set on unexplained cookies that were refused.

        The host that set the cookie must be the request's, or a parent or subdomain of it: on
        any other host, the same name and value are another cookie.
        """
        if not self._latest:
            return compared
        cookies = tuple([self._marked(cookie, host) for cookie in compared.cookies])
        return msgspec.structs.replace(compared, cookies=cookies)

    def _marked(self, cookie: RequestCookie, host: str) -> RequestCookie:
        if cookie.status is not CookieStatus.UNEXPLAINED or cookie.replaces is not None:
            return cookie
        exchange_id = self.find(cookie.name, cookie.value, host)
        if exchange_id is None:
            return cookie
        return msgspec.structs.replace(cookie, refused_in=exchange_id)

    def find(self, name: str, value: str, host: str) -> str | None:
        """Return the exchange in which this name and value were refused; None if in none."""
        setter, exchange_id = self._latest.get((name, value), ("", None))
        related = domain_match(host, setter) or domain_match(setter, host)
        return exchange_id if related else None


class _Unclaimed:
    """The cookies that have not been matched with a pair of the header yet.

    They are the jar's, and those that it may hold in their place.
    """

    def __init__(
        self,
        selection: Selection,
        possible: Iterable[Cookie],
        pairs: Collection[tuple[str, str]],
    ) -> None:
        """Look only for cookies that one of the ``pairs`` may be, of thousands in a jar."""
        self._claimed: set[CookieKey] = set()
        self._by_pair: dict[str, deque[Cookie]] = {_pair(pair): deque() for pair in pairs}
        self._by_name: dict[str, deque[Cookie]] = {name: deque() for name, _ in pairs}
        self._possible: dict[str, deque[Cookie]] = defaultdict(deque)
        if not pairs:
            return
        withheld = [entry.cookie for entry in selection.withheld if _only_context(entry.reasons)]
        expired = {
            id(entry.cookie)
            for entry in selection.withheld
            if entry.reasons and entry.reasons[0].code is Code.EXPIRED
        }
        for cookie in (*selection.sent, *selection.inferred, *withheld):
            if cookie.name in self._by_name:
                self._by_name[cookie.name].append(cookie)
            if id(cookie) not in expired and not cookie.unconfirmed:
                self._add(cookie)
        for cookie in (*selection.sent, *withheld):  # of two alike, the one that is known
            if id(cookie) not in expired and cookie.unconfirmed:
                self._add(cookie)
        for cookie in possible:
            self._possible[cookie.pair].append(cookie)

    def _add(self, cookie: Cookie) -> None:
        same = self._by_pair.get(cookie.pair)
        if same is not None:
            same.append(cookie)

    def claim_same(self, pair: tuple[str, str]) -> RequestCookie | None:
        """Match a pair with a cookie that serializes to the same bytes."""
        cookie = self._take(self._by_pair.get(_pair(pair)))
        return _sent(cookie) if cookie is not None else None

    def claim_possible(self, pair: tuple[str, str]) -> RequestCookie | None:
        """Match a pair with a cookie that the jar may hold instead of what it holds."""
        cookie = self._take(self._possible.get(_pair(pair)))
        return _sent(cookie) if cookie is not None else None

    def claim_name(self, name: str) -> Cookie | None:
        """Match a name with a cookie whose value must have changed without being recorded."""
        return self._take(self._by_name.get(name))

    def is_claimed(self, cookie: Cookie) -> bool:
        """Return whether this cookie was matched with a pair of the header."""
        return cookie.key in self._claimed

    def _take(self, candidates: deque[Cookie] | None) -> Cookie | None:
        while candidates:
            cookie = candidates.popleft()
            if cookie.key not in self._claimed:
                self._claimed.add(cookie.key)
                return cookie
        return None


def _differing(
    name: str,
    value: str,
    unclaimed: _Unclaimed,
    host: str,
    at: float,
    overlaps: Callable[[str], bool],
) -> RequestCookie:
    """Return a cookie that the jar does not predict: overlapping, possible, or unexplained."""
    crossed = overlaps(name)
    possible = None if crossed else unclaimed.claim_possible((name, value))
    if possible is not None:
        return possible
    held = unclaimed.claim_name(name)
    domain, path = (held.domain, held.path) if held is not None else (host, "/")
    if crossed:
        return RequestCookie(name, value, domain, path, CookieStatus.OVERLAPPING)
    cookie = Cookie(
        name=name,
        value=value,
        domain=domain,
        host_only=held.host_only if held is not None else True,
        path=path,
        secure=False,
        http_only=False,
        same_site=SameSite.DEFAULT,
        expires_at=None,
        created_at=held.created_at if held is not None else at,
        sequence=held.sequence if held is not None else 0,
        last_access_at=at,
        partition_key=held.partition_key if held is not None else None,
        inferred=True,
    )
    return RequestCookie(name, value, domain, path, CookieStatus.UNEXPLAINED, cookie, held)


def _crossed(
    absent: list[Cookie],
    selection: Selection,
    overlaps: Callable[[str, CookieKey], bool],
) -> frozenset[str]:
    """Return the absent pairs of which a response in progress may have added one.

    If several cookies have the same name and value, a header does not tell which one it lacks.
    """
    pairs = {cookie.pair for cookie in absent}
    return frozenset(
        cookie.pair
        for cookie in selection.sent
        if cookie.pair in pairs and overlaps(cookie.name, cookie.key)
    )


def _missing(cookie: Cookie, context: RequestContext, crossed: bool) -> MissingCookie:
    """Return a predicted cookie that the header lacks: overlapping or missing."""
    if crossed:
        return MissingCookie(cookie, CookieStatus.OVERLAPPING, ())
    given_up = cookie.doubtful and context.top_level and context.certain
    reasons = (_finding(Code.NOT_SENT_BY_CLIENT, cookie),)
    return MissingCookie(cookie, CookieStatus.MISSING, reasons, given_up)


def _finding(code: Code, cookie: Cookie) -> Finding:
    return Finding(code, (("cookie", shortened(cookie.name)),))


def _sent(cookie: Cookie) -> RequestCookie:
    return RequestCookie(
        cookie.name, cookie.value, cookie.domain, cookie.path, CookieStatus.SENT, cookie
    )


def _pair(pair: tuple[str, str]) -> str:
    """Return a pair as RFC 6265bis (draft 22) section 5.8.3 step 6 serializes it."""
    name, value = pair
    return f"{name}={value}" if name else value


def _only_context(reasons: tuple[Finding, ...]) -> bool:
    return all(reason.code in CONTEXT_CODES for reason in reasons)
