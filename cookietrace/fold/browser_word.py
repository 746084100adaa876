"""What the browser itself said that is about no exchange: who wrote a cookie that no response set.

What it said about an exchange is with that exchange (``Exchange.browser``). Nothing here changes a
verdict: it is a second witness.
"""

from __future__ import annotations

from collections import OrderedDict, deque

import msgspec

from cookietrace.cookies import Cookie, Target
from cookietrace.events import Browser, BrowserChange

MOST_WRITES = 10_000
"""How many pairs of a name and a value that scripts wrote are remembered."""

MOST_TIMES = 8
"""How many writes of the same pair are; a page can write the same cookie again and again."""

MOST_RESTARTS = 1000
"""How many restarts of browsers are remembered: the latest, of all clients together."""

SOONER = 0.25
"""How many seconds after a request it may be said to have happened: two clocks are compared."""


MOST_ATTEMPTS = 200
"""How many writes that were not stored wait for the next request."""

MOST_TOLD = 10_000
"""Of how many requests it is remembered what was not stored before them."""


class Written(msgspec.Struct, frozen=True, gc=False):
    """One change of a browser's cookie store that no response made."""

    said_at: float
    said_by: str
    change: BrowserChange


_Changes = OrderedDict[tuple[str, str, str], tuple[Written, ...]]


class BrowserWord:
    """What browsers said beside the exchanges, of all clients."""

    def __init__(self) -> None:
        self.said_by: tuple[str, ...] = ()
        """Who said anything at all, in the order in which they first did."""
        self.unmatched = 0
        """How many statements are about no recorded exchange, and should have been."""
        self.matched = 0
        """How many are about an exchange."""
        self._written: _Changes = OrderedDict()
        """By client, name and value: the first one, and the latest."""
        self._deleted: _Changes = OrderedDict()
        self._restarts: deque[tuple[str, float]] = deque(maxlen=MOST_RESTARTS)
        """When the browser of which client was gone, and was found again later."""
        self.waiting: list[tuple[str, Written]] = []
        """By client, what was tried and not stored, until the next request."""
        self._attempts: OrderedDict[str, tuple[Written, ...]] = OrderedDict()
        """The same by the exchange before whose request it was tried."""

    def apply(self, event: Browser, *, known: bool) -> None:
        """Take a statement; ``known`` says whether it is about a known exchange."""
        if event.said_by not in self.said_by:
            self.said_by += (event.said_by,)
        self.matched += known
        self.unmatched += event.unmatched is not None
        if event.restarted and event.client_id is not None:
            self._restarts.append((event.client_id, event.said_at))
        for said in event.changes:
            change = said
            kept = self._written if change.kind == "added" else self._deleted
            key = (event.client_id or "", change.name, change.value)
            times = kept.pop(key, ())
            if times:  # a value can be long: it is kept once
                same = times[0].change
                change = msgspec.structs.replace(change, name=same.name, value=same.value)
            if len(times) == MOST_TIMES:
                times = (times[0], *times[2:])
            kept[key] = (*times, Written(event.said_at, event.said_by, change))
            if len(kept) > MOST_WRITES:
                kept.popitem(last=False)

    def tried(self, event: Browser) -> tuple[tuple[str, Written], ...]:
        """Return what a statement says about writes that were not stored, each with its client."""
        name = event.client_id
        if name is None:
            return ()
        return tuple([(name, Written(event.said_at, event.said_by, each)) for each in event.tried])

    def wait(self, client_id: str, attempt: Written) -> None:
        """Keep what was tried until the next request to that host."""
        self.waiting.append((client_id, attempt))
        del self.waiting[:-MOST_ATTEMPTS]

    def requested(self, exchange_id: str, client_id: str, target: Target, at: float) -> None:
        """Enter a request: what was tried before it is told there, and nowhere else."""
        left = []
        for each in self.waiting:
            if each[0] == client_id and follows(each[1], target, at):
                self.attempt(exchange_id, each[1])
            else:
                left.append(each)
        self.waiting = left

    def attempt(self, exchange_id: str, attempt: Written) -> None:
        """Enter what was tried before the request of an exchange, and not stored."""
        before = self._attempts.get(exchange_id, ())
        if len(before) < MOST_ATTEMPTS:
            self._attempts[exchange_id] = (*before, attempt)
            if len(self._attempts) > MOST_TOLD:
                self._attempts.popitem(last=False)

    def attempts(self, exchange_id: str) -> tuple[Written, ...]:
        """Return what scripts tried to write before the request, and the browser did not store."""
        return self._attempts.get(exchange_id, ())

    def restarted(self, client_id: str, cookie: Cookie, before: float) -> bool:
        """Return whether a client's browser was started again since it last held a cookie for sure.

        ``before`` is the time of the request that lacked it.
        """
        held = max(cookie.set_at, cookie.last_access_at)
        return any(
            each == client_id and held <= at <= before + SOONER for each, at in self._restarts
        )

    def writer(self, client_id: str, name: str, value: str, before: float) -> Written | None:
        """Return how a cookie that a request carried was written, if no response set it.

        ``before`` is when the request was made. None if the browser said nothing about it.
        """
        return _sooner(self._written.get((client_id, name, value), ()), before)

    def deleter(self, client_id: str, name: str, value: str, before: float) -> Written | None:
        """Return how a cookie that a request lacked was deleted, if no response did."""
        return _sooner(self._deleted.get((client_id, name, value), ()), before)


def _sooner(times: tuple[Written, ...], before: float) -> Written | None:
    """Return the latest that had happened."""
    happened = (each for each in times if each.said_at <= before + SOONER)
    return max(happened, key=lambda each: each.said_at, default=None)


def follows(attempt: Written, target: Target, at: float) -> bool:
    """Return whether a request made ``at`` this time follows an attempt, at the same host.

    What else was asked for may be why it was refused, so that does not count.
    """
    return attempt.said_at <= at and target.host == attempt.change.domain
