"""Which client sent a request: one listener + peer address + User-Agent is one browser, one jar."""

from __future__ import annotations

from cookietrace.events import Client, Event
from cookietrace.stores import START, CaptureStore

_Key = tuple[str, str, str | None]


class Clients:
    """The clients of one capture, with short ids: ``c1``, ``c2``, ...

    A client from an earlier session of the same capture keeps its id. One that used a
    labelled listener does not: it was a launched browser with a fresh profile, and its
    jar went with the profile.
    """

    def __init__(self) -> None:
        self._ids: dict[_Key, str] = {}
        self._count = 0

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
            position = batch.position

    def _add_known(self, event: Client) -> None:
        """Add a client from an earlier session."""
        number = event.client_id.removeprefix("c")
        if number.isascii() and number.isdecimal():
            self._count = max(self._count, int(number))
        if event.label is None:
            self._ids[event.listen, event.peer, event.user_agent] = event.client_id

    def find(
        self, listen: str, peer: str, user_agent: str | None, label: str | None, at: float
    ) -> tuple[str, tuple[Event, ...]]:
        """Return the client's id, and the event to append if it is new.

        The client counts as new until ``recorded`` is called with that event.
        """
        known = self._ids.get((listen, peer, user_agent))
        if known is not None:
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
        return client_id, (event,)

    def recorded(self, events: tuple[Event, ...]) -> None:
        """Remember that the events that ``find`` returned are in the capture."""
        for event in events:
            if isinstance(event, Client):
                self._count += 1
                self._ids[event.listen, event.peer, event.user_agent] = event.client_id
