"""What a Set-Cookie line did to the cookies of a jar."""

from __future__ import annotations

from typing import NamedTuple

from cookietrace.cookies import Cookie, CookieKey, Outcome, StoreResult

STORED = (Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED)
"""The outcomes after which the jar holds the line's cookie."""

CHANGING = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.DELETED})
"""The outcomes that change what the jar holds under a name."""


class Effect(NamedTuple):
    """What a line did to one key."""

    key: CookieKey
    before: Cookie | None
    after: Cookie | None


def effects(result: StoreResult) -> list[Effect]:
    """Return what a line did to the jar, or would have done if there was anything to delete."""
    previous, cookie = result.previous, result.cookie
    if result.outcome in STORED:
        assert cookie is not None
        if previous is not None and previous.key != cookie.key:
            return [Effect(previous.key, previous, None), Effect(cookie.key, None, cookie)]
        return [Effect(cookie.key, previous, cookie)]
    if result.outcome is Outcome.DELETED and previous is not None:
        return [Effect(previous.key, previous, None)]
    return [] if result.aimed is None else [Effect(result.aimed, None, None)]


def makes_a_difference(effect: Effect) -> bool:
    """Return whether a jar without this effect could ever send something else."""
    _, before, after = effect
    if before is None or after is None:
        return before is not after
    return after.unconfirmed or after.expires_at is not None
