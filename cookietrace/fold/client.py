"""One client in the fold: its jar, its pages, and how its requests and responses change them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from functools import partial
from typing import Literal

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    CookieJar,
    CookieKey,
    Outcome,
    PageHistory,
    Profile,
    RequestContext,
    RequestFacts,
    StoreResult,
    Target,
    context_headers,
    default_public_suffixes,
    parse_cookie_date,
    parse_set_cookie,
)
from cookietrace.events import Request, Response
from cookietrace.fold.clear_site_data import cleared, clears_cookies, refused
from cookietrace.fold.crossings import Crossings
from cookietrace.fold.exchange import (
    CookieStatus,
    Exchange,
    JarChange,
    MissingCookie,
    RemovedCookie,
    RequestCookie,
    RequestPart,
    ResponsePart,
)
from cookietrace.fold.frames import link_or_frame
from cookietrace.fold.headers import response_headers
from cookietrace.fold.housekeeping import is_housekeeping
from cookietrace.fold.informational import is_informational, not_read
from cookietrace.fold.jar_history import JarHistory
from cookietrace.fold.reconcile import Agreements, Comparison, Refusals, differs_in, reconcile
from cookietrace.fold.unconfirmed import Unconfirmed, response_context

REMEMBERED_VALUES = 4
"""Number of earlier values kept per cookie, to notice two jars that alternate."""

CHANGING = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.DELETED})
"""Outcomes that change what the jar holds under a name."""

Cause = Literal["stored", "deleted", "expired", "evicted", "observed", "given-up"]


class ClientFold:
    """The jar and the pages of one client; takes its events in order."""

    def __init__(self, client_id: str, profile: Profile) -> None:
        suffixes = default_public_suffixes()
        self.client_id = client_id
        self.profile = profile
        self.history = JarHistory()
        self.turns = 0
        """How often the jar seemed to have been swapped for another and back."""
        self._jar = CookieJar(profile, suffixes)
        self._pages = PageHistory(profile, suffixes)
        self._crossings = Crossings()
        self._earlier: dict[CookieKey, deque[str]] = {}
        self._doubted: dict[CookieKey, bool] = {}
        """Each doubtful cookie -> whether a request of certain context lacked it.

        May hold more than the jar's doubtful cookies.
        """
        self._unconfirmed = Unconfirmed()
        self._agreements = Agreements()
        self._removed: list[RemovedCookie] = []
        self._refusals = Refusals()

    @property
    def _nothing_in_doubt(self) -> bool:
        """Whether a header that matches its prediction leaves nothing to correct in the jar."""
        return not self._doubted and self._unconfirmed.is_empty

    # --- requests

    def request(self, event: Request, target: Target, position: int, now: float) -> RequestPart:
        """Predict the request's cookies, compare, and correct the jar."""
        headers, observed = context_headers(event.headers)
        facts = RequestFacts(
            exchange_id=event.exchange_id,
            at=event.at,
            method=event.method,
            target=target,
            url=event.url,
            headers=headers,
        )
        context = self._pages.context(facts)
        self._expire(event.exchange_id, position, now)
        removed, self._removed = tuple(self._removed), []
        selection = self._jar.select(target, context, now)
        context, selection = link_or_frame(self._jar, facts, context, selection, observed, now)
        for withheld in selection.withheld:
            if withheld.reasons[0].code is Code.EXPIRED:
                self._jar.forget_expired(withheld.cookie.key)
        if observed == selection.header:
            compared = self._agreements.of(selection)
        else:
            compared = reconcile(
                observed,
                selection,
                host=target.host or "",
                context=context,
                at=now,
                overlaps=partial(
                    self._crossings.under_way, at=event.at, followed=self._pages.follows(facts)
                ),
            )
            compared = self._refusals.mark(compared, target.host or "")
        reported_context = self._unconfirmed.apply_to(context, selection.sent)
        if compared.agreed and self._nothing_in_doubt:
            self._jar.touch(selection.sent, now)
        else:
            self._correct(compared, context, event.exchange_id, position, now)
        self._crossings.opened(event.exchange_id, () if compared.agreed else differs_in(compared))
        self._pages.request(facts, context)
        return RequestPart(
            event=event,
            position=position,
            target=target,
            profile=self.profile.name,
            context=reported_context,
            observed=observed,
            expected=selection.header,
            cookies=compared.cookies,
            withheld=compared.withheld,
            missing=compared.missing,
            removed=removed,
            housekeeping=is_housekeeping(target.host or "", target.path),
        )

    def _correct(
        self,
        compared: Comparison,
        context: RequestContext,
        exchange_id: str,
        position: int,
        now: float,
    ) -> None:
        """Make the jar agree with the header: what was observed wins."""
        used: list[Cookie] = []
        for request_cookie in compared.cookies:
            cookie = request_cookie.cookie
            if cookie is None:
                continue
            if request_cookie.status is CookieStatus.UNEXPLAINED:
                self._infer(cookie, request_cookie.replaces, exchange_id, position)
                continue
            if cookie.doubtful:
                self.turns += self._doubted.pop(cookie.key, False)
                cookie = self._put(
                    msgspec.structs.replace(cookie, doubtful=False), exchange_id, position
                )
            used.append(cookie)
            self._unconfirmed.seen(cookie)
        self._jar.touch(used, now)
        for absent in compared.missing:
            if absent.status is not CookieStatus.MISSING:
                continue
            if absent.dropped:
                self._remove(absent.cookie, exchange_id, position, "given-up")
            elif not absent.cookie.doubtful:
                self._doubted[absent.cookie.key] = context.certain
                doubted = msgspec.structs.replace(absent.cookie, doubtful=True)
                self._put(doubted, exchange_id, position)

    def _infer(
        self, cookie: Cookie, replaces: Cookie | None, exchange_id: str, position: int
    ) -> None:
        """Add a cookie to the jar that no recorded response set."""
        earlier = self._earlier.setdefault(cookie.key, deque(maxlen=REMEMBERED_VALUES))
        if replaces is not None:
            if cookie.value in earlier:
                self.turns += 1
            earlier.append(replaces.value)
        self._put(cookie, exchange_id, position)

    # --- responses

    def response(
        self,
        event: Response,
        request: RequestPart,
        position: int,
        now: float,
    ) -> ResponsePart:
        """Store the response's cookies."""
        self._crossings.closed(event.exchange_id)
        headers = response_headers(event.headers)
        lines = headers.set_cookies
        results: tuple[StoreResult, ...] = ()
        context = response_context(request)
        if is_informational(event.status_code):
            results = tuple(not_read(line) for line in lines)
        elif headers.clear_site_data and clears_cookies(
            headers.clear_site_data, request.target, context, self.profile
        ):
            self._clear(event, request.target, context, position)
            results = tuple(refused(line) for line in lines)
        elif lines:
            self._expire(event.exchange_id, position, now)
            date = parse_cookie_date(headers.date or "")
            results = tuple(
                self._store(line, request.target, context, event.exchange_id, position, now, date)
                for line in lines
            )
            changed = {result.name for result in results if result.outcome in CHANGING}
            self._crossings.changed(event.exchange_id, event.at, changed)
        self._pages.response(
            event.exchange_id, event.status_code, headers.location, headers.content_type
        )
        return ResponsePart(event=event, position=position, set_cookies=results)

    def _clear(
        self, event: Response, target: Target, context: RequestContext, position: int
    ) -> None:
        """Remove the cookies that Clear-Site-Data deletes."""
        gone = cleared(
            self._jar.cookies_beside(target.host), target, context, self._jar.public_suffixes
        )
        for cookie in gone:
            self._remove(cookie, event.exchange_id, position, "deleted")
        names = {cookie.name for cookie in gone}
        self._crossings.changed(event.exchange_id, event.at, names)

    def failed(self, exchange_id: str) -> None:
        """Record that no response will come."""
        self._crossings.closed(exchange_id)

    def forget_open(self) -> None:
        """Record that the recorder restarted: its open requests get no response."""
        self._crossings.forget_open()

    def _store(
        self,
        line: str,
        target: Target,
        context: RequestContext,
        exchange_id: str,
        position: int,
        now: float,
        server_time: float | None,
    ) -> StoreResult:
        result = self._jar.store(line, target, context, now, server_time=server_time)
        previous, cookie = result.previous, result.cookie
        if result.outcome in (Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED):
            assert cookie is not None
            if previous is not None and previous.key != cookie.key:
                self._log(exchange_id, position, previous.key, previous, None, "stored")
                previous = None
            self._log(exchange_id, position, cookie.key, previous, cookie, "stored")
            self._doubted.pop(cookie.key, None)
            self._unconfirmed.stored(cookie, context)
            if result.previous is not None and result.previous.value != cookie.value:
                earlier = self._earlier.setdefault(cookie.key, deque(maxlen=REMEMBERED_VALUES))
                earlier.append(result.previous.value)
        elif result.outcome is Outcome.REJECTED:
            self._refusals.add(result, target.host or "", exchange_id)
        elif result.outcome is Outcome.DELETED and previous is not None:
            self._log(exchange_id, position, previous.key, previous, None, "deleted")
        for evicted in result.evicted:
            self._log(exchange_id, position, evicted.key, evicted, None, "evicted")
        return result

    # --- corrections by a later response

    def explained(self, response: Response) -> tuple[Sequence[str], Collection[str]]:
        """Return the requests that this response explains, and the names of its cookies.

        The requests differed from the jar in one of these cookies, and were made before
        the response arrived.
        """
        if self._crossings.nothing_differs:
            return (), ()
        lines = response_headers(response.headers).set_cookies
        names = {parse_set_cookie(line).name for line in lines}
        return self._crossings.explained(response.exchange_id, names), names

    def withdraw(self, exchange: Exchange, names: Collection[str], position: int) -> RequestPart:
        """Withdraw the verdicts of an ``explained`` request on the cookies of these names.

        These cookies become overlapping, and the jar's earlier content is restored.
        Call this before the response is stored. Returns the request's new part.
        """
        part = exchange.request
        cookies = []
        for cookie in part.cookies:
            if cookie.status is CookieStatus.UNEXPLAINED and cookie.name in names:
                self._undo(cookie, part.exchange_id, position)
                cookie = RequestCookie(
                    cookie.name, cookie.value, cookie.domain, cookie.path, CookieStatus.OVERLAPPING
                )
            cookies.append(cookie)
        missing = []
        for absent in part.missing:
            if absent.status is CookieStatus.MISSING and absent.cookie.name in names:
                self._restore(absent, part.exchange_id, position)
                absent = MissingCookie(absent.cookie, CookieStatus.OVERLAPPING, ())
            missing.append(absent)
        return msgspec.structs.replace(part, cookies=tuple(cookies), missing=tuple(missing))

    def _undo(self, unexplained: RequestCookie, exchange_id: str, position: int) -> None:
        """Remove an inferred cookie again, unless it has changed since."""
        cookie = unexplained.cookie
        if cookie is None or self._jar.get(cookie.key) != cookie:
            return
        self._remove(cookie, exchange_id, position, "observed")
        if unexplained.replaces is not None:
            self._put(unexplained.replaces, exchange_id, position)

    def _restore(self, absent: MissingCookie, exchange_id: str, position: int) -> None:
        """Clear the doubt about a cookie, and put it back if the jar gave it up."""
        cookie = absent.cookie
        current = self._jar.get(cookie.key)
        if absent.dropped if current is None else current.doubtful:
            self._doubted.pop(cookie.key, None)
            self._put(msgspec.structs.replace(cookie, doubtful=False), exchange_id, position)

    # --- the jar and its log

    def _expire(self, exchange_id: str, position: int, now: float) -> None:
        for cookie in self._jar.expire(now):
            self._log(exchange_id, position, cookie.key, cookie, None, "expired")
            self._removed.append(RemovedCookie(cookie, "expired"))

    def _put(self, cookie: Cookie, exchange_id: str, position: int) -> Cookie:
        before = self._jar.put(cookie)
        self._log(exchange_id, position, cookie.key, before, cookie, "observed")
        return cookie

    def _remove(self, cookie: Cookie, exchange_id: str, position: int, cause: Cause) -> None:
        """Remove a cookie that the jar holds."""
        self._jar.remove(cookie.key)
        self._log(exchange_id, position, cookie.key, cookie, None, cause)

    def _log(
        self,
        exchange_id: str,
        position: int,
        key: CookieKey,
        before: Cookie | None,
        after: Cookie | None,
        cause: Cause,
    ) -> None:
        if after is None and cause != "observed":
            self._doubted.pop(key, None)
            self._unconfirmed.gone(key)
        self.history.add(JarChange(position, exchange_id, key, before, after, cause))
