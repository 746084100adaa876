"""Removing excess cookies of one site (-22 5.7), in the order in which Chromium does it."""

from __future__ import annotations

from collections.abc import Iterable

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
"""Whose turn it is, and whether Secure cookies are spared in it."""


def excess(cookies: Iterable[Cookie], stay: int) -> list[Cookie]:
    """Return the cookies that have to go so that ``stay`` are left.

    Cookies that were not sent for the longest time go first, the insecure
    before the secure, and low priority before high.
    """
    waiting = sorted(cookies, key=_by_use)
    goal = len(waiting) - stay
    gone: list[Cookie] = []
    for priority, spare_secure in _ROUNDS:
        if len(gone) >= goal:
            break
        turn = [cookie for cookie in waiting if cookie.priority is priority]
        allowed = _allowance(turn, _QUOTAS[priority], spare_secure)
        eligible = [cookie for cookie in turn if not (spare_secure and cookie.secure)]
        taken = eligible[: min(allowed, goal - len(gone))]
        gone += taken
        names = {id(cookie) for cookie in taken}
        waiting = [cookie for cookie in waiting if id(cookie) not in names]
    return gone


def excess_of_partition(cookies: Iterable[Cookie], most: float, octets: float) -> list[Cookie]:
    """Return the cookies that have to go so that the rest are few and small enough.

    ``octets`` is the room for all names and values together. Cookies that were
    not sent for the longest time go first, whatever else they are.
    """
    held = sorted(cookies, key=_by_use)
    size = sum(map(_octets, held))
    gone = 0
    while len(held) - gone > most or size > octets:
        size -= _octets(held[gone])
        gone += 1
    return held[:gone]


def _octets(cookie: Cookie) -> int:
    """Return how much room a cookie takes."""
    return len(cookie.name) + len(cookie.value)


def _allowance(turn: list[Cookie], quota: int, spare_secure: bool) -> int:
    """Return how many of one priority may go in a round that spares ``quota`` of them."""
    if len(turn) <= quota:
        return 0
    secure = sum(cookie.secure for cookie in turn) if spare_secure else 0
    return len(turn) - (max(secure, quota - secure) if secure <= quota else 0)


def _by_use(cookie: Cookie) -> tuple[float, float, int]:
    """The order of last use; cookies used at the same time go in order of creation."""
    return cookie.last_access_at, cookie.created_at, cookie.sequence
