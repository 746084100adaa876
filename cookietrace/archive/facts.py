"""What is kept of an exchange apart from its headers and bodies, which stay in the capture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from cookietrace.cookies import RequestContext, StoreResult, parse_target
from cookietrace.events import Body, Event, Failure, Request, Response, Server
from cookietrace.fold.exchange import (
    Exchange,
    RequestCookie,
    RequestPart,
    ResponsePart,
    Row,
    RowKind,
)

_LEFT_OUT = frozenset({"event", "target", "context", "cookies"})
"""The fields of a request that are made again or kept apart."""

_FIELDS = tuple(
    field for field in msgspec.structs.fields(RequestPart) if field.name not in _LEFT_OUT
)
_derived = attrgetter(*(field.name for field in _FIELDS))

Derived: Any = msgspec.defstruct(
    "Derived",
    [(field.name, field.type) for field in _FIELDS],
    module=__name__,
    frozen=True,
    array_like=True,
    gc=False,
)
"""What the fold derived of a request: the fields of a ``RequestPart`` that are kept."""


class Facts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One exchange without the texts of its events."""

    request: Request
    """Without headers, and without anything else than that."""
    derived: Derived
    context: RequestContext
    cookies: tuple[RequestCookie, ...]
    row: tuple[int, int, int]
    """Index, number and aside of its own row."""
    response: Response | None
    """Without headers."""
    response_position: int
    results: tuple[StoreResult, ...]
    places: tuple[int, ...]
    """Where its events are in the capture."""


def facts_of(exchange: Exchange, places: Sequence[int]) -> Facts:
    """Return what is kept of an exchange whose events are at these places of the capture."""
    part, response, row = exchange.request, exchange.response, exchange.row
    return Facts(
        request=_without_headers(part.event),
        derived=Derived(*_derived(part)),
        context=part.context,
        cookies=part.cookies,
        row=(row.index, row.number, row.aside),
        response=None if response is None else _without_headers(response.event),
        response_position=0 if response is None else response.position,
        results=() if response is None else response.set_cookies,
        places=tuple(places),
    )


def whole(facts: Facts, number: int, events: Sequence[Event]) -> Exchange:
    """Return the exchange again. ``events`` are those at its places, as far as they are there.

    What was removed from the capture meanwhile is missing in the exchange: its headers are empty.
    Then an event of another exchange may be in its place, as the new beginning of the capture.
    """
    parts: dict[str, Any] = {}
    request, answered = facts.request, facts.response
    for event in events:
        if getattr(event, "exchange_id", None) != request.exchange_id:
            continue
        match event:
            case Request():
                # A viewer may have given the request to a fresh browser.
                request = msgspec.structs.replace(event, client_id=request.client_id)
            case Response():
                answered = event
            case Body():
                parts[f"{event.of}_body"] = event
            case Server():
                parts["server"] = event
            case Failure():
                parts["failure"] = event
            case _:
                pass
    derived = facts.derived
    kept = {name: getattr(derived, name) for name in derived.__struct_fields__}
    part = RequestPart(
        event=request,
        target=parse_target(request.url),
        context=facts.context,
        cookies=facts.cookies,
        **kept,
    )
    response = None
    if answered is not None:
        response = ResponsePart(answered, facts.response_position, facts.results)
    index, row_number, aside = facts.row
    row = Row(
        index=index,
        kind=RowKind.EXCHANGE,
        exchange_id=request.exchange_id,
        position=part.position,
        number=row_number,
        aside=aside,
    )
    return Exchange(number, part, row, response, **parts)


EventsAt = Callable[[Sequence[int]], Sequence[Event]]
"""Returns the events at these places of a capture, in their order; those that are gone are left
out. Raises ``CaptureError``."""


def _without_headers(event: Any) -> Any:
    return msgspec.structs.replace(event, headers=()) if event.headers else event
