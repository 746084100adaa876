"""Copies the exchanges from one to another out of a capture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from cookietrace.cutting.beginning import Beginning
from cookietrace.cutting.compacting import belongs
from cookietrace.events import Event, Jar, Removed, Request, Response
from cookietrace.fold.headers import response_headers

LEFT_OUT = Removed(exchanges=0, until=0.0, why="left out")


class Stretch(msgspec.Struct, frozen=True):
    """The requests of a capture, from the first to the last one."""

    first: str | None = None
    """The id of an exchange; None for the first of the capture."""
    last: str | None = None
    """None for the last of the capture."""


def stretch(events: Iterable[Event], chosen: Stretch, browser: str = "auto") -> Iterator[Event]:
    """Yield the exchanges of a stretch, whole, with the verdicts that the capture gives them.

    They begin with a ``jar`` event per client if exchanges before them are left out. Those without
    response at that moment are in it too. What comes after the last request is left out, except
    for the responses of its exchanges. If a response is that late, and exchanges between changed
    the jar, another ``jar`` event comes before it.
    """
    remaining = iter(events)
    beginning, requests = Beginning(browser), set[str]()
    if chosen.first is not None:
        for event in remaining:
            if isinstance(event, Request) and event.exchange_id == chosen.first:
                begun = beginning.events(beginning.removed(LEFT_OUT))
                requests.update(each.exchange_id for each in begun if isinstance(each, Request))
                yield from begun
                requests.add(event.exchange_id)
                yield event
                beginning.apply(event)
                break
            beginning.apply(event)
    if chosen.last is None or chosen.last != chosen.first:
        for event in remaining:
            if isinstance(event, Request):
                requests.add(event.exchange_id)
            if belongs(event, requests):
                yield event
            beginning.apply(event)
            if isinstance(event, Request) and event.exchange_id == chosen.last:
                break
    yield from _late(remaining, beginning, requests)


def _late(events: Iterator[Event], beginning: Beginning, requests: set[str]) -> Iterator[Event]:
    """Yield what still comes of exchanges whose requests are in a stretch."""
    changed: set[str] = set()
    """The clients that have sent further requests, which are left out."""
    for event in events:
        if isinstance(event, Request):
            changed.add(event.client_id)
        elif belongs(event, requests) and getattr(event, "exchange_id", None) is not None:
            if isinstance(event, Response) and _changes_jars(event):
                found = beginning.trace.find(event.exchange_id)
                client_id = None if found is None else found.request.client_id
                if client_id in changed:
                    changed.discard(client_id)
                    yield from _jar_of(client_id, beginning.trace.jars(None))
            yield event
        beginning.apply(event)


def _changes_jars(event: Response) -> bool:
    headers = response_headers(event.headers)
    return bool(headers.set_cookies or headers.clear_site_data)


def _jar_of(client_id: str, jars: Sequence[Jar]) -> Iterator[Jar]:
    for jar in jars:
        if jar.client_id == client_id:
            yield jar
