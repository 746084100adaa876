"""Which client sent a request: one listener + peer address + User-Agent is one browser, one jar."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from cookietrace.cookies import Cookie
from cookietrace.errors import LaunchError
from cookietrace.events import Client, Event, Jar, Request, Session
from cookietrace.fold.carrying import plain_jar_event
from cookietrace.stores import START, CaptureStore

_Key = tuple[str, str, str | None]


class Clients:
    """The clients of one capture, with short ids: ``c1``, ``c2``, ...

    A client from an earlier session of the same capture keeps its id. One that used a
    labelled listener does not: it was a launched browser with a fresh profile, and its
    jar went with the profile. A fresh browser that takes over from a client has the same
    listener, address and User-Agent, and an id of its own.
    """

    def __init__(self) -> None:
        self._ids: dict[_Key, str] = {}
        """The clients that requests belong to now."""
        self._known: dict[str, Client] = {}
        """All clients, by their id."""
        self._unused: set[str] = set()
        """Fresh browsers without a request so far."""
        self._count = 0
        self._starting: tuple[Cookie, ...] = ()
        """What the first new client holds from before the recording."""

    def start_from(self, cookies: tuple[Cookie, ...]) -> None:
        """Take the first new client to hold cookies that no response in the capture set.

        Clients of labelled listeners are left out: their browsers have fresh profiles.
        """
        self._starting = cookies

    @classmethod
    def of_capture(cls, store: CaptureStore) -> Clients:
        """Return the clients that a capture already holds; raises what the store raises."""
        clients = cls()
        position = START
        while True:
            batch = store.read(position)
            if not batch.events:
                return clients
            for event in batch.events:
                if isinstance(event, Client):
                    clients._add_known(event)
                elif isinstance(event, Session):
                    clients._unused.add(event.client_id)
                elif isinstance(event, Request):
                    clients._unused.discard(event.client_id)
            position = batch.position

    def _add_known(self, event: Client) -> None:
        """Add a client from an earlier session."""
        self._known[event.client_id] = event
        number = event.client_id.removeprefix("c")
        if number.isascii() and number.isdecimal() and len(number) < 19:
            self._count = max(self._count, int(number))
        if event.label is None:
            self._ids[_key(event)] = event.client_id

    def find(
        self, listen: str, peer: str, user_agent: str | None, label: str | None, at: float
    ) -> tuple[str, tuple[Event, ...]]:
        """Return the client's id, and the event to append if it is new.

        The client counts as new until ``recorded`` is called with that event.
        """
        known = self._ids.get((listen, peer, user_agent))
        if known is not None:
            self._unused.discard(known)
            return known, ()
        client_id = f"c{self._count + 1}"
        event = Client(
            client_id=client_id,
            at=at,
            listen=listen,
            peer=peer,
            user_agent=user_agent,
            label=label,
        )
        if self._starting and label is None:
            return client_id, (event, self._jar(client_id, at))
        return client_id, (event,)

    def _jar(self, client_id: str, at: float) -> Jar:
        cookies = [replace(each, set_at=at) for each in self._starting]
        return plain_jar_event(client_id, cookies, (), at=at, last=(0, 0), removed=None)

    def fresh(self, client_id: str, at: float) -> tuple[Event, ...]:
        """Return the events by which a fresh browser takes over from a client.

        If a fresh browser already continued in its place, they are about the latest one. Nothing
        changes until ``recorded`` is called with them. Raises ``LaunchError`` if there is no such
        client in this session, or if it is a fresh browser without a request.
        """
        known = self._known.get(client_id)
        latest = None if known is None else self._ids.get(_key(known))
        if known is None or latest is None:
            raise LaunchError("this client's browser has ended: there is nothing to restart")
        if latest in self._unused:
            raise LaunchError("it is already a fresh browser: it has made no request yet")
        event = msgspec.structs.replace(known, client_id=f"c{self._count + 1}", at=at)
        return event, Session(client_id=event.client_id, at=at, follows=latest)

    def recorded(self, events: tuple[Event, ...]) -> None:
        """Remember that the events that ``find`` or ``fresh`` returned are in the capture."""
        for event in events:
            if isinstance(event, Client):
                self._count += 1
                self._known[event.client_id] = event
                self._ids[_key(event)] = event.client_id
            elif isinstance(event, Jar):
                self._starting = ()
            elif isinstance(event, Session):
                self._unused.add(event.client_id)


def _key(client: Client) -> _Key:
    return client.listen, client.peer, client.user_agent
