"""One client in the fold: its jar, its pages, and how its requests and responses change them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    Credentials,
    Outcome,
    PageHistory,
    Profile,
    RequestContext,
    RequestFacts,
    StoreResult,
    Target,
    ThirdParty,
    context_headers,
    parse_cookie_date,
)
from cookietrace.cookies.rules.dropped import is_dropped
from cookietrace.events import Headers, Request, Response
from cookietrace.fold.clear_site_data import cleared, may_clear, names_cookies, refused
from cookietrace.fold.connections import Connections
from cookietrace.fold.crossings import Crossings
from cookietrace.fold.doubts import Doubts, Received, Reception
from cookietrace.fold.effects import CHANGING, STORED
from cookietrace.fold.exchange import (
    CookieStatus,
    Exchange,
    MissingCookie,
    RemovedCookie,
    RequestCookie,
    RequestPart,
    ResponsePart,
)
from cookietrace.fold.frames import link_or_frame
from cookietrace.fold.headers import ResponseHeaders, response_headers
from cookietrace.fold.housekeeping import is_housekeeping
from cookietrace.fold.inferred import Inferred
from cookietrace.fold.informational import is_informational
from cookietrace.fold.jar_history import JarHistory
from cookietrace.fold.logged_jar import LoggedJar
from cookietrace.fold.reconcile import (
    Agreements,
    Comparison,
    Overlaps,
    Refusals,
    differs_in,
    in_an_unknown_order,
    reconcile,
)
from cookietrace.fold.saved_client import Differed, SavedClient, differed, in_order
from cookietrace.fold.set_before import SetBefore
from cookietrace.fold.swaps import Swaps
from cookietrace.fold.third_party import contradicted
from cookietrace.fold.unconfirmed import Doubt, Settled

IN_A_ROW = CHANGING | {Outcome.REJECTED}
"""The outcomes of which a row tells."""

# As plain names, because looking up an enum member is slow in Python 3.11.
_REJECTED, _DELETED, _REFRESHED = Outcome.REJECTED, Outcome.DELETED, Outcome.REFRESHED
_EXPIRED = Code.EXPIRED
_UNTOLD, _SEEMS_BLOCKED = ThirdParty.UNTOLD, ThirdParty.SEEMS_BLOCKED
_INCLUDE, _OMIT, _UNKNOWN = Credentials.INCLUDE, Credentials.OMIT, Credentials.UNKNOWN


Imagine = Callable[[Request, str, str], Request]
"""Returns a request with the Cookie header of a client whose jar predicts another than the one that
was seen: called with the request, the header that was seen, and the one that is predicted."""


class ClientFold:
    """The jar and the pages of one client; takes its events in order."""

    def __init__(self, client_id: str, profile: Profile, history: JarHistory) -> None:
        """``history`` is empty, or that of the fold whose place this one takes."""
        self.client_id = client_id
        self.profile = profile
        self.swaps = Swaps()
        self._logged = LoggedJar(profile, history)
        self.history = self._logged.history
        self._jar = self._logged.cookies
        self._pages = PageHistory(profile, self._jar.public_suffixes)
        self._crossings = Crossings()
        self._connections = Connections(profile.name)
        self._refusals = Refusals()
        self._doubts = Doubts(
            profile, self._logged, self._crossings, self._connections, self._refusals
        )
        self._unconfirmed = self._doubts.unconfirmed
        self._third_party = self._doubts.third_party
        self._agreements = Agreements()
        self._inferred = Inferred(self._jar)
        self._removed: list[RemovedCookie] = []
        self._headers: Headers = ()
        """Those of the latest request; a page's requests are often alike."""
        self._read = context_headers(())
        """What was read from them."""
        self._set_before = SetBefore(self.history, self._refusals)
        self.imagine: Imagine | None = None
        """What the client sends instead of what was recorded; None for that."""
        self._cut_off: dict[str, Differed] = {}
        """What requests before a cut differed in, of those that wait for an explanation."""

    # --- cuts

    @property
    def open(self) -> Collection[str]:
        """The exchanges whose response may still come, the oldest first."""
        return self._crossings.open

    @property
    def differing(self) -> Collection[str]:
        """The exchanges whose verdicts a response may still withdraw."""
        return self._crossings.differing

    def context(self, exchange_id: str) -> RequestContext | None:
        """Return the context of a request without response, as its response will be taken."""
        return self._pages.open_context(exchange_id)

    @property
    def doubted(self) -> Collection[str]:
        """The exchanges whose Set-Cookie lines a later request may settle."""
        return self._doubts.exchanges

    @property
    def recognised(self) -> tuple[object, object]:
        """What unexplained cookies are recognised by: the values refused and set before.

        Of all that a later request is judged by, only this is not in ``saved``.
        """
        return self._refusals.latest, self._set_before.latest

    def saved(self, parts: Mapping[str, RequestPart], now: float) -> SavedClient:
        """Return everything that later verdicts depend on, for ``restore``.

        ``parts`` are the requests of the exchanges in ``differing`` that the trace holds.
        """
        cut_off = tuple(
            [
                self._cut_off[name] if name in self._cut_off else differed(parts[name])
                for name in self._crossings.differing
                if name in self._cut_off or name in parts
            ]
        )
        return SavedClient(
            jar=self._jar.saved(),
            removed=tuple(self._removed),
            doubted=tuple(self._logged.doubted.items()),
            unplaced=tuple(sorted(self._logged.unplaced, key=in_order)),
            pages=self._pages.saved(self._crossings.open, now),
            crossings=self._crossings.saved(),
            connections=self._connections.saved(),
            third_party=self._third_party.saved(),
            swaps=self.swaps.saved(),
            doubts=self._doubts.saved(),
            cut_off=cut_off,
            inferred=self._inferred.saved(),
        )

    def restore(self, saved: SavedClient, position: int) -> None:
        """Become the client that was saved. Nothing may have been seen so far.

        Raises ``IndexError`` if the parts of it do not fit together.
        """
        self._logged.restore(saved.jar, saved.doubted, saved.unplaced, position)
        self._removed = list(saved.removed)
        self._pages.restore(saved.pages)
        self._crossings.restore(saved.crossings)
        self._connections.restore(saved.connections)
        self._third_party.restore(saved.third_party)
        self.swaps.restore(saved.swaps)
        self._doubts.restore(saved.doubts)
        self._cut_off = {each.exchange_id: each for each in saved.cut_off}
        self._inferred.restore(saved.inferred)

    # --- requests

    def request(self, event: Request, target: Target, position: int, now: float) -> RequestPart:
        """Predict the request's cookies, compare, and correct the jar."""
        if event.headers != self._headers:
            self._headers, self._read = event.headers, context_headers(event.headers)
        headers, observed = self._read
        connection, shown = event.connection, _UNKNOWN
        if connection is not None:
            shown = self._connections.credentials(connection)
        facts = RequestFacts(
            exchange_id=event.exchange_id,
            at=event.at,
            method=event.method,
            target=target,
            headers=headers,
            credentials=shown,
        )
        context = self._third_party.apply_to(self._pages.context(facts))
        if expired := self._jar.expire(now):
            self._gone(expired, event.exchange_id, position)
        removed: tuple[RemovedCookie, ...] = ()
        if self._removed:
            removed, self._removed = tuple(self._removed), []
        selection = self._jar.select(target, context, now)
        if observed != selection.header:
            context, selection = link_or_frame(self._jar, facts, context, selection, observed, now)
        expected = selection.header
        if self.imagine is not None:
            imagined = self.imagine(event, observed, expected)
            if imagined is not event:
                event = imagined
                _, observed = context_headers(event.headers)
        if context.third_party is _UNTOLD or context.third_party is _SEEMS_BLOCKED:
            context, selection = self._doubts.learn_third_party(
                facts, context, selection, observed, position, now, self._overlaps(facts)
            )
        reported_context, sighting = context, None
        if connection is not None and not (observed and shown is _INCLUDE):
            self._doubts.learn_from_connection(
                connection, context, observed, event.exchange_id, position, now
            )
        if self._doubts.settled or not self._unconfirmed.is_empty:
            overlaps = self._overlaps(facts)
            sighting = self._doubts.sighting(facts, context, selection, observed, now, overlaps)
            reported_context = self._doubts.learn(sighting, context, event.exchange_id, position)
            if self._third_party.disproves(context):
                context = reported_context = contradicted(context, ThirdParty.SENT)
            selection = self._jar.select(target, context, now)
        for withheld in selection.withheld:
            if withheld.reasons[0].code is _EXPIRED:
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
                overlaps=self._overlaps(facts),
                possible=() if sighting is None else self._unconfirmed.possible(sighting),
                is_open=self._unconfirmed.holds,
            )
            if not compared.plain:
                compared = self._refusals.mark(compared, target.host or "")
                compared = self._set_before.mark(compared, target.host or "")
            if in_an_unknown_order(compared, selection.sent, self._logged.unplaced):
                reported_context = msgspec.structs.replace(reported_context, certain=False)
        if compared.agreed and not self._logged.doubted:
            self._jar.touch_selected(selection, now)
        else:
            self._correct(compared, context, event, target, position, now)
        self.swaps.carried(compared.cookies, connection)
        if connection is not None and observed and compared.agreed:
            self._connections.carried_own(connection)
        if compared.agreed:
            self._crossings.opened(event.exchange_id)
        else:
            self._crossings.opened(
                event.exchange_id, differs_in(compared), target.host or "", target.path
            )
        self._pages.request(facts, context)
        return RequestPart(
            event=event,
            position=position,
            target=target,
            profile=self.profile.name,
            version=self.profile.version,
            context=reported_context,
            observed=observed,
            expected=expected,
            cookies=compared.cookies,
            withheld=compared.withheld,
            missing=compared.missing,
            removed=removed,
            withheld_elsewhere=selection.elsewhere,
            housekeeping=is_housekeeping(event, target),
        )

    def _correct(
        self,
        compared: Comparison,
        context: RequestContext,
        event: Request,
        target: Target,
        position: int,
        now: float,
    ) -> None:
        """Make the jar agree with the header: what was observed wins.

        If the request's connection has carried this jar's cookies, no other jar can be the reason
        for a difference.
        """
        exchange_id, connection = event.exchange_id, event.connection
        own = self._connections.is_own(connection)
        used: list[Cookie] = []
        for request_cookie in compared.cookies:
            cookie = request_cookie.cookie
            if cookie is None:
                continue
            if request_cookie.status is CookieStatus.UNEXPLAINED:
                replaces = request_cookie.replaces
                if replaces is not None and self.swaps.changed(
                    cookie, replaces, connection, own=own
                ):
                    self._connections.changed_hands()
                self._infer(cookie, exchange_id, position)
                continue
            if cookie.doubtful:
                if self._logged.doubted.pop(cookie.key, False):
                    self.swaps.turn(connection)
                cookie = self._logged.put(
                    msgspec.structs.replace(cookie, doubtful=False), exchange_id, position
                )
            used.append(cookie)
            if cookie.inferred:
                self._inferred.carried(cookie.key)
        self._jar.touch(used, now)
        for key in self._inferred.gone(target.host or "", len(compared.cookies)):
            held = self._jar.get(key)
            if held is not None and held.inferred:
                self._logged.remove(held, exchange_id, position, "evicted")
        for absent in compared.missing:
            if absent.status is not CookieStatus.MISSING:
                continue
            if absent.dropped:
                self._unconfirmed.close(absent.cookie.key)
                if not own:
                    self.swaps.given_up(absent.cookie)
                self._logged.remove(absent.cookie, exchange_id, position, "given-up")
            elif not absent.cookie.doubtful:
                self._logged.doubted[absent.cookie.key] = context.certain and not own
                doubted = msgspec.structs.replace(absent.cookie, doubtful=True)
                self._logged.put(doubted, exchange_id, position)

    def _infer(self, cookie: Cookie, exchange_id: str, position: int) -> None:
        """Add a cookie to the jar that no recorded response set."""
        self._unconfirmed.close(cookie.key)
        self._unconfirmed.close_holders(cookie.name, cookie.value, cookie.domain)
        self._inferred.carried(cookie.key)
        self._logged.put(cookie, exchange_id, position)

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
        results: tuple[StoreResult, ...] = ()
        policy = None
        if headers.set_cookies or headers.clear_site_data:
            policy = self._sets_nothing(event, request)
            if policy is None:
                results = self._take(event, request, headers, position, now)
            else:
                results = tuple(
                    [refused(line, self.profile, policy) for line in headers.set_cookies]
                )
        if policy != "response-dropped":
            self._pages.response(
                event.exchange_id, event.status_code, headers.location, headers.content_type
            )
        return ResponsePart(event=event, position=position, set_cookies=results)

    def _take(
        self,
        event: Response,
        request: RequestPart,
        headers: ResponseHeaders,
        position: int,
        now: float,
    ) -> tuple[StoreResult, ...]:
        """Apply the lines of a response and its Clear-Site-Data to the jar."""
        lines = headers.set_cookies
        results: tuple[StoreResult, ...] = ()
        reception = self._doubts.reception(request)
        context = reception.context
        clears = bool(headers.clear_site_data) and names_cookies(headers.clear_site_data)
        if clears and self.profile.clear_site_data == "site":
            results = tuple([refused(line, self.profile) for line in lines])
        elif lines:
            if expired := self._jar.expire(now):
                self._gone(expired, event.exchange_id, position)
            date = None if headers.date is None else parse_cookie_date(headers.date)
            received = Received(
                event.exchange_id,
                request.target,
                context,
                position,
                request.at,
                event.at,
                now,
                date,
            )
            results = tuple([self._receive(line, received, reception) for line in lines])
        if clears and may_clear(request.target, context, self.profile):
            self._clear(event, request.target, context, position, reception.doubt)
        return results

    def _sets_nothing(self, event: Response, request: RequestPart) -> str | None:
        """Return the policy by which no header of a response changes the jar, if there is one."""
        if is_informational(event.status_code):
            return "informational"
        if is_dropped(event.headers, request.event.http_version, self.profile):
            return "response-dropped"
        return None

    def _clear(
        self,
        event: Response,
        target: Target,
        context: RequestContext,
        position: int,
        doubt: Doubt | None,
    ) -> None:
        """Remove the cookies that Clear-Site-Data deletes."""
        suffixes, profile = self._jar.public_suffixes, self.profile
        gone = cleared(self._jar.cookies_beside(target.host), target, context, profile, suffixes)
        for cookie in gone:
            self._logged.remove(cookie, event.exchange_id, position, "deleted")
        if not self._unconfirmed.is_empty:
            states = tuple(self._unconfirmed.states_beside(target.host or ""))
            for cookie in cleared(states, target, context, profile, suffixes):
                self._doubts.remove(doubt, cookie, False, event.exchange_id, position)
        for cookie in gone:
            self._doubts.remove(doubt, cookie, True, event.exchange_id, position)
        self._crossings.changed(event.exchange_id, event.at, [cookie.key for cookie in gone])

    def failed(self, exchange_id: str) -> None:
        """Record that no response will come."""
        self._crossings.closed(exchange_id)

    def forget_open(self) -> None:
        """Record that the recorder restarted: its open requests get no response."""
        self._crossings.forget_open()

    def _receive(self, line: str, received: Received, reception: Reception) -> StoreResult:
        """Store one line, or judge one that the client most likely did not take."""
        if reception.doubt is None:
            return self._store(line, received, None)
        about = reception.about(line, self.profile)
        if about is not None and reception.most_likely_refuses(about):
            return self._doubts.refuse(line, received, reception, about)
        return self._store(line, received, about)

    def _store(self, line: str, received: Received, doubt: Doubt | None) -> StoreResult:
        """Store one line. ``doubt`` is whether the client took it, None if that is certain."""
        exchange_id, position, target = received.exchange_id, received.position, received.target
        result = self._jar.store(
            line, target, received.context, received.now, server_time=received.server_time
        )
        previous, cookie = result.previous, result.cookie
        outcome = result.outcome
        if outcome in STORED:
            assert cookie is not None
            key = cookie.key
            # Only an inferred cookie can have had another key.
            if previous is not None and previous.inferred and (was := previous.key) != key:
                self._logged.log(exchange_id, position, was, previous, None, "stored")
                previous = None
            self._logged.log(exchange_id, position, key, previous, cookie, "stored")
            if self._logged.doubted:
                self._logged.doubted.pop(key, None)
            self.swaps.stored(key, cookie, result.previous)
            if outcome is not _REFRESHED:
                self._crossings.changed(exchange_id, received.at, (key,))
        elif outcome is _REJECTED:
            self._refusals.add(result, target.host or "", exchange_id)
        elif outcome is _DELETED and previous is not None:
            key = previous.key
            self._logged.log(exchange_id, position, key, previous, None, "deleted")
            self._crossings.changed(exchange_id, received.at, (key,))
        for evicted in result.evicted:
            self._logged.log(exchange_id, position, evicted.key, evicted, None, "evicted")
        if doubt is not None or not self._unconfirmed.is_empty:
            return self._doubts.with_standing(result, received, doubt)
        return result

    @property
    def settled(self) -> bool:
        """Whether requests have shown something since the last ``take_settled``."""
        return bool(self._doubts.settled)

    def take_settled(self) -> list[Settled]:
        """Return what the requests since the last call showed about earlier responses."""
        return self._doubts.take_settled()

    # --- corrections by a later response

    @property
    def awaits_explanation(self) -> bool:
        """Whether a response can explain an earlier request."""
        return bool(self._crossings.waiting)

    def explained(
        self, response: Response, request: RequestPart, now: float
    ) -> dict[str, set[str]]:
        """Return the requests that this response explains, each with the names of the cookies.

        The requests differed from the jar in a cookie that the response sets or deletes, and
        were made before the response arrived.
        """
        lines = response_headers(response.headers).set_cookies
        done = [self._doubts.alone(line, request.target, request.context, now) for line in lines]
        keys = [effect.key for effect in done if effect is not None]
        return self._crossings.explained(response.exchange_id, keys)

    def _overlaps(self, facts: RequestFacts) -> Overlaps:
        """Return what tells whether a response crossed a request."""
        return partial(
            self._crossings.under_way,
            at=facts.at,
            followed=self._pages.follows(facts),
            host=facts.target.host or "",
            path=facts.target.path,
        )

    def withdraw(self, exchange: Exchange, names: Collection[str], position: int) -> RequestPart:
        """Withdraw the verdicts of an ``explained`` request on the cookies of these names.

        These cookies become overlapping, and the jar's earlier content is restored.
        Call this before the response is stored. Returns the request's new part.
        """
        part = exchange.request
        cookies = []
        for cookie in part.cookies:
            if cookie.status is CookieStatus.UNEXPLAINED and cookie.name in names:
                self._undo(cookie.cookie, cookie.replaces, part.exchange_id, position)
                cookie = RequestCookie(
                    cookie.name, cookie.value, cookie.domain, cookie.path, CookieStatus.OVERLAPPING
                )
            cookies.append(cookie)
        missing = []
        for absent in part.missing:
            if absent.status is CookieStatus.MISSING and absent.cookie.name in names:
                self._restore(absent.cookie, absent.dropped, part.exchange_id, position)
                absent = MissingCookie(absent.cookie, CookieStatus.OVERLAPPING, ())
            missing.append(absent)
        return msgspec.structs.replace(part, cookies=tuple(cookies), missing=tuple(missing))

    def withdraw_cut_off(
        self, exchange_id: str, names: Collection[str], by: str, position: int
    ) -> None:
        """Do to the jar what ``withdraw`` does, for a request before a cut.

        ``by`` is the exchange whose response explains it.
        """
        differed = self._cut_off.get(exchange_id)
        if differed is None:
            return
        for cookie, replaces in differed.unexplained:
            if cookie.name in names:
                self._undo(cookie, replaces, by, position)
        for cookie, dropped in differed.missing:
            if cookie.name in names:
                self._restore(cookie, dropped, by, position)

    def _undo(
        self, cookie: Cookie | None, replaces: Cookie | None, exchange_id: str, position: int
    ) -> None:
        """Remove an inferred cookie again, unless it has changed since."""
        if cookie is None or self._jar.get(cookie.key) != cookie:
            return
        self._logged.remove(cookie, exchange_id, position, "observed")
        if replaces is not None:
            self._logged.put(replaces, exchange_id, position)

    def _restore(self, cookie: Cookie, dropped: bool, exchange_id: str, position: int) -> None:
        """Clear the doubt about a cookie, and put it back if the jar gave it up."""
        current = self._jar.get(cookie.key)
        if dropped if current is None else current.doubtful:
            self._logged.doubted.pop(cookie.key, None)
            self._logged.put(msgspec.structs.replace(cookie, doubtful=False), exchange_id, position)

    # --- the jar and its log

    def _gone(self, expired: Iterable[Cookie], exchange_id: str, position: int) -> None:
        """Record which cookies have expired."""
        for cookie in expired:
            self._logged.log(exchange_id, position, cookie.key, cookie, None, "expired")
            self._removed.append(RemovedCookie(cookie, "expired"))
