"""One client in the fold: its jar, its pages, what its requests and responses do to them."""

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
from cookietrace.fold.framed import link_or_frame
from cookietrace.fold.headers import response_headers
from cookietrace.fold.housekeeping import is_housekeeping
from cookietrace.fold.jar_history import JarHistory
from cookietrace.fold.reconcile import Agreements, Comparison, differs_in, reconcile
from cookietrace.fold.refusals import Refusals
from cookietrace.fold.unconfirmed import Unconfirmed, response_context

REMEMBERED_VALUES = 4
"""Earlier values kept a cookie, to notice two jars that take turns."""

CHANGING = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.DELETED})
"""Outcomes after which a cookie is not what it was."""

Cause = Literal["stored", "deleted", "expired", "evicted", "observed", "given-up"]


class ClientFold:
    """The jar and the pages of one client, fed with its events in order."""

    def __init__(self, client_id: str, profile: Profile) -> None:
        suffixes = default_public_suffixes()
        self.client_id = client_id
        self.profile = profile
        self.history = JarHistory()
        self.turns = 0
        """How often the jar seemed to have been exchanged for another and back."""
        self._jar = CookieJar(profile, suffixes)
        self._pages = PageHistory(profile, suffixes)
        self._crossings = Crossings()
        self._earlier: dict[CookieKey, deque[str]] = {}
        self._doubted: dict[CookieKey, bool] = {}
        """At least the jar's doubtful cookies; whether a certain request lacked them."""
        self._unconfirmed = Unconfirmed()
        self._agreements = Agreements()
        self._removed: list[RemovedCookie] = []
        self._refusals = Refusals()

    @property
    def _nothing_in_doubt(self) -> bool:
        """Whether a header that was predicted teaches nothing about the jar."""
        return not self._doubted and self._unconfirmed.nothing

    # --- requests

    def request(self, event: Request, target: Target, position: int, now: float) -> RequestPart:
        """Predict the request's cookies, compare, and correct the jar by what was seen."""
        told, observed = context_headers(event.headers)
        facts = RequestFacts(
            exchange_id=event.exchange_id,
            at=event.at,
            method=event.method,
            target=target,
            url=event.url,
            headers=told,
        )
        context = self._pages.context(facts)
        self._expire(event.exchange_id, position, now)
        removed, self._removed = tuple(self._removed), []
        selection = self._jar.select(target, context, now)
        context, selection = link_or_frame(self._jar, facts, context, selection, observed, now)
        for held in selection.withheld:
            if held.reasons[0].code is Code.EXPIRED:
                self._jar.forget_expired(held.cookie.key)
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
            compared = self._refusals.found(compared, target.host or "")
        told_context = self._unconfirmed.doubts(context, selection.sent)
        if compared.agreed and self._nothing_in_doubt:
            self._jar.touch(selection.sent, now)
        else:
            self._correct(compared, context, event.exchange_id, position, now)
        self._crossings.begun(event.exchange_id, () if compared.agreed else differs_in(compared))
        self._pages.request(facts, context)
        return RequestPart(
            event=event,
            position=position,
            target=target,
            profile=self.profile.name,
            context=told_context,
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
        """Make the jar agree with the header: what was seen wins."""
        used: list[Cookie] = []
        for told in compared.cookies:
            cookie = told.cookie
            if cookie is None:
                continue
            if told.status is CookieStatus.UNEXPLAINED:
                self._infer(told, cookie, exchange_id, position)
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

    def _infer(self, told: RequestCookie, cookie: Cookie, exchange_id: str, position: int) -> None:
        """Take a cookie into the jar that nothing on the wire had set."""
        earlier = self._earlier.setdefault(cookie.key, deque(maxlen=REMEMBERED_VALUES))
        if told.replaces is not None:
            if cookie.value in earlier:
                self.turns += 1
            earlier.append(told.replaces.value)
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
        told = response_headers(event.headers)
        lines = told.set_cookies
        results: tuple[StoreResult, ...] = ()
        context = response_context(request)
        if told.clear_site_data and clears_cookies(
            told.clear_site_data, request.target, context, self.profile
        ):
            self._clear(event, request.target, context, position)
            results = tuple(refused(line) for line in lines)
        elif lines:
            self._expire(event.exchange_id, position, now)
            date = parse_cookie_date(told.date or "")
            results = tuple(
                self._store(line, request.target, context, event.exchange_id, position, now, date)
                for line in lines
            )
            changed = {one.name for one in results if one.outcome in CHANGING}
            self._crossings.changed(event.exchange_id, event.at, changed)
        self._pages.response(event.exchange_id, event.status_code, told.location, told.content_type)
        return ResponsePart(event=event, position=position, set_cookies=results)

    def _clear(
        self, event: Response, target: Target, context: RequestContext, position: int
    ) -> None:
        """Take out what Clear-Site-Data removes."""
        gone = cleared(
            self._jar.cookies_beside(target.host), target, context, self._jar.public_suffixes
        )
        for cookie in gone:
            self._remove(cookie, event.exchange_id, position, "deleted")
        names = {cookie.name for cookie in gone}
        self._crossings.changed(event.exchange_id, event.at, names)

    def failed(self, exchange_id: str) -> None:
        """Take note that no answer will come."""
        self._crossings.closed(exchange_id)

    def forget_in_flight(self) -> None:
        """Take note that a recorder began anew: what it had open was never answered."""
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
            self._refusals.take(result, target.host or "", exchange_id)
        elif result.outcome is Outcome.DELETED and previous is not None:
            self._log(exchange_id, position, previous.key, previous, None, "deleted")
        for evicted in result.evicted:
            self._log(exchange_id, position, evicted.key, evicted, None, "evicted")
        return result

    # --- second thoughts

    def explained(self, response: Response) -> tuple[Sequence[str], Collection[str]]:
        """Return the requests that this response explains, and the names of what it sets.

        They differed from the jar in such a cookie while the response had not
        sent its headers.
        """
        if self._crossings.nothing_differs:
            return (), ()
        lines = response_headers(response.headers).set_cookies
        names = {parse_set_cookie(line).name for line in lines}
        return self._crossings.explained(response.exchange_id, names), names

    def excuse(self, exchange: Exchange, names: Collection[str], position: int) -> RequestPart:
        """Withdraw the verdicts of an ``explained`` request on the cookies of these names.

        There is no verdict, and the jar goes back to what it held (DESIGN 4).
        Call before the response is stored. Returns the request's new part.
        """
        part = exchange.request
        cookies = []
        for told in part.cookies:
            if told.status is CookieStatus.UNEXPLAINED and told.name in names:
                self._undo(told, part.exchange_id, position)
                told = RequestCookie(
                    told.name, told.value, told.domain, told.path, CookieStatus.OVERLAPPING
                )
            cookies.append(told)
        missing = []
        for absent in part.missing:
            if absent.status is CookieStatus.MISSING and absent.cookie.name in names:
                self._restore(absent, part.exchange_id, position)
                absent = MissingCookie(absent.cookie, CookieStatus.OVERLAPPING, ())
            missing.append(absent)
        return msgspec.structs.replace(part, cookies=tuple(cookies), missing=tuple(missing))

    def _undo(self, told: RequestCookie, exchange_id: str, position: int) -> None:
        """Take an inferred cookie out again, where nothing has touched it since."""
        if told.cookie is None or self._jar.get(told.cookie.key) != told.cookie:
            return
        self._remove(told.cookie, exchange_id, position, "observed")
        if told.replaces is not None:
            self._put(told.replaces, exchange_id, position)

    def _restore(self, absent: MissingCookie, exchange_id: str, position: int) -> None:
        """Free a cookie that was only late of doubt, and put it back where it was given up."""
        cookie = absent.cookie
        held = self._jar.get(cookie.key)
        if absent.dropped if held is None else held.doubtful:
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
        """Take out a cookie that the jar holds."""
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
