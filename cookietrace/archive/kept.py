"""What is kept of an exchange: all but its headers and bodies, which stay in the capture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from cookietrace.events import Body, Browser, Edited, Event, Failure, Request, Response, Server
from cookietrace.fold.exchange import Exchange


class Kept(msgspec.Struct, frozen=True, gc=False):
    """One exchange, and where its events are in the capture."""

    exchange: Exchange
    """Perhaps without the headers and bodies of its events, and without what a witness told."""
    places: tuple[int, ...]


def stripped(exchange: Exchange) -> Exchange:
    """Return an exchange without what stays in the capture."""
    part, response = exchange.request, exchange.response
    if response is not None:
        response = msgspec.structs.replace(response, event=_without_headers(response.event))
    return Exchange(
        number=exchange.number,
        request=msgspec.structs.replace(part, event=_without_headers(part.event)),
        row=exchange.row,
        response=response,
    )


def _without_headers(event: Any) -> Any:
    return msgspec.structs.replace(event, headers=())


def whole(kept: Kept, events: Sequence[Event]) -> Exchange:
    """Return the exchange again. ``events`` are those at its places, as far as they are there.

    What was removed from the capture meanwhile is missing in the exchange: its headers are empty.
    Then an event of another exchange may be in its place, as the new beginning of the capture.
    """
    exchange = kept.exchange
    part, response = exchange.request, exchange.response
    changed: dict[str, Any] = {}
    for event in events:
        if getattr(event, "exchange_id", None) != part.event.exchange_id:
            continue
        match event:
            case Request():
                if event.client_id != part.event.client_id:
                    # A viewer may have given the request to a fresh browser.
                    client_id = part.event.client_id
                    event = msgspec.structs.replace(event, client_id=client_id)
                changed["request"] = msgspec.structs.replace(part, event=event)
            case Response():
                if response is not None:
                    changed["response"] = msgspec.structs.replace(response, event=event)
            case Body():
                changed[f"{event.of}_body"] = event
            case Server():
                changed["server"] = event
            case Failure():
                changed["failure"] = event
            case Edited():
                changed["edited"] = (*changed.get("edited", ()), event)
            case Browser():
                changed["browser"] = event
            case _:
                pass
    return msgspec.structs.replace(exchange, **changed) if changed else exchange


EventsAt = Callable[[Sequence[int]], Sequence[Event]]
"""Returns the events at these places of a capture, in their order; those that are gone are left
out. Raises ``CaptureError``."""
