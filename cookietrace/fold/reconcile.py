"""Compare the cookies a request carried with those its client's jar predicted.

Pure: facts in, a ``Comparison`` out. What was observed always wins; the
prediction is commentary. DESIGN 4 defines the statuses:

* *sent*: in the header, and the jar holds it;
* *unexplained*: in the header, never seen set, or under another value;
* *missing*: predicted, and absent;
* *overlapping*: differs, but a response that changes the cookie was under way.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    Credentials,
    Finding,
    RequestContext,
    SameSite,
    Selection,
    Withheld,
    parse_cookie_header,
)
from cookietrace.cookies.verdicts import shortened
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
    }
)
"""Withholding rules that rest on our idea of the circumstances.

Where only these held a cookie back and the header carries it, our idea was
wrong. The other rules rest on host and path alone, which are never in doubt: a
cookie of that name in the header is then another one.
"""


_MOST_AGREEMENTS = 256


class Comparison(msgspec.Struct, frozen=True, gc=False):
    """How a request compares with its client's jar."""

    cookies: tuple[RequestCookie, ...]
    withheld: tuple[Withheld, ...]
    missing: tuple[MissingCookie, ...]
    agreed: bool = False
    """True where the header is the very one that was predicted."""


def reconcile(
    observed: str,
    selection: Selection,
    *,
    host: str,
    context: RequestContext,
    at: float,
    overlaps: Callable[[str], bool],
) -> Comparison:
    """Say what became of each pair of a header that differs from the predicted one.

    ``overlaps`` answers, for a cookie name, whether a response that changed a
    cookie of that name was under way as the request began. Time and space are
    linear in the pairs and the cookies.
    """
    pairs = parse_cookie_header(observed) if observed else ()
    waiting = _Waiting(selection)
    told: list[RequestCookie | None] = [waiting.claim_same(pair) for pair in pairs]
    for index, (name, value) in enumerate(pairs):
        if told[index] is None:
            told[index] = _differing(name, value, waiting, host, at, overlaps)

    withheld = [held for held in selection.withheld if not waiting.is_claimed(held.cookie)]
    absent = [cookie for cookie in selection.sent if not waiting.is_claimed(cookie)]
    missing: list[MissingCookie] = []
    if absent and not pairs and context.credentials is not Credentials.INCLUDE:
        withheld.extend(
            Withheld(cookie=cookie, reasons=(_finding(Code.WITHOUT_CREDENTIALS, cookie),))
            for cookie in absent
        )
    else:
        missing.extend(_missing(cookie, context, overlaps) for cookie in absent)
    return Comparison(
        tuple(cookie for cookie in told if cookie is not None), tuple(withheld), tuple(missing)
    )


def differs_in(compared: Comparison) -> frozenset[str]:
    """Return the names of the cookies in which a header differs from the jar, to its verdict."""
    return frozenset(
        [told.name for told in compared.cookies if told.status is CookieStatus.UNEXPLAINED]
        + [one.cookie.name for one in compared.missing if one.status is CookieStatus.MISSING]
    )


class Agreements:
    """What became of the cookies where the header is the very one that was predicted.

    A jar gives one selection out again and again; each is told once.
    """

    def __init__(self) -> None:
        self._told: dict[int, tuple[Selection, Comparison]] = {}

    def of(self, selection: Selection) -> Comparison:
        """Return the comparison for a header that is the selection's own."""
        known = self._told.get(id(selection))
        if known is not None:
            return known[1]
        if len(self._told) >= _MOST_AGREEMENTS:
            self._told.clear()
        compared = Comparison(
            tuple(map(_sent, selection.sent)), selection.withheld, (), agreed=True
        )
        self._told[id(selection)] = (selection, compared)
        return compared


class _Waiting:
    """The jar's cookies that no pair of the header has been matched with yet."""

    def __init__(self, selection: Selection) -> None:
        doubted = [held.cookie for held in selection.withheld if _only_context(held.reasons)]
        lapsed = {
            id(held.cookie)
            for held in selection.withheld
            if held.reasons and held.reasons[0].code is Code.EXPIRED
        }
        self._claimed: set[int] = set()
        self._by_pair: dict[str, deque[Cookie]] = defaultdict(deque)
        self._by_name: dict[str, deque[Cookie]] = defaultdict(deque)
        for cookie in (*selection.sent, *selection.inferred, *doubted):
            self._by_name[cookie.name].append(cookie)
            if id(cookie) not in lapsed:
                self._by_pair[cookie.pair].append(cookie)

    def claim_same(self, pair: tuple[str, str]) -> RequestCookie | None:
        """Match a pair with a cookie that serialises to the very same octets."""
        cookie = self._take(self._by_pair.get(_pair(pair)))
        return _sent(cookie) if cookie is not None else None

    def claim_name(self, name: str) -> Cookie | None:
        """Match a name with a cookie whose value must have changed unseen."""
        return self._take(self._by_name.get(name))

    def is_claimed(self, cookie: Cookie) -> bool:
        """Say whether the header accounted for this cookie."""
        return id(cookie) in self._claimed

    def _take(self, candidates: deque[Cookie] | None) -> Cookie | None:
        while candidates:
            cookie = candidates.popleft()
            if id(cookie) not in self._claimed:
                self._claimed.add(id(cookie))
                return cookie
        return None


def _differing(
    name: str,
    value: str,
    waiting: _Waiting,
    host: str,
    at: float,
    overlaps: Callable[[str], bool],
) -> RequestCookie:
    """Tell a pair that the jar does not hold: overlapping, or unexplained."""
    held = waiting.claim_name(name)
    domain, path = (held.domain, held.path) if held is not None else (host, "/")
    if overlaps(name):
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


def _missing(
    cookie: Cookie, context: RequestContext, overlaps: Callable[[str], bool]
) -> MissingCookie:
    """Tell a predicted cookie that the header lacks."""
    if overlaps(cookie.name):
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
    """Serialise a pair as -22 5.8.3 step 6 would."""
    name, value = pair
    return f"{name}={value}" if name else value


def _only_context(reasons: tuple[Finding, ...]) -> bool:
    return all(reason.code in CONTEXT_CODES for reason in reasons)
