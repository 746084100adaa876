"""Finds a client by the number that texts and screens give it."""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace.errors import FormatError
from cookietrace.events import Client, Event, Jar, Request, Session
from cookietrace.fold.housekeeping import is_doctor


def numbered_client(events: Iterable[Event], number: int) -> str:
    """Return the id of the client with a number: clients count from 1 as they appear.

    Our own doctor is not counted.
    Reads no further than that. Raises ``FormatError`` if there is no such client.
    """
    known: dict[str, None] = {}
    doctor: set[str] = set()
    for event in events:
        if isinstance(event, Client) and is_doctor(event.user_agent):
            doctor.add(event.client_id)
        elif isinstance(event, Client | Session | Jar | Request) and event.client_id not in doctor:
            known[event.client_id] = None
            if len(known) == number:
                return event.client_id
    have = f"they are 1 to {len(known)}" if known else "there is none"
    raise FormatError(f"there is no client {number} in this capture: {have}")
