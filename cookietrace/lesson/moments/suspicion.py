"""Whether an exchange could hold a problem or a warning: a cheap test before any rule is tried.

It looks at fields that the fold has filled in already, and is wrong on one side only: what it
passes over has no match of a rule that grades above a note. The test suite compares both.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntFlag

from cookietrace.cookies import Code, Outcome, Site, Standing, StoreResult
from cookietrace.fold.exchange import CookieStatus, Exchange, RequestPart
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.host_hops import may_hop
from cookietrace.lesson.needed import failure_of, is_sign_in, is_sign_out
from cookietrace.lesson.session_names import is_session_like
from cookietrace.lesson.shared_caches import cache_risk
from cookietrace.trace import Trace

LARGE = 8192
"""The size of a Cookie header that is a warning in itself."""

_ODD = frozenset({Code.BORN_EXPIRED, Code.LINES_JOINED, Code.LINE_MISWRITTEN})
_REFUSED_FOR_SIZE = frozenset({400, 413, 431, 494, 500, 502})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Suspect(IntFlag):
    """Where in an exchange a problem or a warning could be."""

    LINES = 1
    """In the Set-Cookie lines of its response."""
    REFUSED = 2
    """Only in those that were refused."""
    REQUEST = 4
    """In what its request had or lacked, and what came of it."""


_NOTHING = Suspect(0)
_LINES, _REFUSED = Suspect.LINES, Suspect.REFUSED
_WITH_REQUEST = {found: found | Suspect.REQUEST for found in (_NOTHING, _LINES, _REFUSED)}


class Suspicion:
    """Tests the exchanges of one trace."""

    def __init__(self, trace: Trace, histories: CookieHistories) -> None:
        self._trace = trace
        self._histories = histories
        self.noted: set[int] = set()
        """The positions of requests at which the trace notes something about its client."""

    def eventful(self, exchanges: Sequence[Exchange]) -> list[Exchange]:
        """Return the exchanges of which ``of`` could suspect something, at a glance.

        Those with a witness, with Set-Cookie, with a cookie that was refused, or with a status over
        299 are among them.
        """
        several, noted, found = len(self._trace.clients) > 1, self.noted, []
        for exchange in exchanges:
            part, response = exchange.request, exchange.response
            if (
                (
                    response is not None
                    and (response.set_cookies or response.event.status_code >= 300)
                )
                or exchange.server is not None
                or part.event.method != "GET"
                or len(part.observed) >= LARGE
                or (part.told is not None and _is_large(part, LARGE))
                or (part.observed != part.expected and (several or _carries_refused(part)))
                or (noted and part.position in noted)
            ):
                found.append(exchange)
        return found

    def of(self, exchange: Exchange) -> Suspect:
        """Return where in an exchange a rule that grades could find more than a note."""
        response = exchange.response
        found = _NOTHING
        if response is not None and response.set_cookies:
            found = self._of_lines(exchange)
        return _WITH_REQUEST[found] if self._of_request(exchange) else found

    def _of_request(self, exchange: Exchange) -> bool:
        part, response = exchange.request, exchange.response
        status = 0 if response is None else response.event.status_code
        if status >= 300 and self._of_status(exchange, status):
            return True
        if response is not None and response.set_cookies and (part.withheld or part.missing):
            again = [one.name for one in response.set_cookies if is_session_like(one.name)]
            if again and (
                any(held.cookie.name in again for held in part.withheld)
                or any(absent.cookie.name in again for absent in part.missing)
            ):
                return True
        if exchange.server is not None and self._of_server(exchange):
            return True
        if part.position in self.noted:
            return True
        if not part.cookies:
            return False
        if _is_large(part, LARGE):
            return True
        if part.event.method not in _SAFE and self._of_unsafe(exchange):
            return True
        if part.observed == part.expected:
            return False
        return len(self._trace.clients) > 1 and _has_unexplained_session(part)

    def _of_lines(self, exchange: Exchange) -> Suspect:
        part, response = exchange.request, exchange.response
        assert response is not None
        found = _NOTHING
        for result in response.set_cookies:
            if result.standing is Standing.REFUTED:
                return _LINES
            if result.warnings and any(warning.code in _ODD for warning in result.warnings):
                return _LINES
            if result.outcome is Outcome.REJECTED:
                found = _REFUSED
                continue
            if result.outcome is Outcome.IGNORED or result.evicted:
                return _LINES
            if result.previous is not None and _undoes(part, result):
                return _LINES
            if is_session_like(result.name) and self._of_session(exchange, result):
                return _LINES
        return found

    def _of_session(self, exchange: Exchange, result: StoreResult) -> bool:
        """Return whether there may be something to say about a session's attributes or value."""
        cookie = result.cookie
        if cookie is None or result.outcome is Outcome.DELETED:
            return False
        if not cookie.http_only or not cookie.host_only:
            return True
        if not cookie.secure and exchange.request.target.scheme in ("https", "wss"):
            return True
        if len(self._trace.clients) > 1 and result.value:
            owners = self._histories.given_to(result.name, result.value)
            if len(owners) > 1:
                return True
        return cache_risk(exchange, result) is not None

    @staticmethod
    def _of_status(exchange: Exchange, status: int) -> bool:
        part = exchange.request
        if part.observed and status in _REFUSED_FOR_SIZE and _is_large(part, LARGE // 8):
            return True
        return failure_of(exchange) is not None or (status < 400 and is_sign_out(exchange))

    def _of_server(self, exchange: Exchange) -> bool:
        server, part = exchange.server, exchange.request
        assert server is not None
        if server.error is not None:
            return True
        cookies = part.cookies
        if len(cookies) > 1 and len({cookie.name for cookie in cookies}) < len(cookies):
            return True
        absent = {read.name for read in server.reads if read.value is None}
        if not absent:
            return False
        if not all(name.isascii() for name in absent):
            return True
        if any(held.cookie.name in absent for held in part.withheld):
            return True
        siblings = self._histories.siblings
        if part.withheld_elsewhere and any(
            held.cookie.name in absent for held in siblings.of(exchange)
        ):
            return True
        if any(name in absent for name, _ in part.pairs):
            return True
        if any(missing.cookie.name in absent for missing in part.missing):
            return True
        if any(removed.cookie.name in absent for removed in part.removed):
            return True
        return may_hop(self._trace, exchange)

    @staticmethod
    def _of_unsafe(exchange: Exchange) -> bool:
        part = exchange.request
        if part.context.site is not Site.SAME:
            return True
        return is_sign_in(part.target.path) or is_sign_out(exchange)


def _undoes(part: RequestPart, result: StoreResult) -> bool:
    """Return whether a line may undo a newer cookie, or take protections from one."""
    before, cookie = result.previous, result.cookie
    assert before is not None
    if before.set_at >= part.at:
        return True
    if cookie is None or result.outcome is not Outcome.REPLACED:
        return False
    return (
        (before.http_only and not cookie.http_only)
        or (before.secure and not cookie.secure)
        or (before.same_site is not cookie.same_site)
    )


def _carries_refused(part: RequestPart) -> bool:
    """Return whether a request has a cookie that its client should have refused."""
    return any(carried.refused_in is not None for carried in part.cookies)


def _has_unexplained_session(part: RequestPart) -> bool:
    return any(
        cookie.status is CookieStatus.UNEXPLAINED and is_session_like(cookie.name)
        for cookie in part.cookies
    )


def _is_large(part: RequestPart, least: int) -> bool:
    """Return whether a Cookie header has at least so many bytes.

    In a redacted capture, that is known about those that a rule would look at.
    """
    size = len(part.observed) if part.told is None else part.told.header_size
    return size is not None and size >= least
