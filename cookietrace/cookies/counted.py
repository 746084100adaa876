"""The cookies of one site that count towards its limits, by partition.

Their number and size are known without a look at each of them: a site can have thousands of
cookies that do not count, and thousands of partitions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cookietrace.cookies.cookie import Cookie, Key
from cookietrace.cookies.rules.eviction import size_of


class _Partition:
    """The cookies of one partition that count."""

    __slots__ = ("cookies", "size")

    def __init__(self) -> None:
        self.cookies: dict[Key, Cookie] = {}
        self.size = 0


_EMPTY = _Partition()


class Counted:
    """The cookies of one site that count towards its limits."""

    __slots__ = ("_next", "_partitions", "_places", "_unconfirmed")

    def __init__(self, *, unconfirmed: bool) -> None:
        """Start empty. ``unconfirmed`` is whether those that the client may not hold count."""
        self._unconfirmed = unconfirmed
        self._partitions: defaultdict[str | None, _Partition] = defaultdict(_Partition)
        self._places: dict[Key, int] = {}
        """Key -> the place of its cookie among all of the site, whether it counts or not."""
        self._next = 0

    # --- changes

    def put(self, key: Key, cookie: Cookie) -> None:
        """Add a cookie, or replace the one that has its key: it takes that one's place."""
        if key in self._places:
            self._leave(key)
        else:
            self._next += 1
            self._places[key] = self._next
        if self._unconfirmed or not cookie.unconfirmed:
            partition = self._partitions[cookie.partition_key]
            partition.cookies[key] = cookie
            partition.size += size_of(cookie)

    def remove(self, key: Key) -> None:
        """Remove the cookie that has this key."""
        del self._places[key]
        self._leave(key)

    def _leave(self, key: Key) -> None:
        """Stop counting the cookie that has this key, if it counts."""
        partition_key = key[-1]
        partition = self._partitions.get(partition_key)
        cookie = partition.cookies.pop(key, None) if partition is not None else None
        if partition is not None and cookie is not None:
            partition.size -= size_of(cookie)
            if not partition.cookies:
                del self._partitions[partition_key]

    # --- reading

    def number(self, partition: str | None) -> int:
        """Return how many cookies of a partition count."""
        return len(self._partitions.get(partition, _EMPTY).cookies)

    def size(self, partition: str | None) -> int:
        """Return the size of their names and values together, in bytes."""
        return self._partitions.get(partition, _EMPTY).size

    def cookies(self, partition: str | None) -> Iterable[Cookie]:
        """Return them in order of their places."""
        held, places = self._partitions.get(partition, _EMPTY).cookies, self._places
        return [held[key] for key in sorted(held, key=places.__getitem__)]
