"""What Set-Cookie lines did to a jar if nobody knows whether the client took them.

The response to a script's request without credentials stores nothing (Fetch, credentials
mode), and the wire does not always tell the mode. For such a response the jar may be in one
of two states, and after several such responses in one of several. The jar holds the most
likely one. A later request settles those whose states predict different headers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from cookietrace.cookies import (
    Code,
    Cookie,
    CookieJar,
    CookieKey,
    Credentials,
    RequestContext,
    RestsOn,
    SameSite,
    Selection,
)
from cookietrace.cookies.rules.retrieval import Retrieval, Traits, traits_of
from cookietrace.cookies.selection import LAX_BY_DEFAULT_ONLY
from cookietrace.fold.exchange import RequestPart
from cookietrace.fold.reconcile import CONTEXT_CODES, Overlaps

MOST_CHAINS = 256
"""How many cookies of one site can be unconfirmed.

The oldest stay so for good, and the jar gives up those that it may never have held: a browser
with as many cookies would have evicted them.
"""
MOST_ASIDE = 4096
"""How many cookies of one client are remembered that the jar gave up; the latest ones."""
MOST_LINKS = 16
"""How many unconfirmed effects on one cookie are remembered; the oldest stay so for good."""

_OTHER_ORIGIN = ("same-site", "cross-site")


class Doubt:
    """Whether a client took the Set-Cookie lines of one response: all of them, or none."""

    __slots__ = (
        "apart", "connection", "exchange_id", "had_credentials", "links", "maybe_first_party",
        "rests_on", "settled",
    )  # fmt: skip

    def __init__(
        self,
        exchange_id: str,
        connection: str | None = None,
        rests_on: RestsOn = RestsOn.CREDENTIALS,
    ) -> None:
        """``connection`` is the one that shows it, or that it shows something about."""
        self.exchange_id = exchange_id
        self.rests_on = rests_on
        self.connection = connection
        self.had_credentials = rests_on is RestsOn.THIRD_PARTY
        """Whether the request is known to have been made with credentials."""
        self.maybe_first_party = False
        """Whether it may have been no third party's, so that what it stored shows no policy."""
        self.apart: Doubt | None = None
        """What is unknown of those lines that policies on third-party cookies spare."""
        self.links: list[_Link] = []
        self.settled = False


class _Link(msgspec.Struct, eq=False):
    """One effect: what the jar holds under a key if the doubted lines were taken."""

    doubt: Doubt
    key: CookieKey
    after: Cookie | None
    assumed: bool
    """Whether the jar assumes that they were."""


class _Chain:
    """The effects on one key, the oldest first, and what the jar held before them."""

    __slots__ = ("base", "links", "states", "values")

    def __init__(self, base: Cookie | None, links: Iterable[_Link] = ()) -> None:
        self.base = base
        self.links = list(links)
        self.states: list[Cookie | None] = []
        """What the jar may hold: the base, or what one of the effects left there."""
        self.values: frozenset[str] = frozenset()
        """The values that the jar may hold."""
        self._changed()

    def add(self, link: _Link) -> None:
        """Record a later effect."""
        self.links.append(link)
        del self.links[:-MOST_LINKS]
        self._changed()

    def alter_last(self, after: Cookie | None) -> None:
        """Record that the latest effect left something else there."""
        self.links[-1].after = after
        self._changed()

    def settle(self, index: int, *, taken: bool) -> None:
        """Remove an effect, which is now known to have been there or not."""
        if taken:
            self.base = _certain(self.links[index].after)
            del self.links[: index + 1]
        else:
            del self.links[index]
        self._changed()

    def _changed(self) -> None:
        self.states = [self.base, *[link.after for link in self.links]]
        self.values = frozenset([state.value for state in self.states if state is not None])

    @property
    def likely(self) -> Cookie | None:
        """What the jar holds: what the latest effect left that is assumed."""
        for link in reversed(self.links):
            if link.assumed:
                return link.after
        return self.base


class SavedDoubt(msgspec.Struct, frozen=True, gc=False):
    """A doubt; others are named by their places in the list of all."""

    exchange_id: str
    connection: str | None
    rests_on: RestsOn
    had_credentials: bool
    maybe_first_party: bool
    apart: int | None
    settled: bool


class SavedLink(msgspec.Struct, frozen=True, gc=False):
    """One effect of the doubt at a place in the list of all."""

    doubt: int
    key: CookieKey
    after: Cookie | None
    assumed: bool


