"""One client in the fold: its jar, its pages, and how its requests and responses change them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from functools import partial
from typing import NamedTuple

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    CookieJar,
    CookieKey,
    Credentials,
    Outcome,
    PageHistory,
    Profile,
    RequestContext,
    RequestFacts,
    RestsOn,
    Selection,
    Standing,
    StoreResult,
    Target,
    ThirdParty,
    context_headers,
    default_public_suffixes,
    parse_cookie_date,
    parse_cookie_header,
    parse_set_cookie,
)
from cookietrace.cookies.request.context import out_of_reach
from cookietrace.cookies.rules.dropped import is_dropped
from cookietrace.cookies.rules.retrieval import Retrieval
from cookietrace.events import Request, Response
from cookietrace.fold.clear_site_data import cleared, may_clear, names_cookies, refused
from cookietrace.fold.connections import Connections
from cookietrace.fold.crossings import OVERLAP_SECONDS, Crossings
from cookietrace.fold.exchange import (
    Cause,
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
from cookietrace.fold.headers import ResponseHeaders, response_headers
from cookietrace.fold.housekeeping import is_housekeeping
from cookietrace.fold.informational import is_informational
from cookietrace.fold.jar_history import JarHistory
from cookietrace.fold.reconcile import (
    Agreements,
    Comparison,
    Overlaps,
    Refusals,
    differs_in,
    in_an_unknown_order,
    reconcile,
)
from cookietrace.fold.set_before import SetBefore
from cookietrace.fold.third_party import ThirdPartyCookies, contradicted, may_be_first_party
from cookietrace.fold.unconfirmed import (
    Correction,
    Doubt,
    Settled,
    Sighting,
    Unconfirmed,
    carried_traits,
    lacking,
    without_credentials,
)

REMEMBERED_VALUES = 4
"""Number of earlier values kept per cookie, to notice two jars that alternate."""

CHANGING = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.DELETED})
"""Outcomes that change what the jar holds under a name."""

_NONE: frozenset[CookieKey] = frozenset()
_UNTOLD, _SEEMS_BLOCKED = ThirdParty.UNTOLD, ThirdParty.SEEMS_BLOCKED
_INCLUDE, _OMIT, _UNKNOWN = Credentials.INCLUDE, Credentials.OMIT, Credentials.UNKNOWN


_STORED = (Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED)


class _Received(NamedTuple):
    """A response, as far as its Set-Cookie lines depend on it."""

    exchange_id: str
    target: Target
    context: RequestContext
    position: int
    requested_at: float
    at: float
    now: float
    server_time: float | None


class _Effect(NamedTuple):
    """What a line did to one key."""

    key: CookieKey
    before: Cookie | None
    after: Cookie | None


def _effects(result: StoreResult) -> list[_Effect]:
    """Return what a line did to the jar, or would have done if there was anything to delete."""
    previous, cookie = result.previous, result.cookie
    if result.outcome in _STORED:
        assert cookie is not None
        if previous is not None and previous.key != cookie.key:
            return [_Effect(previous.key, previous, None), _Effect(cookie.key, None, cookie)]
        return [_Effect(cookie.key, previous, cookie)]
    if result.outcome is Outcome.DELETED and previous is not None:
        return [_Effect(previous.key, previous, None)]
    return [] if result.aimed is None else [_Effect(result.aimed, None, None)]


def _makes_a_difference(effect: _Effect) -> bool:
    """Return whether a jar without this effect could ever send something else."""
    _, before, after = effect
    if before is None or after is None:
        return before is not after
    return after.unconfirmed or after.expires_at is not None


def _unconfirmed(result: StoreResult, doubt: Doubt) -> StoreResult:
    return msgspec.structs.replace(result, standing=Standing.UNCONFIRMED, rests_on=doubt.rests_on)


def _settled_by_credentials(doubts: Iterable[Doubt], *, taken: bool) -> list[Doubt]:
    """Return the doubts that the credentials of a connection's requests settle.

    If there were credentials, those that rest on third parties too stay open: they do not show
    whether the client accepts third-party cookies.
    """
    settled = []
    for doubt in doubts:
        if taken and doubt.rests_on is RestsOn.BOTH:
            doubt.had_credentials = True
        else:
            settled.append(doubt)
    return settled


class ClientFold:
    """The jar and the pages of one client; takes its events in order."""

    def __init__(self, client_id: str, profile: Profile) -> None:
        suffixes = default_public_suffixes()
        self.client_id = client_id
        self.profile = profile
        self.history = JarHistory()
        self.turns = 0
        """How often the jar seemed to have been swapped for another and back."""
        self.turns_on_other_connections = True
        """Whether that was always seen on another connection than the jar's."""
        self._jar = CookieJar(profile, suffixes)
        self._pages = PageHistory(profile, suffixes)
        self._crossings = Crossings()
        self._earlier: dict[CookieKey, deque[str]] = {}
        self._doubted: dict[CookieKey, bool] = {}
        """Each doubtful cookie -> whether a request of certain context lacked it.

        May hold more than the jar's doubtful cookies.
        """
        self._unconfirmed = Unconfirmed(self._jar.site)
        self._unplaced: set[CookieKey] = set()
        """Cookies whose age is not known: they may have replaced one that the client never had."""
        self._third_party = ThirdPartyCookies(profile)
        self._connections = Connections(profile.name)
        self._doubts_by_connection: dict[str, list[Doubt]] = {}
        """The doubts that would be settled if a connection showed its credentials."""
        self.settled: list[Settled] = []
        """What requests showed about earlier responses, in order, until it is taken."""
        self._agreements = Agreements()
        self._removed: list[RemovedCookie] = []
        self._refusals = Refusals()
        self._set_before = SetBefore(self.history, self._refusals)

    # --- requests

    def request(self, event: Request, target: Target, position: int, now: float) -> RequestPart:
        """Predict the request's cookies, compare, and correct the jar."""
        headers, observed = context_headers(event.headers)
        connection, shown = event.connection, _UNKNOWN
        if connection is not None:
            shown = self._connections.credentials(connection)
        facts = RequestFacts(
            exchange_id=event.exchange_id,
            at=event.at,
            method=event.method,
            target=target,
            url=event.url,
            headers=headers,
            credentials=shown,
        )
        context = self._third_party.apply_to(self._pages.context(facts))
        self._expire(event.exchange_id, position, now)
        removed, self._removed = tuple(self._removed), []
        selection = self._jar.select(target, context, now)
        context, selection = link_or_frame(self._jar, facts, context, selection, observed, now)
        expected = selection.header
        if context.third_party is _UNTOLD or context.third_party is _SEEMS_BLOCKED:
            context, selection = self._learn_third_party(
                facts, context, selection, observed, position, now
            )
        reported_context, sighting = context, None
        if connection is not None and not (observed and shown is _INCLUDE):
            self._learn_from(connection, context, observed, event.exchange_id, position, now)
        if self.settled or not self._unconfirmed.is_empty:
            sighting = self._sighting(facts, context, selection, observed, now)
            reported_context = self._learn(sighting, context, facts.exchange_id, position, now)
            if self._third_party.disproves(context):
                context = reported_context = contradicted(context, ThirdParty.SENT)
            selection = self._jar.select(target, context, now)
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
                overlaps=self._overlaps(facts),
                possible=() if sighting is None else self._unconfirmed.possible(sighting),
                may_lack=self._unconfirmed.may_lack,
            )
            compared = self._refusals.mark(compared, target.host or "")
            compared = self._set_before.mark(compared, target.host or "")
            if in_an_unknown_order(compared, selection.sent, self._unplaced):
                reported_context = msgspec.structs.replace(reported_context, certain=False)
        if compared.agreed and not self._doubted:
            self._jar.touch(selection.sent, now)
        else:
            own, turns = self._connections.is_own(connection), self.turns
            self._correct(compared, context, event.exchange_id, position, now, own)
            if connection is None and self.turns > turns:
                self.turns_on_other_connections = False
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
            housekeeping=is_housekeeping(target.host or "", target.path),
        )

    def _correct(
        self,
        compared: Comparison,
        context: RequestContext,
        exchange_id: str,
        position: int,
        now: float,
        own: bool,
    ) -> None:
        """Make the jar agree with the header: what was observed wins.

        ``own`` is whether the request's connection has carried this jar's cookies, so that no
        other jar can be the reason for a difference.
        """
        used: list[Cookie] = []
        for request_cookie in compared.cookies:
            cookie = request_cookie.cookie
            if cookie is None:
                continue
            if request_cookie.status is CookieStatus.UNEXPLAINED:
                self._infer(cookie, request_cookie.replaces, exchange_id, position, own)
                continue
            if cookie.doubtful:
                self.turns += self._doubted.pop(cookie.key, False)
                cookie = self._put(
                    msgspec.structs.replace(cookie, doubtful=False), exchange_id, position
                )
            used.append(cookie)
        self._jar.touch(used, now)
        for absent in compared.missing:
            if absent.status is not CookieStatus.MISSING:
                continue
            if absent.dropped:
                self._unconfirmed.close(absent.cookie.key)
                self._remove(absent.cookie, exchange_id, position, "given-up")
            elif not absent.cookie.doubtful:
                self._doubted[absent.cookie.key] = context.certain and not own
                doubted = msgspec.structs.replace(absent.cookie, doubtful=True)
                self._put(doubted, exchange_id, position)

    def _infer(
        self,
        cookie: Cookie,
        replaces: Cookie | None,
        exchange_id: str,
        position: int,
        own: bool,
    ) -> None:
        """Add a cookie to the jar that no recorded response set."""
        earlier = self._earlier.setdefault(cookie.key, deque(maxlen=REMEMBERED_VALUES))
        if replaces is not None and not own:
            self.turns += cookie.value in earlier
            earlier.append(replaces.value)
            self._connections.changed_hands()
        self._unconfirmed.close(cookie.key)
        self._unconfirmed.close_holders(cookie.name, cookie.value, cookie.domain)
        self._put(cookie, exchange_id, position)

    # --- what a request shows about earlier responses

    def _learn_from(
        self,
        connection: str,
        context: RequestContext,
        observed: str,
        exchange_id: str,
        position: int,
        now: float,
    ) -> None:
        """Settle what the credentials of a connection settle."""
        if observed or (context.top_level and context.certain):
            credentials = _INCLUDE
        elif context.credentials is _OMIT:
            credentials = _OMIT
        else:
            return
        if self._connections.carried(connection, credentials):
            doubts = self._doubts_by_connection.pop(connection, ())
            taken = credentials is _INCLUDE
            self._settle(
                _settled_by_credentials(doubts, taken=taken),
                exchange_id,
                position,
                now,
                taken=taken,
            )

    def _sighting(
        self,
        facts: RequestFacts,
        context: RequestContext,
        selection: Selection,
        observed: str,
        now: float,
    ) -> Sighting:
        """Return a request as evidence."""
        pairs = parse_cookie_header(observed) if observed else ()
        return Sighting(
            host=facts.target.host or "",
            pairs=pairs,
            selection=selection,
            rules=Retrieval(facts.target, context, self.profile, self._jar.public_suffixes),
            now=now,
            conclusive=context.certain and context.credentials is _INCLUDE,
            alike=carried_traits(pairs, selection, unsafe=context.unsafe),
            overlaps=self._overlaps(facts),
        )

    def _learn(
        self,
        sighting: Sighting,
        context: RequestContext,
        exchange_id: str,
        position: int,
        now: float,
    ) -> RequestContext:
        """Settle what a request's cookies settle.

        Returns its context, which is not certain if the prediction was not.
        """
        evidence = self._unconfirmed.evidence(sighting)
        self._settle(evidence.taken, exchange_id, position, now, taken=True)
        self._settle(evidence.not_taken, exchange_id, position, now, taken=False)
        for key in evidence.lost:
            if self._unconfirmed.holds(key):
                correction = self._unconfirmed.abandon(key)
                self._hold(correction, exchange_id, position, now)
        return msgspec.structs.replace(context, certain=False) if evidence.divided else context

    def _learn_third_party(
        self,
        facts: RequestFacts,
        context: RequestContext,
        selection: Selection,
        observed: str,
        position: int,
        now: float,
    ) -> tuple[RequestContext, Selection]:
        """Return a request's context and cookies, corrected by what it shows of third parties."""
        shown = self._third_party.shown_by(
            context,
            selection,
            parse_cookie_header(observed) if observed else (),
            self._overlaps(facts),
            self._rests_on_credentials,
        )
        if shown is None:
            return context, selection
        self._third_party.learn(shown)
        if shown is _SEEMS_BLOCKED:
            for cookie in selection.sent:
                doubts = self._doubts_about_third_parties(cookie)
                self._settle(doubts, facts.exchange_id, position, now, taken=False)
        context = contradicted(context, shown)
        return context, self._jar.select(facts.target, context, now)

    def _rests_on_credentials(self, cookie: Cookie) -> bool:
        """Return whether only a request's credentials tell if the client holds a cookie at all."""
        doubts = self._unconfirmed.doubts(cookie.key)
        unknown = any(not doubt.had_credentials for doubt in doubts)
        return unknown and self._unconfirmed.may_lack(cookie.key)

    def _doubts_about_third_parties(self, cookie: Cookie) -> list[Doubt]:
        """Return the doubts about a cookie that the client's policy settles."""
        doubts = self._unconfirmed.doubts(cookie.key)
        return [doubt for doubt in doubts if doubt.rests_on is not RestsOn.CREDENTIALS]

    def _settle(
        self,
        doubts: Iterable[Doubt],
        exchange_id: str,
        position: int,
        now: float,
        *,
        taken: bool,
    ) -> None:
        """Settle doubts, and correct the jar."""
        waiting = deque(doubts)
        while waiting:
            doubt = waiting.popleft()
            if doubt.settled:
                continue
            self.settled.append(Settled(doubt.exchange_id, taken, doubt.rests_on))
            if doubt.rests_on is not RestsOn.CREDENTIALS:
                if taken and not doubt.maybe_first_party:
                    self._third_party.learn(ThirdParty.SENT)
                elif not taken and doubt.had_credentials:
                    self._third_party.learn(_SEEMS_BLOCKED)
            for correction in self._unconfirmed.settle(doubt, taken=taken):
                self._hold(correction, exchange_id, position, now)
            connection = doubt.connection
            if connection is None or (doubt.rests_on is RestsOn.BOTH and not taken):
                continue
            credentials = _INCLUDE if taken else _OMIT
            if self._connections.carried(connection, credentials):
                others = self._doubts_by_connection.pop(connection, ())
                waiting.extend(_settled_by_credentials(others, taken=taken))

    def _hold(self, correction: Correction, exchange_id: str, position: int, now: float) -> None:
        """Make the jar hold what it is now known to hold under a key."""
        key, cookie = correction
        current = self._jar.get(key)
        if cookie is None or (cookie.expires_at is not None and cookie.expires_at <= now):
            if current is not None:
                self._remove(current, exchange_id, position, "settled")
            return
        if current is not None:
            cookie = msgspec.structs.replace(cookie, last_access_at=current.last_access_at)
        if cookie != current:
            self._jar.put(cookie)
            cookie = self._jar.get(key)
            self._log(exchange_id, position, key, current, cookie, "settled")

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
        context, doubt, lacks = request.context, None, _NONE
        refused_in: RequestContext | None = None
        if context.credentials is _UNKNOWN:
            context, doubt, lacks = self._doubt(request)
            refused_in = without_credentials(context) if lacks else None
        if context.credentials is not _OMIT and self._third_party.is_doubtful(request.context):
            if doubt is None:
                doubt = Doubt(event.exchange_id, rests_on=RestsOn.THIRD_PARTY)
                doubt.maybe_first_party = may_be_first_party(request.context)
                if context.third_party is None:
                    context = msgspec.structs.replace(context, third_party=_UNTOLD)
            else:
                doubt.rests_on, doubt.apart = RestsOn.BOTH, self._new_doubt(request)
            if out_of_reach(context, self.profile.third_party) is not None:
                refused_in = refused_in or context
                context = msgspec.structs.replace(context, third_party=ThirdParty.SENT)
        clears = names_cookies(headers.clear_site_data)
        if clears and self.profile.clear_site_data == "site":
            results = tuple([refused(line, self.profile) for line in lines])
        elif lines:
            self._expire(event.exchange_id, position, now)
            date = parse_cookie_date(headers.date or "")
            received = _Received(
                event.exchange_id,
                request.target,
                context,
                position,
                request.at,
                event.at,
                now,
                date,
            )
            if doubt is None or refused_in is None:
                results = tuple([self._store(line, received, doubt) for line in lines])
            else:
                results = tuple(
                    [self._refuse(line, received, doubt, refused_in, lacks) for line in lines]
                )
            changed = [
                result.cookie.key
                for result in results
                if result.outcome in CHANGING and result.cookie is not None
            ]
            if changed:
                self._crossings.changed(event.exchange_id, event.at, changed)
        if clears and may_clear(request.target, context, self.profile):
            self._clear(event, request.target, context, position, doubt)
        return results

    def _sets_nothing(self, event: Response, request: RequestPart) -> str | None:
        """Return the policy by which no header of a response changes the jar, if there is one."""
        if is_informational(event.status_code):
            return "informational"
        if is_dropped(event.headers, request.http_version, self.profile):
            return "response-dropped"
        return None

    def _doubt(
        self, request: RequestPart
    ) -> tuple[RequestContext, Doubt | None, frozenset[CookieKey]]:
        """Return what is known of a request's credentials now that its response is there.

        Its context, whether the client took the response's lines if that is not known, and
        the cookies that the request lacks if it most likely did not.
        """
        context = request.context
        shown = self._connections.credentials(request.event.connection)
        if shown is not _UNKNOWN:
            return msgspec.structs.replace(context, credentials=shown), None, _NONE
        return context, self._new_doubt(request), lacking(request)

    def _new_doubt(self, request: RequestPart) -> Doubt:
        """Return a doubt that rests on a request's credentials."""
        connection = request.event.connection
        doubt = Doubt(request.exchange_id, connection)
        if connection is not None:
            self._doubts_by_connection.setdefault(connection, []).append(doubt)
        return doubt

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
            self._remove(cookie, event.exchange_id, position, "deleted")
        if not self._unconfirmed.is_empty:
            states = tuple(self._unconfirmed.states_beside(target.host or ""))
            for cookie in cleared(states, target, context, profile, suffixes):
                self._affect(doubt, cookie.key, None, None)
        for cookie in gone:
            self._affect(doubt, cookie.key, cookie, None)
        self._crossings.changed(event.exchange_id, event.at, [cookie.key for cookie in gone])

    def failed(self, exchange_id: str) -> None:
        """Record that no response will come."""
        self._crossings.closed(exchange_id)

    def forget_open(self) -> None:
        """Record that the recorder restarted: its open requests get no response."""
        self._crossings.forget_open()

    def _store(self, line: str, received: _Received, doubt: Doubt | None) -> StoreResult:
        """Store one line. ``doubt`` is whether the client took it, None if that is certain."""
        exchange_id, target, context, position, _, _, now, server_time = received
        result = self._jar.store(line, target, context, now, server_time=server_time)
        previous, cookie = result.previous, result.cookie
        outcome = result.outcome
        if outcome in _STORED:
            assert cookie is not None
            if previous is not None and previous.key != cookie.key:
                self._log(exchange_id, position, previous.key, previous, None, "stored")
                previous = None
            self._log(exchange_id, position, cookie.key, previous, cookie, "stored")
            self._doubted.pop(cookie.key, None)
            if result.previous is not None and result.previous.value != cookie.value:
                earlier = self._earlier.setdefault(cookie.key, deque(maxlen=REMEMBERED_VALUES))
                earlier.append(result.previous.value)
        elif outcome is Outcome.REJECTED:
            self._refusals.add(result, target.host or "", exchange_id)
        elif outcome is Outcome.DELETED and previous is not None:
            self._log(exchange_id, position, previous.key, previous, None, "deleted")
        for evicted in result.evicted:
            self._log(exchange_id, position, evicted.key, evicted, None, "evicted")
        if doubt is not None or not self._unconfirmed.is_empty:
            return self._with_standing(result, received, doubt)
        return result

    def _with_standing(
        self, result: StoreResult, received: _Received, doubt: Doubt | None
    ) -> StoreResult:
        """Record what a line did to keys of which it may be unknown what the jar holds."""
        for evicted in result.evicted:
            self._unconfirmed.close(evicted.key)
        effects = _effects(result)
        unknown = [effect.key for effect in effects if self._unconfirmed.holds(effect.key)]
        self._crossings.changed(received.exchange_id, received.at, unknown)
        if doubt is not None:
            doubt = self._doubt_about(result.raw, doubt)
        if doubt is None:
            for key, before, after in effects:
                self._unconfirmed.close(key)
                if before is not None and before.unconfirmed and after is not None:
                    self._unplaced.add(key)
            return result
        effects = [
            effect
            for effect in effects
            if _makes_a_difference(effect) or self._unconfirmed.holds(effect.key)
        ]
        for key, before, after in effects:
            self._unconfirmed.add(doubt, key, before, after, assumed=True)
        return _unconfirmed(result, doubt) if effects else result

    def _affect(
        self, doubt: Doubt | None, key: CookieKey, before: Cookie | None, after: Cookie | None
    ) -> None:
        """Record what a response did to one key."""
        if doubt is None:
            self._unconfirmed.close(key)
        else:
            self._unconfirmed.add(doubt, key, before, after, assumed=True)

    def _refuse(
        self,
        line: str,
        received: _Received,
        doubt: Doubt,
        refused_in: RequestContext,
        lacks: frozenset[CookieKey],
    ) -> StoreResult:
        """Return the verdict on a line that the client most likely did not take.

        ``refused_in`` is the context in which it does not. If it did take it, it no longer held
        the cookies that the request ``lacks``, except those that had not arrived by then.
        """
        about = self._doubt_about(line, doubt)
        if about is None or (about is not doubt and not lacks):
            return self._store(line, received, about)
        exchange_id, target, context, _, requested_at, _, now, server_time = received
        result = self._jar.store(line, target, refused_in, now, server_time=server_time)
        self._refusals.add(result, target.host or "", exchange_id)
        if any(reason.code is not Code.CLIENT_POLICY for reason in result.reasons):
            return result
        jar = CookieJar(self.profile, self._jar.public_suffixes)
        otherwise = jar.store(line, target, context, now, server_time=server_time)
        effects = _effects(otherwise)
        if not effects:
            return result
        ((key, _, after),) = effects
        before = self._jar.get(key)
        nothing_to_delete = before is None or (
            key in lacks and before.set_at < requested_at - OVERLAP_SECONDS
        )
        if after is None and nothing_to_delete and not self._unconfirmed.holds(key):
            return result
        if after is not None:
            sequence = before.sequence if before else self._jar.reserve()
            after = msgspec.structs.replace(after, sequence=sequence, unconfirmed=True)
        self._unconfirmed.add(about, key, before, after, assumed=False)
        self._crossings.changed(exchange_id, received.at, (key,))
        return _unconfirmed(result, about)

    def _doubt_about(self, line: str, doubt: Doubt) -> Doubt | None:
        """Return what is unknown of one line; policies on third parties spare Partitioned."""
        spared = (
            doubt.rests_on is not RestsOn.CREDENTIALS
            and self.profile.partitioned
            and parse_set_cookie(line).attributes.partitioned
        )
        return doubt.apart if spared else doubt

    def take_settled(self) -> list[Settled]:
        """Return what the requests since the last call showed about earlier responses."""
        settled, self.settled = self.settled, []
        return settled

    # --- corrections by a later response

    def explained(
        self, response: Response, request: RequestPart, now: float
    ) -> dict[str, set[str]]:
        """Return the requests that this response explains, each with the names of the cookies.

        The requests differed from the jar in a cookie that the response sets or deletes, and
        were made before the response arrived.
        """
        if self._crossings.nothing_differs:
            return {}
        keys = []
        jar = CookieJar(self.profile, self._jar.public_suffixes)
        for line in response_headers(response.headers).set_cookies:
            result = jar.store(line, request.target, request.context, now)
            keys += [key for key, _, _ in _effects(result)]
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
        if after is None:
            self._unplaced.discard(key)
            if cause != "observed":
                self._doubted.pop(key, None)
        self.history.add(JarChange(position, exchange_id, key, before, after, cause))
