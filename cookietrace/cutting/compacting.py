"""Removes the beginning of a capture, and keeps what later verdicts depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cookietrace.cutting.beginning import Beginning, Stays, begin
from cookietrace.events import (
    Body,
    Browser,
    Edited,
    Event,
    Failure,
    Removed,
    Request,
    Response,
    Server,
    Verdicts,
)

COMPACTED = Removed(exchanges=0, until=0.0, why="compacted")


def compact(
    events: Iterable[Event], stays: Stays, *, why: Removed = COMPACTED, browser: str = "auto"
) -> Iterator[Event]:
    """Yield the events of a capture without those before a cut.

    ``stays`` says where the cut may be, as for ``begin``. Instead of what is removed there is a
    ``jar`` event per client, so that every later exchange has the verdicts of the whole capture.
    """
    beginning = Beginning(browser)
    remaining = begin(events, stays, beginning)
    removed = beginning.removed(why)
    yield from beginning.events(removed)
    yield from belonging(remaining, beginning.trace.open_exchanges)


def belonging(events: Iterable[Event], known: Iterable[str]) -> Iterator[Event]:
    """Yield events without those of exchanges whose request is neither known nor among them."""
    requests = set(known)
    for event in events:
        if isinstance(event, Request):
            requests.add(event.exchange_id)
        elif not belongs(event, requests):
            continue
        yield event


def belongs(event: Event, requests: set[str]) -> bool:
    """Return whether an event is about no exchange, or about one of these."""
    if isinstance(event, Response | Body | Server | Verdicts | Edited):
        return event.exchange_id in requests
    if isinstance(event, Failure | Browser):
        return event.exchange_id is None or event.exchange_id in requests
    return True


def none_before(exchange_id: str) -> Stays:
    """Return a ``Stays`` for the request of an exchange and all that follows."""
    found = False

    def stays(event: Event) -> bool:
        nonlocal found
        found = found or (isinstance(event, Request) and event.exchange_id == exchange_id)
        return found

    return stays


def is_younger(at: float) -> Stays:
    """Return a ``Stays`` for the first request from a time on, and all that follows."""

    def stays(event: Event) -> bool:
        return isinstance(event, Request) and event.at >= at

    return stays
