"""Responses that came so late that they undid what a later cookie had just set."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from cookietrace.cookies import Outcome, Standing, StoreResult
from cookietrace.fold.exchange import Exchange, JarChange

_position = attrgetter("position")
_KNOWN = (Standing.CERTAIN, Standing.CONFIRMED)


def overtaken(changes: Sequence[JarChange], exchange: Exchange, result: StoreResult) -> str | None:
    """Return the exchange that set the cookie which a late response replaced or deleted.

    The response is late if its request was made before that cookie was set: the server did
    not know of it. ``changes`` are all of the client's jar, and ``result`` is one of the
    exchange. None if the response was not late, or if its effect is not known.
    """
    response, previous = exchange.response, result.previous
    if response is None or previous is None or result.standing not in _KNOWN:
        return None
    if result.outcome not in (Outcome.REPLACED, Outcome.DELETED):
        return None
    index = bisect_left(changes, response.position, key=_position)
    while index > 0 and changes[index - 1].position > exchange.request.position:
        index -= 1
        change = changes[index]
        if change.key == previous.key and change.cause == "stored":
            return change.exchange_id
    return None
