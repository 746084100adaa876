"""Requests and responses of one client that crossed, so that no verdict is possible."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from typing import NamedTuple

OVERLAP_SECONDS = 1.0
"""How long before a request a response may have been sent without having reached the jar."""


_FORGOTTEN_AFTER = 2 * OVERLAP_SECONDS
"""Seconds after which a response no longer affects any request."""


class _Response(NamedTuple):
    """A response that changed cookies."""

    exchange_id: str
    at: float


class _Differing(NamedTuple):
    """A request that differed from the jar, and its ordinal among all requests."""

    ordinal: int
    exchange_id: str


class Crossings:
    """The recent responses, and the requests that differed while others were open.

    Both are kept per cookie name. A request is open until its response arrives. All work
    together takes time linear in the requests and responses.
    """

    def __init__(self) -> None:
        self._responses: defaultdict[str, deque[_Response]] = defaultdict(deque)
        self._latest = 0.0
        self._open: dict[str, int] = {}
        self._differing: defaultdict[str, list[_Differing]] = defaultdict(list)
        self._count = 0

    @property
    def nothing_differs(self) -> bool:
        """Whether no request waits for a response to explain it."""
        return not self._differing

    def opened(self, exchange_id: str, differs_in: Iterable[str]) -> None:
        """Record a request, and the names of the cookies in which it differs from the jar."""
        self._count += 1
        if self._open:
            for name in differs_in:
                self._differing[name].append(_Differing(self._count, exchange_id))
        self._open[exchange_id] = self._count

    def explained(self, exchange_id: str, names: Iterable[str]) -> list[str]:
        """Return the requests that differed in one of these cookies while this one was open.

        They are in order, and each is returned once per name: what one response explains
        needs no other.
        """
        ordinal = self._open.get(exchange_id)
        if ordinal is None:
            return []
        found = set()
        for name in names:
            waiting = self._differing.get(name)
            while waiting and waiting[-1].ordinal > ordinal:
                found.add(waiting.pop())
        return [request.exchange_id for request in sorted(found)]

    def closed(self, exchange_id: str) -> None:
        """Record that a request has its response, or will get none."""
        self._open.pop(exchange_id, None)
        if self._differing and not self._open:
            self._differing.clear()

    def forget_open(self) -> None:
        """Record that no open request will get a response."""
        self._open.clear()
        self._differing.clear()

    def changed(self, exchange_id: str, at: float, names: Iterable[str]) -> None:
        """Record a response that changed cookies of these names."""
        if abs(at - self._latest) > _FORGOTTEN_AFTER:
            self._responses.clear()
        self._latest = at
        for name in names:
            responses = self._responses[name]
            _drop_past(responses, at)
            responses.append(_Response(exchange_id, at))

    def under_way(self, name: str, at: float, followed: Collection[str]) -> bool:
        """Return whether a response that changed this cookie may not have arrived by ``at``.

        ``followed`` are the exchanges whose responses are known to have arrived.
        """
        responses = self._responses.get(name)
        if not responses:
            return False
        _drop_past(responses, at)
        for response in reversed(responses):
            if response.at < at - OVERLAP_SECONDS:
                break
            if response.at <= at and response.exchange_id not in followed:
                return True
        return False


def _drop_past(responses: deque[_Response], at: float) -> None:
    """Forget responses from long before ``at``, or from before the clock was set back."""
    while responses and abs(at - responses[0].at) > _FORGOTTEN_AFTER:
        responses.popleft()