class SavedChain(msgspec.Struct, frozen=True, gc=False):
    """The effects on one key, by their places in the list of all."""

    key: CookieKey
    base: Cookie | None
    links: tuple[int, ...]


class SavedDoubts(msgspec.Struct, frozen=True, gc=False):
    """The doubts about one client's responses, and their effects."""

    doubts: tuple[SavedDoubt, ...] = ()
    links: tuple[SavedLink, ...] = ()
    """In the order in which each doubt's effects happened."""
    chains: tuple[SavedChain, ...] = ()
    by_connection: dict[str, tuple[int, ...]] = {}
    aside: tuple[Cookie, ...] = ()
    """What the jar gave up, though the client may hold it; the oldest first."""


class Settled(NamedTuple):
    """A request showed whether the client took the Set-Cookie lines of a response."""

    exchange_id: str
    """That of the response."""
    taken: bool
    rests_on: RestsOn
    """What it was that was not known; it tells which lines of the response it is about."""


class Correction(NamedTuple):
    """What the jar holds under a key, as far as it is known now."""

    key: CookieKey
    cookie: Cookie | None


class Sighting(msgspec.Struct, frozen=True):
    """A request, as evidence of what its client holds."""

    host: str
    pairs: Sequence[tuple[str, str]]
    """The cookies that it carried."""
    selection: Selection
    """What the jar predicted."""
    rules: Retrieval
    now: float
    conclusive: bool
    """Whether it certainly carried what its client held for it."""
    alike: Container[Traits]
    """The traits of which it carried a cookie, so that nothing withheld others like it."""
    overlaps: Overlaps
    """Whether a response that changed a cookie may not have arrived before."""

    def carries(self, cookie: Cookie | None) -> bool:
        """Return whether the request must carry a cookie."""
        if cookie is None or cookie.inferred or cookie.doubtful or self.is_expired(cookie):
            return False
        codes = self.rules.refusals(traits_of(cookie))
        return not codes or (
            codes == LAX_BY_DEFAULT_ONLY and self.rules.young_enough(cookie, self.now)
        )

    def prediction(self, cookie: Cookie | None) -> str | None:
        """Return the value that the request must carry if the client holds this; or None."""
        return cookie.value if cookie is not None and self.carries(cookie) else None

    def tells_apart(self, states: Iterable[Cookie | None]) -> bool:
        """Return whether what the client may hold under a key predicts different headers."""
        return len({self.prediction(state) for state in states}) > 1

    def could_carry(self, cookie: Cookie) -> bool:
        """Return whether nothing but the request's context may withhold a cookie."""
        return CONTEXT_CODES.issuperset(self.rules.refusals(traits_of(cookie)))

    def is_expired(self, cookie: Cookie) -> bool:
        """Return whether a cookie has expired."""
        return cookie.expires_at is not None and cookie.expires_at <= self.now


class Evidence(NamedTuple):
    """What a request shows."""

    taken: tuple[Doubt, ...]
    """The responses whose lines the client took."""
    not_taken: tuple[Doubt, ...]
    lost: tuple[CookieKey, ...]
    """The cookies of which the client no longer holds any state, though it must hold one."""
    divided: bool
    """Whether the possible states of the jar predict different headers."""


