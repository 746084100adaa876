"""What is not known about one client's responses, and what its requests show about them.

Whether a client took a response's Set-Cookie lines can rest on the credentials of the request
and on the client's policy for third-party cookies, of which the wire tells neither at times. A
response then leaves a doubt, and the jar holds what is most likely. Later requests settle it: by
the cookies that they carry or lack, or by the connection on which they are made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    CookieJar,
    CookieKey,
    Credentials,
    Profile,
    RequestContext,
    RequestFacts,
    RestsOn,
    Selection,
    Standing,
    StoreResult,
    Target,
    ThirdParty,
    parse_cookie_header,
    parse_set_cookie,
)
from cookietrace.cookies.request.context import out_of_reach
from cookietrace.cookies.rules.retrieval import Retrieval
from cookietrace.fold.connections import Connections
from cookietrace.fold.crossings import OVERLAP_SECONDS, Crossings
from cookietrace.fold.effects import Effect, effects, makes_a_difference
from cookietrace.fold.exchange import RequestPart
from cookietrace.fold.logged_jar import LoggedJar
from cookietrace.fold.reconcile import Overlaps, Refusals
from cookietrace.fold.third_party import ThirdPartyCookies, contradicted, may_be_first_party
from cookietrace.fold.unconfirmed import (
    Correction,
    Doubt,
    SavedDoubts,
    Settled,
    Sighting,
    Unconfirmed,
    carried_traits,
    lacking,
    without_credentials,
)

MOST_WAITING = 256
"""How many connections of a client have doubts that wait for them, and how many each: the latest.

