"""Requests and responses of one client that crossed, so that no verdict is possible."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Collection, Container, Iterable
from operator import attrgetter
from typing import NamedTuple

import msgspec

from cookietrace.cookies import CookieKey, domain_match, path_match

OVERLAP_SECONDS = 1.0
"""How long before a request a response may have been sent without having reached the jar."""


_FORGOTTEN_AFTER = 2 * OVERLAP_SECONDS
"""Seconds after which a response no longer affects any request."""


MOST_WAITING = 256
"""How many requests that differ in one name wait for an explanation; the latest ones."""


Change = tuple[str, CookieKey]
"""The exchange whose response changed a cookie, and the cookie's key."""


class _Response(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A response that changed a cookie."""

    exchange_id: str
    at: float
    key: CookieKey


class _Differing(NamedTuple):
    """A request that differed from the jar, and its ordinal among all requests."""

    ordinal: int
    exchange_id: str
    host: str
    path: str


_ordinal = attrgetter("ordinal")


KEPT_SECONDS = 60.0
"""How old a response may be that is saved: more than any clock is set back while recording."""


class SavedCrossings(msgspec.Struct, frozen=True, gc=False):
    """The responses, open requests and differing requests that later verdicts can depend on."""

    responses: dict[str, tuple[_Response, ...]] = {}
    latest: float = 0.0
    open: dict[str, int] = {}
    differing: dict[str, tuple[_Differing, ...]] = {}
    count: int = 0


class Crossings:
    """The recent responses, and the requests that differed while others were open.

    Both are kept per cookie name. A request is open until its response arrives. All work
    together takes time linear in the requests and responses.
    """

    def __init__(self) -> None:
        self._responses: defaultdict[str, deque[_Response]] = defaultdict(deque)
        self._latest = 0.0
        self._open: dict[str, int] = {}
        self.waiting: defaultdict[str, list[_Differing]] = defaultdict(list)
        """The requests that wait for a response to explain them, by the cookies' names."""
        self._count = 0

    @property
    def open(self) -> Collection[str]:
        """The requests that have no response yet, the oldest first."""
        return self._open.keys()

    @property
    def differing(self) -> Collection[str]:
        """The requests that wait for a response to explain them, by name and then in order."""
        waiting = self.waiting.values()
        return dict.fromkeys(request.exchange_id for requests in waiting for request in requests)

    def saved(self) -> SavedCrossings:
        """Return everything that is recent or open, for ``restore``."""
        recent = {
            name: tuple([each for each in kept if abs(each.at - self._latest) <= KEPT_SECONDS])
            for name, kept in self._responses.items()
        }
        return SavedCrossings(
            {name: kept for name, kept in recent.items() if kept},
            self._latest,
            dict(self._open),
            {name: tuple(waiting) for name, waiting in self.waiting.items()},
            self._count,
        )

    def restore(self, saved: SavedCrossings) -> None:
        """Become what was saved. Nothing may have been recorded so far."""
        for name, kept in saved.responses.items():
            self._responses[name] = deque(kept)
        for name, waiting in saved.differing.items():
            self.waiting[name] = list(waiting)
        self._latest, self._count = saved.latest, saved.count
        self._open = dict(saved.open)

    def opened(
        self, exchange_id: str, differs_in: Iterable[str] = (), host: str = "", path: str = "/"
    ) -> None:
        """Record a request, and the names of the cookies in which it differs from the jar."""
        self._count += 1
        if self._open:
            for name in differs_in:
                waiting = self.waiting[name]
                waiting.append(_Differing(self._count, exchange_id, host, path))
                del waiting[:-MOST_WAITING]
        self._open[exchange_id] = self._count

    def explained(self, exchange_id: str, keys: Iterable[CookieKey]) -> dict[str, set[str]]:
        """Return the requests that differed in one of these cookies while this one was open.

        They are in order, each with the names that are explained. Each is returned once per
        name: what one response explains needs no other.
        """
        ordinal = self._open.get(exchange_id)
        if ordinal is None:
            return {}
        found: defaultdict[_Differing, set[str]] = defaultdict(set)
        for key in keys:
            waiting = self.waiting.get(key.name, [])
            first = bisect_right(waiting, ordinal, key=_ordinal)
            left = []
            for request in waiting[first:]:
                if covers(key, request.host, request.path):
                    found[request].add(key.name)
                else:
                    left.append(request)
            waiting[first:] = left
        return {request.exchange_id: found[request] for request in sorted(found)}

    def closed(self, exchange_id: str) -> None:
        """Record that a request has its response, or will get none."""
        self._open.pop(exchange_id, None)
        if self.waiting and not self._open:
            self.waiting.clear()

    def forget_open(self) -> None:
        """Record that no open request will get a response."""
        self._open.clear()
        self.waiting.clear()

    def changed(self, exchange_id: str, at: float, keys: Iterable[CookieKey]) -> None:
        """Record a response that changed these cookies, or may have."""
        if abs(at - self._latest) > _FORGOTTEN_AFTER:
            self._responses.clear()
        self._latest = at
        for key in keys:
            responses = self._responses[key.name]
            _drop_past(responses, at)
            responses.append(_Response(exchange_id, at, key))

    def under_way(
        self,
        name: str,
        key: CookieKey | None = None,
        *,
        besides: Container[Change] = (),
        at: float,
        followed: Collection[str],
        host: str,
        path: str,
    ) -> bool:
        """Return whether a response that changed a cookie may not have arrived by ``at``.

        The cookie is the one with that key, or if it is None, any of that name that a request
        for that host and path can carry. The changes in ``besides`` do not count. ``followed``
        are the exchanges whose responses are known to have arrived.
        """
        responses = self._responses.get(name)
        if not responses:
            return False
        _drop_past(responses, at)
        for response in reversed(responses):
            if response.at < at - OVERLAP_SECONDS:
                break
            if response.at > at or response.exchange_id in followed:
                continue
            if (response.exchange_id, response.key) in besides:
                continue
            if response.key == key if key is not None else covers(response.key, host, path):
                return True
        return False


def covers(key: CookieKey, host: str, path: str) -> bool:
    """Return whether a request for a host and path can carry a cookie."""
    if key.domain != host and (key.host_only or not domain_match(host, key.domain)):
        return False
    return path_match(path, key.path)


def _drop_past(responses: deque[_Response], at: float) -> None:
    """Forget responses from long before ``at``, or from before the clock was set back."""
    while responses and abs(at - responses[0].at) > _FORGOTTEN_AFTER:
        responses.popleft()
