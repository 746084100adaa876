"""One client in the fold: its jar, its pages, what its requests and responses do to them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
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
    default_public_suffixes,
    parse_cookie_date,
    parse_set_cookie,
    speaking,
)
from cookietrace.events import Request, Response
from cookietrace.fold.clear_site_data import cleared, clears_cookies, refused
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
from cookietrace.fold.framed import likelier
from cookietrace.fold.headers import answer_headers
from cookietrace.fold.housekeeping import is_housekeeping
from cookietrace.fold.jar_history import JarHistory
from cookietrace.fold.reconcile import Agreements, Comparison, reconcile
from cookietrace.fold.unconfirmed import Unconfirmed, answered_context

OVERLAP_SECONDS = 1.0
"""How long before a request a response may still have been on its way to the jar."""

REMEMBERED_VALUES = 4
"""Earlier values kept a cookie, to notice two jars that take turns."""

CHANGING = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.DELETED})
"""Outcomes after which a cookie is not what it was."""

Cause = Literal["stored", "deleted", "expired", "evicted", "observed", "given-up"]


class _Answered(msgspec.Struct, frozen=True, gc=False):
    """A recent response that changed cookies: which, and when."""

    exchange_id: str
    at: float
    names: frozenset[str]


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
        self._recent: deque[_Answered] = deque()
        self._in_flight: dict[str, list[str]] = {}
        self._earlier: dict[CookieKey, deque[str]] = {}
        self._doubted: set[CookieKey] = set()
        """At least the keys of the jar's doubtful cookies."""
        self._surely_absent: set[CookieKey] = set()
        self._unconfirmed = Unconfirmed()
        self._agreements = Agreements()
        self._removed: list[RemovedCookie] = []

    @property
    def _sure(self) -> bool:
        """Whether a header that was predicted teaches nothing about the jar."""
        return not self._doubted and self._unconfirmed.nothing

    # --- requests

    def request(self, event: Request, target: Target, position: int, now: float) -> RequestPart:
        """Predict the request's cookies, compare, and correct the jar by what was seen."""
        told, observed = speaking(event.headers)
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
        context, selection = likelier(self._jar, facts, context, selection, observed, now)
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
                overlaps=self._under_way(facts, event.at).__contains__,
            )
        told_context = self._unconfirmed.doubts(context, selection.sent)
        if compared.agreed and self._sure:
            self._jar.touch(selection.sent, now)
        else:
            self._correct(compared, context, event.exchange_id, position, now)
        self._watch(event.exchange_id, compared)
        self._pages.request(facts, context)
        return RequestPart(  # by position: of so many names, each costs more than its value
            event.exchange_id,
            event.client_id,
            position,
            event.at,
            event.method,
            event.url,
            target,
            event.upstream,
            event.http_version,
            event.headers,
            self.profile.name,
            told_context,
            observed,
            selection.header,
            compared.cookies,
            compared.withheld,
            compared.missing,
            removed,
            is_housekeeping(target.host or "", target.path),
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
                self._doubted.discard(cookie.key)
                if cookie.key in self._surely_absent:
                    self._surely_absent.discard(cookie.key)
                    self.turns += 1
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
                self._doubted.discard(absent.cookie.key)
                self._remove(absent.cookie, exchange_id, position, "given-up")
            elif not absent.cookie.doubtful:
                self._doubted.add(absent.cookie.key)
                doubted = msgspec.structs.replace(absent.cookie, doubtful=True)
                self._put(doubted, exchange_id, position)
                if context.certain:
                    self._surely_absent.add(absent.cookie.key)

    def _infer(self, told: RequestCookie, cookie: Cookie, exchange_id: str, position: int) -> None:
        """Take a cookie into the jar that nothing on the wire had set."""
        earlier = self._earlier.setdefault(cookie.key, deque(maxlen=REMEMBERED_VALUES))
        if told.replaces is not None:
            if cookie.value in earlier:
                self.turns += 1
            earlier.append(told.replaces.value)
        self._put(cookie, exchange_id, position)

    def _watch(self, exchange_id: str, compared: Comparison) -> None:
        """Remember a request that differs from the jar while others are unanswered."""
        if not compared.agreed and (
            compared.missing
            or any(told.status is not CookieStatus.SENT for told in compared.cookies)
        ):
            for watchers in self._in_flight.values():
                watchers.append(exchange_id)
        self._in_flight[exchange_id] = []

    def _under_way(self, facts: RequestFacts, at: float) -> frozenset[str]:
        """Return the names of cookies that a response was changing as a request began."""
        recent = self._recent
        while recent and recent[0].at < at - OVERLAP_SECONDS:
            recent.popleft()
        if not recent:
            return frozenset()
        followed = self._pages.follows(facts)
        return frozenset(
            name
            for answered in recent
            if answered.exchange_id not in followed and answered.at <= at
            for name in answered.names
        )

    # --- responses

    def watchers(self, exchange_id: str) -> Sequence[str]:
        """Return the requests that differed from the jar while this one was unanswered."""
        return self._in_flight.get(exchange_id, ())

    def response(
        self,
        event: Response,
        request: RequestPart,
        position: int,
        now: float,
    ) -> ResponsePart:
        """Store the response's cookies."""
        self._in_flight.pop(event.exchange_id, None)
        told = answer_headers(event.headers)
        lines = told.set_cookies
        results: tuple[StoreResult, ...] = ()
        context = answered_context(request)
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
            self._changed(event, [one.name for one in results if one.outcome in CHANGING])
        self._pages.response(event.exchange_id, event.status_code, told.location, told.content_type)
        return ResponsePart(
            position=position,
            at=event.at,
            status_code=event.status_code,
            reason=event.reason,
            http_version=event.http_version,
            headers=event.headers,
            set_cookies=results,
        )

    def _clear(
        self, event: Response, target: Target, context: RequestContext, position: int
    ) -> None:
        """Take out what Clear-Site-Data removes."""
        gone = cleared(self._jar.cookies(), target, context, self._jar.public_suffixes)
        for cookie in gone:
            self._remove(cookie, event.exchange_id, position, "deleted")
        self._changed(event, [cookie.name for cookie in gone])

    def _changed(self, event: Response, names: Sequence[str]) -> None:
        """Remember for a while which cookies an answer changed."""
        if names:
            self._recent.append(_Answered(event.exchange_id, event.at, frozenset(names)))

    def failed(self, exchange_id: str) -> None:
        """Take note that no answer will come."""
        self._in_flight.pop(exchange_id, None)

    def forget_in_flight(self) -> None:
        """Take note that a recorder began anew: what it had open was never answered."""
        self._in_flight.clear()

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
            self._doubted.discard(cookie.key)
            self._unconfirmed.stored(cookie, context)
            if result.previous is not None and result.previous.value != cookie.value:
                earlier = self._earlier.setdefault(cookie.key, deque(maxlen=REMEMBERED_VALUES))
                earlier.append(result.previous.value)
        elif result.outcome is Outcome.DELETED and previous is not None:
            self._log(exchange_id, position, previous.key, previous, None, "deleted")
        for evicted in result.evicted:
            self._log(exchange_id, position, evicted.key, evicted, None, "evicted")
        return result

    # --- second thoughts

    def excuse(self, exchange: Exchange, response: Response, position: int) -> RequestPart | None:
        """Withdraw the verdicts of a request that overlapped this response after all.

        ``exchange`` differed from the jar while ``response`` had not sent its
        headers. Where the response sets the cookies in question there is no
        verdict, and the jar goes back to what it held (DESIGN 4). Call before
        the response is stored. Returns the request's new part, None where
        nothing changes.
        """
        names = {
            parse_set_cookie(line).name for line in answer_headers(response.headers).set_cookies
        }
        part = exchange.request
        excused = 0
        cookies = []
        for told in part.cookies:
            if told.status is CookieStatus.UNEXPLAINED and told.name in names:
                self._undo(told, part.exchange_id, position)
                excused += 1
                told = RequestCookie(
                    told.name, told.value, told.domain, told.path, CookieStatus.OVERLAPPING
                )
            cookies.append(told)
        missing = []
        for absent in part.missing:
            if absent.status is CookieStatus.MISSING and absent.cookie.name in names:
                excused += 1
                self._restore(absent.cookie, part.exchange_id, position)
                absent = MissingCookie(absent.cookie, CookieStatus.OVERLAPPING, ())
            missing.append(absent)
        if not excused:
            return None
        return msgspec.structs.replace(part, cookies=tuple(cookies), missing=tuple(missing))

    def _undo(self, told: RequestCookie, exchange_id: str, position: int) -> None:
        """Take an inferred cookie out again, where nothing has touched it since."""
        if told.cookie is None or self._jar.get(told.cookie.key) != told.cookie:
            return
        self._remove(told.cookie, exchange_id, position, "observed")
        if told.replaces is not None:
            self._put(told.replaces, exchange_id, position)

    def _restore(self, cookie: Cookie, exchange_id: str, position: int) -> None:
        """Put back, free of doubt, a cookie that was only late."""
        held = self._jar.get(cookie.key)
        if held is None or held.doubtful:
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
        self.history.add(JarChange(position, exchange_id, key, before, after, cause))
