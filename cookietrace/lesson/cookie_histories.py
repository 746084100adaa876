"""Which exchange did what to which cookie: the index behind key moments, quiz and jar."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import Any, NamedTuple

from cookietrace.cookies import (
    Code,
    Cookie,
    CookieKey,
    Outcome,
    Site,
    Standing,
    StoreResult,
    Target,
    default_public_suffixes,
    domain_match,
)
from cookietrace.fold.exchange import (
    CookieStatus,
    Exchange,
    RequestCookie,
    RequestPart,
    TraceUpdate,
)
from cookietrace.lesson.expired_lines import warning_of
from cookietrace.lesson.place_index import PlaceIndex, PlaceNumbers
from cookietrace.lesson.sibling_cookies import SiblingCookies
from cookietrace.trace import Trace


class CookieEvent(StrEnum):
    """Something that happened to a cookie in an exchange."""

    SET = "set"
    """An accepted Set-Cookie gave it a value, perhaps the same again."""
    SENT = "sent"
    SENT_CROSS_SITE = "sent-cross-site"
    """It was sent with a request that is not known to be same-site."""
    WITHHELD = "withheld"
    MISSING = "missing"
    """It should have been sent and was not."""
    EXPIRED = "expired"
    """It had expired by this request."""
    DELETED = "deleted"


_TOGETHER = 256
"""How many exchanges are read together."""

_MOST_PAGES = 8192
_MOST_SENT = 1024
"""How many pages, and how many cookies of requests per client, are remembered."""

_Sent = tuple[tuple[int, ...], RequestCookie]
"""The handles of a cookie in a request, and the cookie: kept so that its identity lasts."""


class _Page(NamedTuple):
    """The handles of a page."""

    asked: tuple[int, ...]
    """Of a request for it that has no response."""
    answered: tuple[int, ...]
    """Of one with a response."""
    setting: dict[str, int]
    """Of a response that sets a cookie of this name."""


class _Given(NamedTuple):
    """The handles of a cookie that a client took from a response."""

    visit: int
    effects: tuple[int, ...]


ACCEPTED = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED})
"""The outcomes after which the jar holds the cookie of the Set-Cookie line."""


class CookieHistories:
    """An index of a trace by cookie, page and host; the places are exchange numbers.

    What a response did is found by when it was committed: responses can overtake each other.
    """

    def __init__(self, trace: Trace, *, sparing: bool = False) -> None:
        """``sparing`` leaves out what requests did until that is wanted for the first time.

        ``record_requests`` then reads it bit by bit; what is asked meanwhile is answered as far
        as it has come. Asking without it takes as long as reading the whole trace.
        """
        self._trace = trace
        self._sparing = sparing
        self._seen = 0
        """How many exchanges have been read."""
        self._recorded = 0
        """Of how many of them is recorded what their requests did."""
        self._updated: TraceUpdate | None = None
        """The update that was applied last."""
        self._requests: PlaceIndex[Hashable] = PlaceIndex()
        """What requests did to cookies."""
        self._visits: PlaceIndex[Hashable] = PlaceIndex()
        """What was asked for, and what its response set."""
        self._sent: defaultdict[tuple[str, bool], dict[int, _Sent]] = defaultdict(dict)
        """What was worked out of the cookies of requests, by their identity: for each client, and
        for requests of the same site and others."""
        self._pages: dict[tuple[str, str, Target], _Page] = {}
        """What was worked out of pages: client, method and target."""
        self._given: dict[tuple[str, CookieKey], _Given] = {}
        """What was worked out of cookies that a client took."""
        self._hosts: dict[tuple[str, str], None] = {}
        """The clients, and the hosts that each of them asked."""
        self._first_counting: dict[tuple[str, str], int] = {}
        """The same -> the first exchange whose request counts cookies of other hosts."""
        self._key = secrets.token_bytes(16)
        self._keyed: Any = None
        """The hash of nothing with that key, which has to be worked in only once."""
        """Nobody who does not know it can make pairs with one digest."""
        self._givers: dict[int, int] = {}
        """A digest of a name and a value -> the first exchange that gave them to a client."""
        self._later_givers: dict[int, dict[str, int]] = {}
        """The same -> other clients that got them, and the first exchange of each."""
        self._effects: PlaceIndex[Hashable] = PlaceIndex()
        """What responses did; the places are their positions in the capture."""
        self._numbers = PlaceNumbers()
        """The position of a response that did something -> its exchange's number."""
        self.siblings = SiblingCookies(trace)
        """Lists the cookies of other hosts that a request only counts."""

    @property
    def version(self) -> tuple[int, int, bool]:
        """What differs after every change that is not one of the trace."""
        return self._seen, self._recorded, self._sparing

    @property
    def seen(self) -> int:
        """How many exchanges have been read."""
        return self._seen

    @property
    def recorded(self) -> int:
        """Of how many of them is known what their requests did."""
        return self._recorded

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Read all of at most ``limit`` new exchanges, and again those that an update has changed.

        What requests did is read of at most ``limit`` earlier exchanges as well, if it was left
        out. Returns True if nothing is left. Applying an update again does nothing, so each of
        several boards that share this index can pass it on.
        """
        exchanges = self._trace.exchanges
        self.correct(update)
        caught_up = self.record_requests(limit)
        end = len(exchanges) if limit is None else min(len(exchanges), self._seen + limit)
        while self._seen < end:
            new = exchanges[self._seen : min(end, self._seen + _TOGETHER)]
            self.read_some(new, new)
        return caught_up and end == len(exchanges)

    def correct(self, update: TraceUpdate | None) -> None:
        """Read those exchanges again that an update has changed, as far as they were read."""
        if update is None or update is self._updated:
            return
        self._updated = update
        exchanges = self._trace.exchanges
        for number in map(exchanges.number, update.exchanges):
            if number is not None and number <= self._seen:
                exchange = exchanges[number - 1]
                if number <= self._recorded:
                    self._record(exchange)
                self._take(exchange)

    def read_some(self, new: Sequence[Exchange], eventful: Sequence[Exchange]) -> None:
        """Read the next exchanges, of which only ``eventful`` have a response that set cookies."""
        if not self._sparing and self._recorded == self._seen:
            for exchange in new:
                self._record(exchange)
            self._recorded += len(new)
        self._seen += len(new)
        for exchange in eventful:
            self._take(exchange)

    def record_requests(self, limit: int | None = None) -> bool:
        """Read what at most ``limit`` requests did whose exchanges have been read without it.

        From now on it is not left out any more. Returns True if nothing is left.
        """
        self._sparing = False
        exchanges = self._trace.exchanges
        end = self._seen if limit is None else min(self._seen, self._recorded + limit)
        while self._recorded < end:
            some = exchanges[self._recorded : min(end, self._recorded + _TOGETHER)]
            for exchange in some:
                self._record(exchange)
            self._recorded += len(some)
        return self._recorded == self._seen

    def __getstate__(self) -> dict[str, Any]:
        # another process gives its objects other identities
        return {**vars(self), "_sent": defaultdict(dict), "_updated": None, "_keyed": None}

    @property
    def _of_requests(self) -> PlaceIndex[Hashable]:
        """What requests did to cookies."""
        if self._sparing:
            self.record_requests()
        return self._requests

    @property
    def _of_pages(self) -> PlaceIndex[Hashable]:
        """What was asked for, and what its response set."""
        if self._sparing:
            self.record_requests()
        return self._visits

    def _of(self, event: CookieEvent) -> PlaceIndex[Hashable]:
        return self._of_pages if event is CookieEvent.SET else self._of_requests

    def _record(self, exchange: Exchange) -> None:
        self._requests.record_handles(exchange.number, self._of_cookies(exchange.request))
        self._visits.record_handles(exchange.number, self._of_page(exchange))
        part = exchange.request
        if part.withheld_elsewhere:
            asked = part.client_id, part.target.host or ""
            self._first_counting.setdefault(asked, exchange.number)

    def _of_cookies(self, part: RequestPart) -> tuple[int, ...]:
        """Return the handles of what a request did to cookies, each once."""
        client_id, cross = part.event.client_id, part.context.site is not Site.SAME
        known = self._sent[client_id, cross]
        found: list[int] = []
        for carried in part.cookies:
            try:
                found += known[id(carried)][0]
            except KeyError:
                found += self._handles_of(carried, client_id, known, cross=cross)
        if part.withheld or part.missing or part.removed:
            handle = self._requests.handle
            for held in part.withheld:
                found.append(handle((CookieEvent.WITHHELD, client_id, held.cookie.key)))
            for absent in part.missing:
                if absent.status is CookieStatus.MISSING:
                    found.append(handle((CookieEvent.MISSING, client_id, absent.cookie.key)))
            for removed in part.removed:
                found.append(handle((CookieEvent.EXPIRED, client_id, removed.cookie.key)))
        return tuple(dict.fromkeys(found))

    def _handles_of(
        self, carried: RequestCookie, client_id: str, known: dict[int, _Sent], *, cross: bool
    ) -> tuple[int, ...]:
        """Return the handles of one cookie of a request, and remember them."""
        handle, cookie = self._requests.handle, carried.cookie
        found = [handle(("carried", client_id, carried.name))]
        if cookie is not None and carried.status is CookieStatus.SENT:
            key = cookie.key
            found.append(handle((CookieEvent.SENT, client_id, key)))
            if cross:
                found.append(handle((CookieEvent.SENT_CROSS_SITE, client_id, key)))
        if len(known) >= _MOST_SENT:
            known.clear()
        known[id(carried)] = handles, _ = tuple(found), carried
        return handles

    def _of_page(self, exchange: Exchange) -> tuple[int, ...]:
        """Return the handles of what was asked for, and of what its response set."""
        part, response = exchange.request, exchange.response
        asked = part.event.client_id, part.event.method, part.target
        page = self._pages.get(asked) or self._new_page(asked, exchange)
        if response is None:
            return page.asked
        results = response.set_cookies
        if not results:
            return page.answered
        if not _is_plain(results):
            return (*page.answered, *map(self._visits.handle, _set_keys(exchange)))
        cookie = results[0].cookie
        assert cookie is not None
        setting = page.setting.get(cookie.name)
        if setting is None:
            key = ("page-set", *page_of(exchange), cookie.name)
            setting = page.setting[cookie.name] = self._visits.handle(key)
        return (*page.answered, setting, self._given_by(asked[0], cookie).visit)

    def _new_page(self, asked: tuple[str, str, Target], exchange: Exchange) -> _Page:
        """Return the handles of a page, and remember them."""
        if len(self._pages) >= _MOST_PAGES:
            self._pages.clear()
        client_id, _, target = asked
        if target.host is not None:
            self._hosts[client_id, target.host] = None
        handle = self._visits.handle
        host = handle(("host", client_id, target.host))
        page = _Page((host,), (host, handle(("page", *page_of(exchange)))), {})
        self._pages[asked] = page
        return page

    def _given_by(self, client_id: str, cookie: Cookie) -> _Given:
        """Return the handles of a cookie that a client took, and remember them."""
        key = cookie.key
        given = self._given.get((client_id, key))
        if given is None:
            if len(self._given) >= _MOST_PAGES:
                self._given.clear()
            was_set = (CookieEvent.SET, client_id, key)
            handle = self._effects.handle
            effects = handle(was_set), handle(("name", client_id, cookie.name))
            given = self._given[client_id, key] = _Given(self._visits.handle(was_set), effects)
        return given

    def _take(self, exchange: Exchange) -> None:
        """Enter what a response did."""
        response = exchange.response
        if response is None or not response.set_cookies:
            return
        position, cookie = response.position, response.set_cookies[0].cookie
        if _is_plain(response.set_cookies) and cookie is not None:
            handles = self._given_by(exchange.request.event.client_id, cookie).effects
        else:
            handles = tuple(map(self._effects.handle, _effects(exchange)))
        if handles or position in self._numbers:
            self._numbers[position] = exchange.number
            self._effects.record_handles(position, handles)
        for result in response.set_cookies:
            if result.outcome in ACCEPTED and result.value:
                self._give(self._digest(result.name, result.value), exchange)

    def _digest(self, name: str, value: str) -> int:
        """Return what stands for a name and a value, in a third of their memory."""
        data = f"{len(name)} {name}{value}".encode("utf-8", "surrogatepass")
        if self._keyed is None:
            self._keyed = blake2b(digest_size=8, key=self._key)
        digest = self._keyed.copy()
        digest.update(data)
        return int.from_bytes(digest.digest())

    def _give(self, pair: int, exchange: Exchange) -> None:
        """Enter that an exchange gave the name and value of a digest to its client."""
        number = exchange.number
        first = self._givers.setdefault(pair, number)
        if first == number:
            return
        client = self._trace.requests.client
        if client(first) != client(number):
            later = self._later_givers.setdefault(pair, {})
            later.setdefault(exchange.request.client_id, number)

    # --- by cookie

    def first(
        self, event: CookieEvent, client_id: str, key: CookieKey, after: int = 0
    ) -> int | None:
        """Return the first exchange after number ``after`` where this happened to the cookie."""
        return self._of(event).following((event, client_id, key), after)

    def count(self, event: CookieEvent, client_id: str, key: CookieKey) -> int:
        """Return in how many exchanges this happened to the cookie."""
        return self._of(event).count((event, client_id, key))

    def places(self, event: CookieEvent, client_id: str, key: CookieKey) -> Sequence[int]:
        """Return the exchanges where this happened to the cookie, in order."""
        return self._of(event).places((event, client_id, key))

    def set_by(self, client_id: str, key: CookieKey, position: int) -> int | None:
        """Return the exchange whose response was the last to set a cookie before a position."""
        place = self._effects.latest((CookieEvent.SET, client_id, key), position - 1)
        return None if place is None else self._numbers[place]

    def deleted_after(self, client_id: str, key: CookieKey, position: int) -> int | None:
        """Return the exchange whose response was the first to delete a cookie after a position."""
        place = self._effects.following((CookieEvent.DELETED, client_id, key), position)
        return None if place is None else self._numbers[place]

    def joined_in(self, client_id: str, name: str, position: int) -> int | None:
        """Return the last exchange before a position that set this name in a joined line.

        Such a line sets only its first cookie; the name is that of another.
        """
        place = self._effects.latest(("joined", client_id, name), position - 1)
        return None if place is None else self._numbers[place]

    def first_given(self, client_id: str, name: str) -> int | None:
        """Return the exchange whose response was the first to set this name in the client."""
        place = self._effects.first(("name", client_id, name))
        return None if place is None else self._numbers[place]

    def given_after(self, client_id: str, name: str, position: int) -> int | None:
        """Return the position of the first response after one that set this name in the client."""
        return self._effects.following(("name", client_id, name), position)

    def requests_until(self, position: int) -> int:
        """Return how many requests had been made by a position in the capture."""
        return self._trace.requests.until(position)

    def first_refused(self, client_id: str, name: str) -> int | None:
        """Return the first exchange whose cookie of this name the client refused."""
        return self._of_pages.first(("refused", client_id, name))

    def carried(self, client_id: str, name: str) -> Sequence[int]:
        """Return the exchanges whose requests carried a cookie of this name."""
        return self._of_requests.places(("carried", client_id, name))

    # --- by page and host

    def responses(self, exchange: Exchange) -> int:
        """Return how many responses this client got for this method, origin and path."""
        return self._of_pages.count(("page", *page_of(exchange)))

    def responses_setting(self, exchange: Exchange, name: str) -> int:
        """Return how many of those responses set a cookie of this name."""
        return self._of_pages.count(("page-set", *page_of(exchange), name))

    def first_visit(self, exchange: Exchange) -> int:
        """Return the number of this client's first request to the exchange's host."""
        part = exchange.request
        first = self._of_pages.first(("host", part.client_id, part.target.host))
        return exchange.number if first is None else first

    def is_first_counting(self, exchange: Exchange) -> bool:
        """Return whether a request is the client's first to its host that counts other hosts'.

        Not as long as what requests did is left out.
        """
        part = exchange.request
        if self._sparing or not part.withheld_elsewhere:
            return False
        first = self._first_counting.get((part.client_id, part.target.host or ""))
        return first == exchange.number

    def first_elsewhere(self, client_id: str, domain: str, after: int) -> int | None:
        """Return the first exchange after number ``after`` with a sibling of a cookie's domain.

        That is a host of the same site that does not belong to the domain.
        """
        index, suffixes = self._of_pages, default_public_suffixes()
        site = suffixes.registrable_domain(domain)
        if site is None:
            return None
        found = [
            index.following(("host", client_id, host), after)
            for client, host in self._hosts
            if client == client_id
            and not domain_match(host, domain)
            and suffixes.registrable_domain(host) == site
        ]
        return min((number for number in found if number is not None), default=None)

    def requests_after(self, exchange: Exchange) -> int:
        """Return how many requests this client made to the same host after the response."""
        part, response = exchange.request, exchange.response
        key = ("host", part.client_id, part.target.host)
        until = exchange.number
        if response is not None:
            until = self.requests_until(response.position)
        return self._of_pages.count(key) - self._of_pages.count(key, until)

    def given_to(self, name: str, value: str) -> dict[str, int]:
        """Return the clients that got this name and value by Set-Cookie, and the first exchange."""
        pair = self._digest(name, value)
        first = self._givers.get(pair)
        if first is None:
            return {}
        client = self._trace.client_of(first)
        return {client.client_id: first, **self._later_givers.get(pair, {})}


def page_of(exchange: Exchange) -> tuple[str, str, str, str]:
    """Return what two requests for the same page share: client, method, origin, path."""
    part = exchange.request
    return part.client_id, part.method, part.target.origin, part.target.path


def _is_plain(results: Sequence[StoreResult]) -> bool:
    """Return whether a response has one line, which the client took as it is."""
    first = results[0]
    return (
        len(results) == 1
        and not first.warnings
        and first.outcome in ACCEPTED
        and first.cookie is not None
        and first.standing is not Standing.REFUTED
        and first.cookie.name == first.name
    )


def _set_keys(exchange: Exchange) -> Iterator[Hashable]:
    assert exchange.response is not None
    client_id = exchange.request.client_id
    names = dict.fromkeys(
        result.name for result in exchange.response.set_cookies if result.outcome in ACCEPTED
    )
    page = page_of(exchange) if names else ()
    for name in names:
        yield ("page-set", *page, name)
    for name in dict.fromkeys(
        result.name
        for result in exchange.response.set_cookies
        if result.outcome is Outcome.REJECTED
    ):
        yield ("refused", client_id, name)
    for result in exchange.response.set_cookies:
        if result.cookie is None or result.standing is Standing.REFUTED:
            continue
        if result.outcome in ACCEPTED:
            yield (CookieEvent.SET, client_id, result.cookie.key)


def _effects(exchange: Exchange) -> Iterator[Hashable]:
    """Yield what a response did to cookies."""
    assert exchange.response is not None
    client_id = exchange.request.client_id
    for result in exchange.response.set_cookies:
        joined = warning_of(result, Code.LINES_JOINED)
        if joined is not None:
            others = dict(joined.facts)["others"]
            assert isinstance(others, tuple)
            yield from (("joined", client_id, name) for name in dict.fromkeys(others))
        if result.cookie is None or result.standing is Standing.REFUTED:
            continue
        if result.outcome in ACCEPTED:
            yield (CookieEvent.SET, client_id, result.cookie.key)
            yield ("name", client_id, result.name)
        elif result.outcome is Outcome.DELETED:
            yield (CookieEvent.DELETED, client_id, result.cookie.key)
