"""Responses that came so late that they undid what a later cookie had just set."""

from __future__ import annotations

from cookietrace.cookies import Outcome, Standing, StoreResult
from cookietrace.fold.exchange import Exchange
from cookietrace.fold.jar_history import StoredChanges

_KNOWN = (Standing.CERTAIN, Standing.CONFIRMED)


def overtaken(stored: StoredChanges, exchange: Exchange, result: StoreResult) -> str | None:
    """Return the exchange that set the cookie which a late response replaced or deleted.

    The response is late if its request was made before that cookie was set: the server did
    not know about it. ``result`` is one of the exchange, and ``stored`` are the changes in which
    responses stored that cookie. None if the response was not late, or if its effect is not known.
    """
    response, previous = exchange.response, result.previous
    if response is None or previous is None or result.standing not in _KNOWN:
        return None
    if result.outcome not in (Outcome.REPLACED, Outcome.DELETED):
        return None
    newer = stored.last_within(exchange.request.position, response.position)
    return None if newer is None else newer.exchange_id
