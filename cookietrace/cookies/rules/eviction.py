"""Choose the excess cookies of one site to evict (-22 5.7), as Chromium and as Firefox do it."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from cookietrace.cookies.cookie import Cookie, Priority

_QUOTAS = {Priority.LOW: 30, Priority.MEDIUM: 50, Priority.HIGH: 70}
"""How many cookies of a priority are spared in each round."""

_ROUNDS = (
    (Priority.LOW, True),
    (Priority.LOW, False),
    (Priority.MEDIUM, True),
    (Priority.HIGH, True),
    (Priority.MEDIUM, False),
    (Priority.HIGH, False),
)
"""The priority that is considered in each round, and whether Secure cookies are spared."""


def excess(cookies: Iterable[Cookie], keep: int) -> list[Cookie]:
    """Return the cookies to evict so that ``keep`` are left.

    The least recently used go first, insecure before secure, and low priority
    before high.
    """
    remaining = sorted(cookies, key=_by_use)
    goal = len(remaining) - keep
    gone: list[Cookie] = []
    for priority, spare_secure in _ROUNDS:
        if len(gone) >= goal:
            break
        in_round = [cookie for cookie in remaining if cookie.priority is priority]
        allowed = _allowance(in_round, _QUOTAS[priority], spare_secure)
        eligible = [cookie for cookie in in_round if not (spare_secure and cookie.secure)]
        evicted = eligible[: min(allowed, goal - len(gone))]
        gone += evicted
        names = {id(cookie) for cookie in evicted}
        remaining = [cookie for cookie in remaining if id(cookie) not in names]
    return gone


def excess_of_partition(cookies: Iterable[Cookie], most: float, most_bytes: float) -> list[Cookie]:
    """Return the cookies to evict so that the rest are within both limits.

    ``most_bytes`` limits the size of all names and values together. The least
    recently used go first; nothing else matters.
    """
    held = sorted(cookies, key=_by_use)
    size = sum(map(size_of, held))
    gone = 0
    while len(held) - gone > most or size > most_bytes:
        size -= size_of(held[gone])
        gone += 1
    return held[:gone]


def room_for(cookie: Cookie, held: Iterable[Cookie], most: int, keep: int) -> list[Cookie] | None:
    """Return the cookies to evict before a new one is stored; None if there is no room for it.

    ``held`` are those of its site and partition. If they are ``most``, so many are evicted
    that ``keep`` are left with the new one: the least recently used, and only insecure ones if
    there are any. An insecure cookie does not take the place of a Secure one.
    """
    by_use = sorted(held, key=_by_use)
    surplus = len(by_use) - keep + 1
    if len(by_use) < most:
        return []
    insecure = [other for other in by_use if not other.secure]
    if insecure:
        return insecure[:surplus]
    return by_use[:surplus] if cookie.secure else None


def room_in_partition(
    cookie: Cookie, held: Iterable[Cookie], most_bytes: float, overrun: float
) -> list[Cookie]:
    """Return the cookies of a partition to evict before a Partitioned one is stored.

    If the names and values would exceed ``most_bytes`` times ``overrun``, the least recently
    used are evicted, insecure ones first, until they are within ``most_bytes``. Cookies with the
    new one's name are neither counted nor spared.
    """
    by_use = sorted(held, key=_by_use)
    size = sum(size_of(other) for other in by_use if other.name != cookie.name) + size_of(cookie)
    if size <= most_bytes * overrun:
        return []
    gone: list[Cookie] = []
    for other in sorted(by_use, key=attrgetter("secure")):
        if size <= most_bytes:
            break
        gone.append(other)
        size -= size_of(other)
    return gone


def size_of(cookie: Cookie) -> int:
    """Return the size of a cookie's name and value, in bytes."""
    return len(cookie.name) + len(cookie.value)


def _allowance(in_round: list[Cookie], quota: int, spare_secure: bool) -> int:
    """Return how many of one priority can be evicted in a round that spares ``quota``."""
    if len(in_round) <= quota:
        return 0
    secure = sum(cookie.secure for cookie in in_round) if spare_secure else 0
    return len(in_round) - (max(secure, quota - secure) if secure <= quota else 0)


def _by_use(cookie: Cookie) -> tuple[float, float, int]:
    """Sort key: the order of last use, then of creation."""
    return cookie.last_access_at, cookie.created_at, cookie.sequence
