"""Adds ``session`` events to the events of a capture, where a reader says that they belong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from cookietrace.events import (
    SCHEMA,
    Browser,
    Capture,
    Client,
    Event,
    Failure,
    Jar,
    Request,
    Session,
)


class NewSessions:
    """Fresh browsers that take over from clients, each from a request on.

    It sees each event of a capture once, in order. Nothing is added for a request that is its
    client's first: that client's jar is empty anyway.
    """

    def __init__(self, requests: Collection[str]) -> None:
        """``requests`` are the ids of the exchanges with which fresh browsers begin."""
        self._requests = frozenset(requests)
        self._clients: dict[str, Client] = {}
        self._now: dict[str, str] = {}
        """A client of the capture -> the fresh browser in its place."""
        self._owners: dict[str, str] = {}
        """The exchanges that now belong to a fresh browser."""
        self._used: set[str] = set()
        """The clients that have made a request."""

    def all(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield the next events, with those that are added."""
        for event in events:
            yield from self.events(event)

    def placed(
        self, events: Iterable[tuple[Event, int | None]]
    ) -> Iterator[tuple[Event, int | None]]:
        """Do the same with events and their places; what is added has none."""
        for event, place in events:
            *added, event = self.events(event)
            for each in added:
                yield each, None
            yield event, place

    def events(self, event: Event) -> tuple[Event, ...]:
        """Return what takes the place of the next event."""
        match event:
            case Capture():
                return (msgspec.structs.replace(event, schema=max(event.schema, SCHEMA)),)
            case Client():
                self._clients.setdefault(event.client_id, event)
            case Jar():
                self._used.add(event.client_id)
            case Session():
                follows = self._now.get(event.follows, event.follows)
                return (msgspec.structs.replace(event, follows=follows),)
            case Request():
                return self._request(event)
            case Failure() | Browser() if event.client_id is not None:
                client_id = self._now.get(event.client_id, event.client_id)
                if event.exchange_id is not None:
                    client_id = self._owners.get(event.exchange_id, event.client_id)
                return (msgspec.structs.replace(event, client_id=client_id),)
            case _:
                pass
        return (event,)

    def _request(self, event: Request) -> tuple[Event, ...]:
        of = event.client_id
        now = self._now.get(of, of)
        added: tuple[Event, ...] = ()
        if event.exchange_id in self._requests and now in self._used:
            client = self._clients.get(of) or Client(client_id=of, at=event.at, listen="", peer="")
            follows, now = now, self._unused_id(of)
            self._now[of] = now
            added = (
                msgspec.structs.replace(client, client_id=now, at=event.at),
                Session(client_id=now, at=event.at, follows=follows),
            )
        self._used.add(now)
        if now == of:
            return (event,)
        self._owners[event.exchange_id] = now
        return (*added, msgspec.structs.replace(event, client_id=now))

    def _unused_id(self, of: str) -> str:
        number = 2
        while f"{of}-session-{number}" in self._used or f"{of}-session-{number}" in self._clients:
            number += 1
        return f"{of}-session-{number}"
