"""A queue of cookies by expiry time that is cheap to keep up to date."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from cookietrace.cookies.cookie import Key

_NEVER = float("inf")


class ExpiryQueue:
    """The times at which cookies have to be checked for expiry.

    Setting a cookie again with a later expiry costs nothing: the cookie is
    checked at its old expiry time, and then scheduled again.
    """

    __slots__ = ("_due", "_scheduled", "_ticket", "next")

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Key]] = []
        self._scheduled: dict[Key, float] = {}
        self._ticket = 0
        self.next = _NEVER
        """The earliest time at which a cookie may be due."""

    def __len__(self) -> int:
        return len(self._due)

    def schedule(self, key: Key, expires_at: float) -> bool:
        """Schedule a check. Return False if an earlier check is already scheduled."""
        scheduled = self._scheduled.get(key)
        if scheduled is not None and scheduled <= expires_at:
            return False
        self._ticket += 1
        self._scheduled[key] = expires_at
        heapq.heappush(self._due, (expires_at, self._ticket, key))
        self.next = self._due[0][0]
        return True

    def take_due(self, now: float) -> list[Key]:
        """Return the keys that are due. The caller must evict or reschedule each of them."""
        due, found = self._due, []
        while due and due[0][0] <= now:
            expires_at, _, key = heapq.heappop(due)
            if self._scheduled.get(key) == expires_at:
                del self._scheduled[key]
                found.append(key)
        self.next = due[0][0] if due else _NEVER
        return found

    def rebuild(self, cookies: Iterable[tuple[Key, float]]) -> None:
        """Replace the contents of the queue with these keys and expiry times."""
        self._due, self._scheduled, self.next = [], {}, _NEVER
        for key, expires_at in cookies:
            self.schedule(key, expires_at)