class Unconfirmed:
    """The unconfirmed effects on one client's jar."""

    def __init__(self, jar: CookieJar) -> None:
        """Start empty. ``jar`` knows what all domains have in common that share cookies."""
        self._jar = jar
        self._chains: defaultdict[str, dict[CookieKey, _Chain]] = defaultdict(dict)
        """Site -> key -> the effects on it."""
        self._aside: dict[CookieKey, Cookie] = {}
        self._aside_by_pair: dict[tuple[str, str], CookieKey] = {}

    @property
    def is_empty(self) -> bool:
        """Whether everything that the client may hold is known."""
        return not self._chains and not self._aside

    def holds(self, key: CookieKey) -> bool:
        """Return whether it is unknown what the jar holds under a key."""
        return bool(self._chains) and key in self._beside(key.domain)

    def doubts(self, key: CookieKey) -> tuple[Doubt, ...]:
        """Return the doubts that concern what the jar holds under a key, the oldest first."""
        chain = self._beside(key.domain).get(key)
        return () if chain is None else tuple(link.doubt for link in chain.links)

    def may_lack(self, key: CookieKey) -> bool:
        """Return whether one of the states has no cookie under a key."""
        chain = self._beside(key.domain).get(key)
        return chain is not None and None in chain.states

    def _beside(self, domain: str) -> Mapping[CookieKey, _Chain]:
        """Return the effects on the cookies of a domain's site."""
        return self._chains.get(self._jar.site(domain), {})

    # --- saving

    def saved(self, by_connection: Mapping[str, Iterable[Doubt]]) -> SavedDoubts:
        """Return all effects, and the doubts that the connections of a client may settle."""
        chains = [(key, chain) for chains in self._chains.values() for key, chain in chains.items()]
        waiting = {
            connection: [doubt for doubt in doubts if not doubt.settled]
            for connection, doubts in by_connection.items()
        }
        places: dict[Doubt, int] = {}
        found = [link.doubt for _, chain in chains for link in chain.links]
        found += [doubt for doubts in waiting.values() for doubt in doubts]
        for doubt in found:
            for each in (doubt, doubt.apart):
                if each is not None:
                    places.setdefault(each, len(places))
        alive = {id(link) for _, chain in chains for link in chain.links}
        links = [link for doubt in places for link in doubt.links if id(link) in alive]
        numbers = {id(link): number for number, link in enumerate(links)}
        return SavedDoubts(
            tuple(
                [
                    SavedDoubt(
                        doubt.exchange_id,
                        doubt.connection,
                        doubt.rests_on,
                        doubt.had_credentials,
                        doubt.maybe_first_party,
                        None if doubt.apart is None else places[doubt.apart],
                        doubt.settled,
                    )
                    for doubt in places
                ]
            ),
            tuple([SavedLink(places[one.doubt], one.key, one.after, one.assumed) for one in links]),
            tuple(
                [
                    SavedChain(
                        key,
                        chain.base,
                        tuple([numbers[id(one)] for one in chain.links if id(one) in numbers]),
                    )
                    for key, chain in chains
                ]
            ),
            {
                connection: tuple([places[doubt] for doubt in doubts])
                for connection, doubts in waiting.items()
                if doubts
            },
            tuple(self._aside.values()),
        )

    def restore(self, saved: SavedDoubts) -> dict[str, list[Doubt]]:
        """Become what was saved; return the doubts that the connections may settle.

        Raises ``IndexError`` if a place is not in its list.
        """
        doubts = []
        for each in saved.doubts:
            doubt = Doubt(each.exchange_id, each.connection, each.rests_on)
            doubt.had_credentials = each.had_credentials
            doubt.maybe_first_party = each.maybe_first_party
            doubt.settled = each.settled
            doubts.append(doubt)
        for doubt, each in zip(doubts, saved.doubts, strict=True):
            doubt.apart = None if each.apart is None else doubts[each.apart]
        links = [_Link(doubts[one.doubt], one.key, one.after, one.assumed) for one in saved.links]
        for link in links:
            link.doubt.links.append(link)
        for chain in saved.chains:
            site = self._jar.site(chain.key.domain)
            self._chains[site][chain.key] = _Chain(chain.base, [links[one] for one in chain.links])
        for cookie in saved.aside:
            self.set_aside(cookie)
        return {
            connection: [doubts[place] for place in places]
            for connection, places in saved.by_connection.items()
        }

    # --- what happens to the jar

    def add(
        self,
        doubt: Doubt,
        key: CookieKey,
        before: Cookie | None,
        after: Cookie | None,
        *,
        assumed: bool,
    ) -> CookieKey | None:
        """Record an effect that the doubted response has on a key if it was taken.

        ``before`` is what the jar held. If not ``assumed``, it still holds that. Returns a key
        of which it will never be known whether the client has any cookie there, if too many of
        the site's are unconfirmed.
        """
        chains = self._chains[self._jar.site(key.domain)]
        chain, given_up = chains.get(key), None
        if chain is None:
            chain = chains[key] = _Chain(before)
            if len(chains) > MOST_CHAINS:
                oldest = next(iter(chains))
                if chains.pop(oldest).base is None:
                    given_up = oldest
        if chain.links and chain.links[-1].doubt is doubt:
            chain.alter_last(after)
            return given_up
        link = _Link(doubt, key, after, assumed)
        chain.add(link)
        doubt.links.append(link)
        return given_up

    def close(self, key: CookieKey) -> None:
        """Record that what the jar holds under a key is known."""
        if key in self._aside:
            self._forget_aside(key)
        if not self._chains:
            return
        site = self._jar.site(key.domain)
        chains = self._chains.get(site)
        if chains is not None and chains.pop(key, None) is not None and not chains:
            del self._chains[site]

    def set_aside(self, cookie: Cookie) -> None:
        """Remember a cookie that the jar gave up, though its client may hold it.

        Of two with the same name and value, the latest is remembered.
        """
        key, pair = cookie.key, (cookie.name, cookie.value)
        for earlier in {key, self._aside_by_pair.get(pair, key)} & self._aside.keys():
            self._forget_aside(earlier)
        self._aside[key] = cookie
        self._aside_by_pair[pair] = key
        if len(self._aside) > MOST_ASIDE:
            self._forget_aside(next(iter(self._aside)))

    def _forget_aside(self, key: CookieKey) -> None:
        cookie = self._aside.pop(key)
        del self._aside_by_pair[cookie.name, cookie.value]

    def close_holders(self, name: str, value: str, domain: str) -> None:
        """Record that one of the cookies of a name has this value, but not which one."""
        chains = self._beside(domain)
        for key in [key for key in chains if key.name == name and value in chains[key].values]:
            self.close(key)

    def states_beside(self, host: str) -> Iterator[Cookie]:
        """Yield every cookie of a host's site that the jar may hold instead of what it holds."""
        for chain in self._beside(host).values():
            yield from (cookie for cookie in chain.states if cookie is not None)

    # --- what a request shows

    def evidence(self, sighting: Sighting) -> Evidence:
        """Return what a request shows. Changes nothing."""
        if not sighting.pairs and not sighting.conclusive:  # it shows nothing
            reaching = self._reaching(sighting)
            divided = any(sighting.tells_apart(chain.states) for _, chain in reaching)
            return Evidence((), (), (), divided)
        by_name: defaultdict[str, list[tuple[CookieKey, _Chain]]] = defaultdict(list)
        divided = False
        for key, chain in self._reaching(sighting):
            by_name[key.name].append((key, chain))
            divided = divided or sighting.tells_apart(chain.states)
        taken: dict[Doubt, None] = {}
        not_taken: dict[Doubt, None] = {}
        lost: list[CookieKey] = []
        unexplained, unclear = self._unexplained(sighting)
        for name, chains in by_name.items():
            if name in unclear:
                continue
            values = unexplained[name]
            carried = [value for value, count in values.items() if count > 0]
            holders = Counter(value for _, chain in chains for value in chain.values)
            explained = all(value in holders for value in carried)
            for key, chain in chains:
                overlaps = sighting.overlaps(name, key)
                left = self._survivors(key, chain, holders, values, explained, sighting, overlaps)
                if left is None:
                    continue
                if not left:
                    lost.append(key)
                    continue
                if left[0] == left[-1] > 0:
                    taken[chain.links[left[0] - 1].doubt] = None
                if not overlaps:
                    not_taken.update((link.doubt, None) for link in chain.links[left[-1] :])
        return Evidence(
            tuple(taken),
            tuple(doubt for doubt in not_taken if doubt not in taken),
            tuple(lost),
            divided,
        )

    def possible(self, sighting: Sighting) -> Iterator[Cookie]:
        """Yield the cookies that the request may have carried instead of those of the jar."""
        for _, chain in self._reaching(sighting):
            for state in chain.states:
                if state is not None and not state.doubtful and not sighting.is_expired(state):
                    yield state
        for pair in sighting.pairs if self._aside else ():
            key = self._aside_by_pair.get(pair)
            cookie = self._aside.get(key) if key is not None else None
            if cookie is not None and sighting.could_carry(cookie):
                yield cookie

    def _reaching(self, sighting: Sighting) -> Iterator[tuple[CookieKey, _Chain]]:
        """Yield the chains of cookies that only the request's context may withhold."""
        for key, chain in self._beside(sighting.host).items():
            cookie = next((state for state in chain.states if state is not None), None)
            if cookie is not None and sighting.could_carry(cookie):
                yield key, chain

    def _unexplained(
        self, sighting: Sighting
    ) -> tuple[defaultdict[str, Counter[str]], frozenset[str]]:
        """Return the values that no certain cookie of the jar explains, by name.

        And the names for which that is not known: a response that may not have arrived set a
        cookie that would explain one.
        """
        values: defaultdict[str, Counter[str]] = defaultdict(Counter)
        unclear = set()
        for name, value in sighting.pairs:
            values[name][value] += 1
        for cookie in (*sighting.selection.sent, *sighting.selection.inferred):
            counts = values.get(cookie.name)
            if counts and counts[cookie.value] > 0 and not self.holds(cookie.key):
                if sighting.overlaps(cookie.name, cookie.key):
                    unclear.add(cookie.name)
                counts[cookie.value] -= 1
        return values, frozenset(unclear)

    @staticmethod
    def _survivors(
        key: CookieKey,
        chain: _Chain,
        holders: Mapping[str, int],
        values: Mapping[str, int],
        explained: bool,
        sighting: Sighting,
        overlaps: bool,
    ) -> Sequence[int] | None:
        """Return the indices of the states that fit a request; None if it shows nothing.

        ``holders`` is the number of chains of that name that may hold each value, ``values`` is
        how often the request carried each under the name, and ``explained`` is whether one of the
        chains may hold each of them.
        """
        own = [value for value in chain.values if values.get(value, 0) > 0]
        if not own and not explained:
            return None  # another cookie of that name, or a change that was not recorded
        states = chain.states
        if own:
            sure = [value for value in own if values[value] == holders[value]]
            own_changes = {(link.doubt.exchange_id, key) for link in chain.links}
            if len(sure) != 1 or sighting.overlaps(key.name, besides=own_changes):
                return None  # another cookie may have this value, or one may have had it so far
            (value,) = sure
            found = [
                index
                for index, state in enumerate(states)
                if state is not None and state.value == value and not sighting.is_expired(state)
            ]
            found = [index for index in found if sighting.carries(states[index])] or found
            return found if found and not (overlaps and found[0] == 0) else None
        alike = any(state is not None and traits_of(state) in sighting.alike for state in states)
        if overlaps or not (sighting.conclusive or alike):
            return None
        return [index for index, state in enumerate(states) if not sighting.carries(state)]

    def settle(self, doubt: Doubt, *, taken: bool) -> list[Correction]:
        """Settle a doubt. Return what the jar holds now under each key that it was about."""
        doubt.settled = True
        corrections = []
        for link in doubt.links:
            chain = self._beside(link.key.domain).get(link.key)
            if chain is None or link not in chain.links:
                continue
            chain.settle(chain.links.index(link), taken=taken)
            corrections.append(Correction(link.key, chain.likely))
            if not chain.links:
                self.close(link.key)
        doubt.links.clear()
        return corrections

    def abandon(self, key: CookieKey) -> Correction:
        """Give up all effects on a key; return what the jar held before them."""
        base = self._beside(key.domain)[key].base
        self.close(key)
        return Correction(key, base)


