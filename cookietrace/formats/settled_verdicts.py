"""The events of a capture that is published while it is recorded, as a file has them.

There, an exchange may have several verdict records: each revised one takes the place of those
before. In a file it has one, the newest, and no record speaks of what is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from cookietrace.events import Event, Request, Response, Verdicts
from cookietrace.stores import START, CaptureStore

_NAMES = (b'"settled_by":"', b'"refused_in":"', b'"set_in":"')
"""Where a record may name another exchange."""


def settled_events(store: CaptureStore) -> Iterator[Event]:
    """Yield what a store holds now, each exchange with its newest verdicts after its request.

    Raises as the store does.
    """
    newest: dict[str, int] = {}
    asked: set[str] = set()
    responded: set[str] = set()
    end = 0
    position = START
    while (batch := store.read(position)).events:
        position = batch.position
        for event, place in zip(batch.events, batch.places, strict=True):
            if isinstance(event, Request):
                asked.add(event.exchange_id)
            elif isinstance(event, Response):
                responded.add(event.exchange_id)
            elif isinstance(event, Verdicts) and event.revised:
                newest[event.exchange_id] = place
            end = max(end, place)
    position = START
    while (batch := store.read(position)).events:
        position = batch.position
        for event, place in zip(batch.events, batch.places, strict=True):
            if place > end:
                return
            if isinstance(event, Verdicts):
                if event.revised or event.exchange_id not in asked:
                    continue
                if (at := newest.pop(event.exchange_id, None)) is not None:
                    for found in store.events_at([at]):
                        if isinstance(found, Verdicts) and found.exchange_id == event.exchange_id:
                            event = msgspec.structs.replace(event, content=found.content)
                event = _fitted(event, asked, responded)
            yield event


def _fitted(event: Verdicts, asked: set[str], responded: set[str]) -> Verdicts:
    """Return verdicts that say nothing about a response or an exchange that is not there."""
    content = bytes(event.content)
    if event.exchange_id in responded and not any(name in content for name in _NAMES):
        return event
    try:
        record: Any = msgspec.json.decode(content)
        if event.exchange_id not in responded:
            record |= {"status_code": None, "set_cookies": [], "response_changes": []}
        for line in record["set_cookies"]:
            if line.get("settled_by") is not None and line["settled_by"] not in asked:
                line |= {"standing": "unconfirmed", "settled_by": None}
        for cookie in record["request_cookies"]:
            for name in ("refused_in", "set_in"):
                if cookie.get(name) is not None and cookie[name] not in asked:
                    cookie[name] = None
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError, RecursionError):
        return event  # whoever reads it says what is wrong with it
    return msgspec.structs.replace(event, content=msgspec.Raw(msgspec.json.encode(record)))