A browser has no more than that open at a time.
"""

_NONE: frozenset[CookieKey] = frozenset()
_UNTOLD, _SEEMS_BLOCKED = ThirdParty.UNTOLD, ThirdParty.SEEMS_BLOCKED
_INCLUDE, _OMIT, _UNKNOWN = Credentials.INCLUDE, Credentials.OMIT, Credentials.UNKNOWN


class Received(msgspec.Struct, frozen=True, gc=False):
    """A response, as far as its Set-Cookie lines depend on it."""

    exchange_id: str
    target: Target
    context: RequestContext
    """The context in which the client takes its lines, if it takes them."""
    position: int
    requested_at: float
    at: float
    now: float
    server_time: float | None


class Reception(msgspec.Struct, frozen=True, gc=False):
    """Whether a client took the lines of a response, as far as that is known."""

    context: RequestContext
    """The context in which it takes them."""
    doubt: Doubt | None = None
    """None if it is certain."""
    refused_in: RequestContext | None = None
    """The context in which it does not, if that is more likely."""
    lacks: frozenset[CookieKey] = _NONE
    """The cookies that the request lacks if it was made without credentials, as is likely."""

    def about(self, line: str, profile: Profile) -> Doubt | None:
        """Return what is unknown of one line; policies on third parties spare Partitioned."""
        doubt = self.doubt
        spared = (
            doubt is not None
            and doubt.rests_on is not RestsOn.CREDENTIALS
            and profile.partitioned
            and parse_set_cookie(line).attributes.partitioned
        )
        return doubt.apart if spared and doubt is not None else doubt

    def most_likely_refuses(self, about: Doubt | None) -> bool:
        """Return whether the client most likely did not take a line, given what is unknown of it.

        A policy on third parties refuses none of those that it spares.
        """
        if about is None or self.refused_in is None:
            return False
        return about is self.doubt or bool(self.lacks)


class Doubts:
    """The doubts about one client's responses, from the response to what settles them."""

    def __init__(
        self,
        profile: Profile,
        jar: LoggedJar,
        crossings: Crossings,
        connections: Connections,
        refusals: Refusals,
    ) -> None:
        """Start without doubts. What is shown about earlier responses corrects the ``jar``."""
        self.third_party = ThirdPartyCookies(profile)
        self.unconfirmed = Unconfirmed(jar.cookies)
        self.settled: list[Settled] = []
        """What requests showed about earlier responses, in order, until it is taken."""
        self._profile = profile
        self._logged = jar
        self._jar = jar.cookies
        self._empty = CookieJar(profile, self._jar.public_suffixes)
        """To see what a line does by itself; what it stored is removed again."""
        self._crossings = crossings
        self._connections = connections
        self._refusals = refusals
        self._by_connection: dict[str, dict[Doubt, None]] = {}
        """The doubts that would be settled if a connection showed its credentials.

        The connection that left its first doubt longest ago comes first.
        """

    @property
    def exchanges(self) -> dict[str, None]:
        """The exchanges that the doubts are about."""
        return dict.fromkeys(doubt.exchange_id for doubt in self.saved().doubts)

    def saved(self) -> SavedDoubts:
        """Return the doubts, for ``restore``."""
        return self.unconfirmed.saved(self._by_connection)

    def restore(self, saved: SavedDoubts) -> None:
        """Have the doubts that were saved. Raises ``IndexError`` if they do not fit together."""
        waiting = self.unconfirmed.restore(saved)
        self._by_connection = {name: dict.fromkeys(doubts) for name, doubts in waiting.items()}

    def take_settled(self) -> list[Settled]:
        """Return what the requests since the last call showed about earlier responses."""
        settled, self.settled = self.settled, []
        return settled

    # --- what a response leaves unknown

    def reception(self, request: RequestPart) -> Reception:
        """Return whether a client takes the response to a request, now that it is there."""
        context, doubt, lacks = request.context, None, _NONE
        refused_in: RequestContext | None = None
        if context.credentials is _UNKNOWN:
            shown = self._connections.credentials(request.event.connection)
            if shown is not _UNKNOWN:
                context = msgspec.structs.replace(context, credentials=shown)
            else:
                doubt, lacks = self._about_credentials(request), lacking(request)
                refused_in = without_credentials(context) if lacks else None
        if context.credentials is not _OMIT and self.third_party.is_doubtful(request.context):
            if doubt is None:
                doubt = Doubt(request.exchange_id, rests_on=RestsOn.THIRD_PARTY)
                doubt.maybe_first_party = may_be_first_party(request.context)
                if context.third_party is None:
                    context = msgspec.structs.replace(context, third_party=_UNTOLD)
            else:
                doubt.rests_on, doubt.apart = RestsOn.BOTH, self._about_credentials(request)
            if out_of_reach(context, self._profile.third_party) is not None:
                refused_in = refused_in or context
                context = msgspec.structs.replace(context, third_party=ThirdParty.SENT)
        return Reception(context, doubt, refused_in, lacks)

    def _about_credentials(self, request: RequestPart) -> Doubt:
        """Return a doubt that rests on a request's credentials."""
        connection = request.event.connection
        doubt = Doubt(request.exchange_id, connection)
        if connection is not None and self._connections.separating:
            waiting = self._by_connection.setdefault(connection, {})
            waiting[doubt] = None
            if len(waiting) > MOST_WAITING:
                del waiting[next(iter(waiting))]
            if len(self._by_connection) > MOST_WAITING:
                del self._by_connection[next(iter(self._by_connection))]
        return doubt

    def _wait_no_longer(self, doubt: Doubt) -> None:
        """Forget that a doubt's connection may settle it."""
        connection = doubt.connection or ""
        waiting = self._by_connection.get(connection)
        if waiting is not None and waiting.pop(doubt, doubt) is None and not waiting:
            del self._by_connection[connection]

    def with_standing(
        self, result: StoreResult, received: Received, doubt: Doubt | None
    ) -> StoreResult:
        """Record what a line did to keys of which it may be unknown what the jar holds.

        ``doubt`` is what is unknown of the line. Returns the result with its standing.
        """
        for evicted in result.evicted:
            self.unconfirmed.close(evicted.key)
        done = effects(result)
        unknown = [effect.key for effect in done if self.unconfirmed.holds(effect.key)]
        self._crossings.changed(received.exchange_id, received.at, unknown)
        if doubt is None:
            for key, before, after in done:
                self.unconfirmed.close(key)
                if before is not None and before.unconfirmed and after is not None:
                    self._logged.unplaced.add(key)
            return result
        done = [
            effect
            for effect in done
            if makes_a_difference(effect) or self.unconfirmed.holds(effect.key)
        ]
        for key, before, after in done:
            given_up = self.unconfirmed.add(doubt, key, before, after, assumed=True)
            self._set_aside(given_up, received.exchange_id, received.position)
        return _unconfirmed(result, doubt) if done else result

    def remove(
        self, doubt: Doubt | None, cookie: Cookie, held: bool, exchange_id: str, position: int
    ) -> None:
        """Record that a response deleted a cookie that the jar ``held``, or may have held."""
        if doubt is None:
            self.unconfirmed.close(cookie.key)
            return
        before = cookie if held else None
        given_up = self.unconfirmed.add(doubt, cookie.key, before, None, assumed=True)
        self._set_aside(given_up, exchange_id, position)

    def _set_aside(self, key: CookieKey | None, exchange_id: str, position: int) -> None:
        """Give up a cookie of which it will never be known whether the client holds it."""
        cookie = self._jar.get(key) if key is not None else None
        if cookie is not None and cookie.unconfirmed:
            self.unconfirmed.set_aside(cookie)
            self._logged.remove(cookie, exchange_id, position, "evicted")

    def refuse(
        self, line: str, received: Received, reception: Reception, about: Doubt
    ) -> StoreResult:
        """Return the verdict on a line that the client most likely did not take.

        If it did take it, it no longer held the cookies that the request lacks, except those
        that had not arrived by then.
        """
        refused_in, lacks = reception.refused_in, reception.lacks
        assert refused_in is not None
        exchange_id, target, context = received.exchange_id, received.target, received.context
        position, requested_at = received.position, received.requested_at
        now, server_time = received.now, received.server_time
        result = self._jar.store(line, target, refused_in, now, server_time=server_time)
        self._refusals.add(result, target.host or "", exchange_id)
        if any(reason.code is not Code.CLIENT_POLICY for reason in result.reasons):
            return result
        otherwise = self.alone(line, target, context, now, server_time)
        if otherwise is None:
            return result
        key, _, after = otherwise
        before = self._jar.get(key)
        nothing_to_delete = before is None or (
            key in lacks and before.set_at < requested_at - OVERLAP_SECONDS
        )
        if after is None and nothing_to_delete and not self.unconfirmed.holds(key):
            return result
        if after is not None:
            sequence = before.sequence if before else self._jar.reserve()
            after = msgspec.structs.replace(after, sequence=sequence, unconfirmed=True)
        given_up = self.unconfirmed.add(about, key, before, after, assumed=False)
        self._set_aside(given_up, exchange_id, position)
        self._crossings.changed(exchange_id, received.at, (key,))
        return _unconfirmed(result, about)

    def alone(
        self,
        line: str,
        target: Target,
        context: RequestContext,
        now: float,
        server_time: float | None = None,
    ) -> Effect | None:
        """Return what a line would do to a jar without cookies; None if nothing."""
        result = self._empty.store(line, target, context, now, server_time=server_time)
        done = effects(result)
        if not done:
            return None
        if result.cookie is not None:
            self._empty.remove(result.cookie.key)
        return done[0]

    # --- what a request shows

    def sighting(
        self,
        facts: RequestFacts,
        context: RequestContext,
        selection: Selection,
        observed: str,
        now: float,
        overlaps: Overlaps,
    ) -> Sighting:
        """Return a request as evidence."""
        pairs = parse_cookie_header(observed) if observed else ()
        return Sighting(
            host=facts.target.host or "",
            pairs=pairs,
            selection=selection,
            rules=Retrieval(facts.target, context, self._profile, self._jar.public_suffixes),
            now=now,
            conclusive=context.certain and context.credentials is _INCLUDE,
            alike=carried_traits(pairs, selection, unsafe=context.unsafe),
            overlaps=overlaps,
        )

    def learn(
        self,
        sighting: Sighting,
        context: RequestContext,
        exchange_id: str,
        position: int,
    ) -> RequestContext:
        """Settle what a request's cookies settle.

        Returns its context, which is not certain if the prediction was not.
        """
        now = sighting.now
        evidence = self.unconfirmed.evidence(sighting)
        self._settle(evidence.taken, exchange_id, position, now, taken=True)
        self._settle(evidence.not_taken, exchange_id, position, now, taken=False)
        for key in evidence.lost:
            if self.unconfirmed.holds(key):
                correction = self.unconfirmed.abandon(key)
                self._hold(correction, exchange_id, position, now)
        return msgspec.structs.replace(context, certain=False) if evidence.divided else context

    def learn_from_connection(
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
        taken = credentials is _INCLUDE
        doubts = self._settled_by_connection(connection, credentials)
        self._settle(doubts, exchange_id, position, now, taken=taken)

    def _settled_by_connection(self, connection: str, credentials: Credentials) -> Iterator[Doubt]:
        """Record the credentials of a connection; yield the doubts that they settle.

        If there were credentials, those that rest on third parties too stay open: they do not
        show whether the client accepts third-party cookies.
        """
        if not self._connections.carried(connection, credentials):
            return
        for doubt in self._by_connection.pop(connection, ()):
            if credentials is _INCLUDE and doubt.rests_on is RestsOn.BOTH:
                doubt.had_credentials = True
            else:
                yield doubt

    def learn_third_party(
        self,
        facts: RequestFacts,
        context: RequestContext,
        selection: Selection,
        observed: str,
        position: int,
        now: float,
        overlaps: Overlaps,
    ) -> tuple[RequestContext, Selection]:
        """Return a request's context and cookies, corrected by what it shows of third parties."""
        shown = self.third_party.shown_by(
            context,
            selection,
            parse_cookie_header(observed) if observed else (),
            overlaps,
            self._rests_on_credentials,
        )
        if shown is None:
            return context, selection
        self.third_party.learn(shown)
        if shown is _SEEMS_BLOCKED:
            for cookie in selection.sent:
                doubts = self._about_third_parties(cookie)
                self._settle(doubts, facts.exchange_id, position, now, taken=False)
        context = contradicted(context, shown)
        return context, self._jar.select(facts.target, context, now)

    def _rests_on_credentials(self, cookie: Cookie) -> bool:
        """Return whether only a request's credentials tell if the client holds a cookie at all."""
        doubts = self.unconfirmed.doubts(cookie.key)
        unknown = any(not doubt.had_credentials for doubt in doubts)
        return unknown and self.unconfirmed.may_lack(cookie.key)

    def _about_third_parties(self, cookie: Cookie) -> list[Doubt]:
        """Return the doubts about a cookie that the client's policy settles."""
        doubts = self.unconfirmed.doubts(cookie.key)
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
                    self.third_party.learn(ThirdParty.SENT)
                elif not taken and doubt.had_credentials:
                    self.third_party.learn(_SEEMS_BLOCKED)
            for correction in self.unconfirmed.settle(doubt, taken=taken):
                self._hold(correction, exchange_id, position, now)
            self._wait_no_longer(doubt)
            connection = doubt.connection
            if connection is None or (doubt.rests_on is RestsOn.BOTH and not taken):
                continue
            credentials = _INCLUDE if taken else _OMIT
            waiting.extend(self._settled_by_connection(connection, credentials))

    def _hold(self, correction: Correction, exchange_id: str, position: int, now: float) -> None:
        """Make the jar hold what it is now known to hold under a key."""
        key, cookie = correction
        current = self._jar.get(key)
        if cookie is None or (cookie.expires_at is not None and cookie.expires_at <= now):
            if current is not None:
                self._logged.remove(current, exchange_id, position, "settled")
            return
        if current is not None:
            cookie = msgspec.structs.replace(cookie, last_access_at=current.last_access_at)
        if cookie != current:
            self._jar.put(cookie)
            cookie = self._jar.get(key)
            self._logged.log(exchange_id, position, key, current, cookie, "settled")


def _unconfirmed(result: StoreResult, doubt: Doubt) -> StoreResult:
    return msgspec.structs.replace(result, standing=Standing.UNCONFIRMED, rests_on=doubt.rests_on)
