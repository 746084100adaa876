"""Notices when a browser is sent away from the listener that records it.

A browser that opened a reverse listener is recorded at that address only. If a redirect sends it
to another origin (to sign in at a provider, for example), what it does there is not recorded, and
neither is what comes after it if it returns to the app's own address.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from cookietrace.addresses import is_this_machine
from cookietrace.cookies import Target, parse_target
from cookietrace.cookies.request.addresses import redirect_address
from cookietrace.events import Client, Listener, Response
from cookietrace.fold.exchange import Exchange, NoteKind
from cookietrace.fold.headers import header
from cookietrace.fold.notes import Notes

SENDS_ON = frozenset({301, 302, 303, 307, 308})
"""The status codes of responses that can send a browser to another origin."""


class Departures:
    """The origins to which redirects sent browsers away from their reverse listeners."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._listens: dict[str, str] = {}
        """Client -> ``host:port`` of its listener."""
        self._told: set[tuple[str, str]] = set()
        """The listeners and origins that have a note."""

    def client(self, event: Client) -> None:
        """Remember which listener a client uses."""
        self._listens[event.client_id] = event.listen

    def response(
        self, event: Response, exchange: Exchange, listeners: Sequence[Listener], position: int
    ) -> None:
        """Add a note if a response redirects to an origin that no reverse listener records.

        There is one note for each listener and origin.
        """
        if event.status_code not in SENDS_ON:
            return
        ports = {_port(each.address) for each in listeners if each.mode == "reverse"}
        listen = self._listens.get(exchange.request.client_id, "")
        if _port(listen) not in ports:
            return
        location = header(event.headers, "location")
        target = _target(exchange.request.event.url, location) if location else None
        if target is None or _is_recorded(target, exchange.request.target, ports):
            return
        if (listen, target.origin) in self._told:
            return
        self._told.add((listen, target.origin))
        self._notes.add(
            NoteKind.NOT_RECORDED,
            position,
            f"Step {exchange.row.label} sends the browser to {target.origin}, which the listener "
            f"at {listen} does not record. If cookies matter there or later, use a browser that "
            "cookietrace opens (--browser, or b on the screen), or set the proxy in your own.",
            client_id=exchange.request.client_id,
        )


def _port(address: str) -> str:
    return address.rpartition(":")[2]


def _target(url: str, location: str) -> Target | None:
    """Return where a Location leads; None if that is no web page."""
    try:
        target = parse_target(redirect_address(url, location))
    except ValueError:
        return None
    return target if target.scheme in ("http", "https") and target.host else None


def _is_recorded(target: Target, requested: Target, ports: Container[str]) -> bool:
    """Return whether requests to a target reach a reverse listener at one of these ports."""
    if (target.host, target.port) == (requested.host, requested.port):
        return True
    return is_this_machine(target.host or "") and str(target.port) in ports
