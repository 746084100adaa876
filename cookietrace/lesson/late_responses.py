"""Responses that come late: committed after later requests of their client."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cookietrace.cookies import Outcome, StoreResult
from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.fold.overtaking import overtaken
from cookietrace.lesson.display_text import authority, span
from cookietrace.lesson.mask import Mask
from cookietrace.lesson.prose import named, page, valued
from cookietrace.trace import Trace

_EFFECTS = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.DELETED, Outcome.REJECTED})
"""Outcomes that have a row of their own in the execution table."""
_OF_RESPONSES = frozenset({RowKind.STORES, RowKind.REFUSED})
"""Those rows."""


def is_late(trace: Trace, exchange: Exchange) -> bool:
    """Return whether a response did something to cookies after others had come in between.

    That is a later request of the same client, or a response to it that did something to cookies.
    Automatic requests, such as for an icon, do not count.
    """
    response = exchange.response
    if response is None or not any(result.outcome in _EFFECTS for result in response.set_cookies):
        return False
    rows, requests = trace.rows, trace.requests
    client = requests.client(exchange.number)
    for number in range(exchange.number + 1, requests.until(response.position) + 1):
        if requests.client(number) == client and not rows.aside_of(rows.first_of(number)):
            return True
    between = range(rows.until(exchange.request.position), rows.before(response.position))
    return any(
        rows.kind_of(index) in _OF_RESPONSES and requests.client(rows.number_of(index)) == client
        for index in between
    )


def late_before(trace: Trace, number: int) -> Iterator[Exchange]:
    """Yield the exchanges whose late responses come right before a request, in their order.

    ``number`` is the request's; one more than there are exchanges stands for the end.
    """
    exchanges, requests, rows = trace.exchanges, trace.requests, trace.rows
    first = rows.until(requests.position(number - 1)) if number > 1 else 0
    last = rows.before(requests.position(number)) if number <= len(exchanges) else len(rows)
    seen = set()
    for index in range(first, last):
        of = rows.number_of(index)
        if rows.kind_of(index) not in _OF_RESPONSES or of in seen:
            continue
        seen.add(of)
        exchange = exchanges[of - 1]
        if is_late(trace, exchange):
            yield exchange


def newer_lost(trace: Trace, exchange: Exchange, result: StoreResult) -> Exchange | None:
    """Return the exchange whose newer cookie a response undid; None if it undid none.

    The cookie was set while the request was in progress, so that the request could not know it.
    """
    before = result.previous
    if before is None or (result.outcome is not Outcome.DELETED and before.value == result.value):
        return None
    stored = trace.stored(exchange.request.client_id, before.key)
    newer = overtaken(stored, exchange, result)
    return None if newer is None else trace.exchange(newer)


def late_text(
    exchange: Exchange,
    result: StoreResult,
    newer: Exchange,
    at: Callable[[int], str],
    mask: Mask,
) -> str:
    """Return what a late response undid, and in which order, as display text.

    ``newer`` is the exchange that ``newer_lost`` found; ``at`` returns what a text calls an
    exchange by its number.
    """
    part, response, before, other = exchange.request, exchange.response, result.previous, newer
    assert response is not None
    assert other.response is not None
    assert before is not None
    name = named(result.name)
    sent = [cookie.value for cookie in part.cookies if cookie.name == result.name]
    knew = f", made with {valued(sent[0], mask)}," if sent else ""
    seconds = response.at - other.response.at
    later = span(seconds) if seconds >= 1 else f"{max(0.0, seconds) * 1000:.0f} ms"
    what = (
        "deleted it"
        if result.outcome is Outcome.DELETED
        else f"replaced it with {valued(result.value, mask)}"
    )
    here, there = authority(part.target), authority(other.request.target)
    source, own = ("", "") if here == there else (f" from {there}", f", from {here},")
    order = (
        "The responses overtook each other: a browser obeys each as it arrives, whatever the order "
        "of the requests."
        if part.position < other.request.position
        else "Both requests were in progress at the same time, and a browser obeys each response "
        "as it arrives."
    )
    return (
        f"While the request for {page(exchange)} in {at(exchange.number)}{knew} was in progress, "
        f"the response{source} in {at(other.number)} set {name} to {valued(before.value, mask)}. "
        f"The response in {at(exchange.number)}{own} came {later} after that and {what}: "
        f"{valued(before.value, mask)} is lost. {order}"
    )


def late_fix(names: str) -> str:
    """Return what to do about responses that undo each other's cookies; given their names."""
    return (
        f"Let one request at a time renew {names}, and let the others wait for it. On the server, "
        "replace or delete only a value that the request contains."
    )