def _certain(cookie: Cookie | None) -> Cookie | None:
    if cookie is None or not cookie.unconfirmed:
        return cookie
    return msgspec.structs.replace(cookie, unconfirmed=False)


def carried_traits(
    pairs: Sequence[tuple[str, str]], selection: Selection, *, unsafe: bool
) -> frozenset[Traits]:
    """Return the traits of the known cookies that a request carried.

    A cookie without SameSite is left out of a request with an unsafe method: another site's
    carries it only while it is young.
    """
    known = Counter(cookie.name for cookie in selection.sent)
    carried = frozenset(pairs)
    return frozenset(
        traits_of(cookie)
        for cookie in selection.sent
        if known[cookie.name] == 1
        and not cookie.unconfirmed
        and (cookie.name, cookie.value) in carried
        and not (unsafe and cookie.same_site is SameSite.DEFAULT)
    )


def lacking(request: RequestPart) -> frozenset[CookieKey]:
    """Return the cookies that a script's request to another origin could have sent and did not.

    If there are any, it was most likely made without credentials. Cookies that the client may
    not hold show nothing.
    """
    lacks = frozenset(
        withheld.cookie.key
        for withheld in request.withheld
        if not withheld.cookie.unconfirmed
        and any(reason.code is Code.WITHOUT_CREDENTIALS for reason in withheld.reasons)
    )
    if not lacks:
        return lacks
    headers = {name.lower(): value for name, value in request.headers}
    crosses = (
        headers.get("sec-fetch-site") in _OTHER_ORIGIN
        or headers.get("origin", request.target.origin) != request.target.origin
    )
    return lacks if crosses else frozenset()


def without_credentials(context: RequestContext) -> RequestContext:
    """Return the context of a request that was made without credentials."""
    return msgspec.structs.replace(context, credentials=Credentials.OMIT)
