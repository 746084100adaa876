"""Responses that came so late that they undid what a later cookie had just set."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from cookietrace.cookies import Outcome, Standing, StoreResult
from cookietrace.fold.exchange import Exchange, JarChange

_position = attrgetter("position")
_KNOWN = (Standing.CERTAIN, Standing.CONFIRMED)


def overtaken(stored: Sequence[JarChange], exchange: Exchange, result: StoreResult) -> str | None:
    """Return the exchange that set the cookie which a late response replaced or deleted.

    The response is late if its request was made before that cookie was set: the server did
    not know of it. ``result`` is one of the exchange, and ``stored`` are the changes in which
    responses stored that cookie. None if the response was not late, or if its effect is not known.
    """
    response, previous = exchange.response, result.previous
    if response is None or previous is None or result.standing not in _KNOWN:
        return None
    if result.outcome not in (Outcome.REPLACED, Outcome.DELETED):
        return None
    index = bisect_left(stored, response.position, key=_position)
    if index == 0 or stored[index - 1].position <= exchange.request.position:
        return None
    return stored[index - 1].exchange_id
