"""What became of each cookie, exchange by exchange: the memory that moments and quiz look into."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from enum import StrEnum

from cookietrace.cookies import CookieKey, Outcome, Site
from cookietrace.fold.exchange import CookieStatus, Exchange, TraceUpdate
from cookietrace.lesson.place_index import PlaceIndex
from cookietrace.trace import Trace


class CookieEvent(StrEnum):
    """What can happen to a cookie in an exchange."""

    SET = "set"
    """An accepted Set-Cookie gave it a value, be it the same again."""
    SENT = "sent"
    CROSS = "cross"
    """It went with a request that was not known to be same-site."""
    WITHHELD = "withheld"
    DELETED = "deleted"


ACCEPTED = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED})
"""The outcomes after which the jar holds what the line says."""


class CookieHistories:
    """An index of a trace by cookie, by page and by host; places are exchange numbers."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._taken: list[Exchange] = []
        """Each exchange as it was when it was taken in."""
        self._index: PlaceIndex[Hashable] = PlaceIndex()
        self._givers: dict[tuple[str, str], dict[str, int]] = {}

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Take in new exchanges, at most ``limit``, and those that an update says have changed.

        Returns True where none is left. What it knows already costs next to nothing, so
        that those who share it may each tell it of the same update.
        """
        exchanges, taken = self._trace.exchanges, self._taken
        for exchange_id in update.exchanges if update is not None else ():
            exchange = self._trace.exchange(exchange_id)
            index = exchange.number - 1
            if index < len(taken) and taken[index] is not exchange:
                taken[index] = exchange
                self._take(exchange)
        end = len(exchanges) if limit is None else min(len(exchanges), len(taken) + limit)
        for exchange in exchanges[len(taken) : end]:
            taken.append(exchange)
            self._take(exchange)
        return end == len(exchanges)

    def _take(self, exchange: Exchange) -> None:
        self._index.record(exchange.number, _keys(exchange))
        client_id = exchange.request.client_id
        for result in exchange.response.set_cookies if exchange.response is not None else ():
            if result.outcome in ACCEPTED and result.value:
                givers = self._givers.setdefault((result.name, result.value), {})
                givers.setdefault(client_id, exchange.number)

    # --- by cookie

    def first(self, did: CookieEvent, client_id: str, key: CookieKey, after: int = 0) -> int | None:
        """Return the first exchange after number ``after`` that did this to the cookie."""
        return self._index.following((did, client_id, key), after)

    def latest(self, did: CookieEvent, client_id: str, key: CookieKey, upto: int) -> int | None:
        """Return the last exchange up to number ``upto`` that did this to the cookie."""
        return self._index.latest((did, client_id, key), upto)

    def count(self, did: CookieEvent, client_id: str, key: CookieKey) -> int:
        """Return how many exchanges did this to the cookie."""
        return self._index.count((did, client_id, key))

    def places(self, did: CookieEvent, client_id: str, key: CookieKey) -> Sequence[int]:
        """Return the exchanges that did this to the cookie, in order."""
        return self._index.places((did, client_id, key))

    def first_given(self, client_id: str, name: str) -> int | None:
        """Return the first exchange that gave the client any cookie of this name."""
        return self._index.first(("name", client_id, name))

    def first_refused(self, client_id: str, name: str) -> int | None:
        """Return the first exchange that set a cookie of this name which the client refused."""
        return self._index.first(("refused", client_id, name))

    def carried(self, client_id: str, name: str) -> Sequence[int]:
        """Return the exchanges whose requests carried a cookie of this name."""
        return self._index.places(("carried", client_id, name))

    # --- by page and host

    def answers(self, exchange: Exchange) -> int:
        """Return how many requests of this client for this method, host and path were answered."""
        return self._index.count(("page", *page_of(exchange)))

    def answers_setting(self, exchange: Exchange, name: str) -> int:
        """Return how many of those answers gave the client a cookie of this name."""
        return self._index.count(("page-set", *page_of(exchange), name))

    def first_visit(self, exchange: Exchange) -> int:
        """Return the number of this client's first request to the exchange's host."""
        part = exchange.request
        first = self._index.first(("host", part.client_id, part.target.host))
        return exchange.number if first is None else first

    def requests_after(self, exchange: Exchange) -> int:
        """Return how many requests this client made to the same host later on."""
        part = exchange.request
        key = ("host", part.client_id, part.target.host)
        return self._index.count(key) - self._index.count(key, exchange.number)

    def given_to(self, name: str, value: str) -> dict[str, int]:
        """Return which clients were given this very cookie by a Set-Cookie, and where first."""
        return self._givers.get((name, value), {})


def page_of(exchange: Exchange) -> tuple[str, str, str, str]:
    """Return what makes two requests ask for the same page: client, method, origin, path."""
    part = exchange.request
    return part.client_id, part.method, part.target.origin, part.target.path


def _keys(exchange: Exchange) -> Iterable[Hashable]:
    part = exchange.request
    client_id = part.client_id
    yield ("host", client_id, part.target.host)
    cross = part.context.site is not Site.SAME
    for name in {told.name: None for told in part.cookies}:
        yield ("carried", client_id, name)
    for told in part.cookies:
        if told.status is CookieStatus.SENT and told.cookie is not None:
            yield (CookieEvent.SENT, client_id, told.cookie.key)
            if cross:
                yield (CookieEvent.CROSS, client_id, told.cookie.key)
    for held in part.withheld:
        yield (CookieEvent.WITHHELD, client_id, held.cookie.key)
    if exchange.response is not None:
        yield ("page", *page_of(exchange))
        yield from _set_keys(exchange)


def _set_keys(exchange: Exchange) -> Iterator[Hashable]:
    assert exchange.response is not None
    client_id = exchange.request.client_id
    names = dict.fromkeys(
        result.name for result in exchange.response.set_cookies if result.outcome in ACCEPTED
    )
    for name in names:
        yield ("page-set", *page_of(exchange), name)
        yield ("name", client_id, name)
    for name in dict.fromkeys(
        result.name
        for result in exchange.response.set_cookies
        if result.outcome is Outcome.REJECTED
    ):
        yield ("refused", client_id, name)
    for result in exchange.response.set_cookies:
        if result.cookie is None:
            continue
        if result.outcome in ACCEPTED:
            yield (CookieEvent.SET, client_id, result.cookie.key)
        elif result.outcome is Outcome.DELETED:
            yield (CookieEvent.DELETED, client_id, result.cookie.key)
