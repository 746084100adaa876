"""Which cookies of a jar may be due: a queue by expiry that is cheap to keep up to date."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from cookietrace.cookies.cookie import Key

_NEVER = float("inf")


class ExpiryQueue:
    """When to look at which cookie again.

    A cookie that is set again with a later expiry costs nothing: it is looked
    at when its old expiry comes, and noted anew.
    """

    __slots__ = ("_due", "_noted", "_ticket", "next")

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Key]] = []
        self._noted: dict[Key, float] = {}
        self._ticket = 0
        self.next = _NEVER
        """Before this time nothing is due."""

    def __len__(self) -> int:
        return len(self._due)

    def note(self, key: Key, expires_at: float) -> bool:
        """Look at a cookie at that time; False where an earlier one was noted before."""
        noted = self._noted.get(key)
        if noted is not None and noted <= expires_at:
            return False
        self._ticket += 1
        self._noted[key] = expires_at
        heapq.heappush(self._due, (expires_at, self._ticket, key))
        self.next = self._due[0][0]
        return True

    def take_due(self, now: float) -> list[Key]:
        """Return whose time has come; each must be evicted, or noted again."""
        due, found = self._due, []
        while due and due[0][0] <= now:
            expires_at, _, key = heapq.heappop(due)
            if self._noted.get(key) == expires_at:
                del self._noted[key]
                found.append(key)
        self.next = due[0][0] if due else _NEVER
        return found

    def rebuild(self, cookies: Iterable[tuple[Key, float]]) -> None:
        """Forget all but these."""
        self._due, self._noted, self.next = [], {}, _NEVER
        for key, expires_at in cookies:
            self.note(key, expires_at)
