"""What the client's connections show: whose request it is, and whether it has credentials."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from cookietrace.cookies import Credentials

_V = TypeVar("_V")

SEPARATING = frozenset({"chromium"})
"""The profiles of browsers that send requests without credentials on connections of their own.

Seen with Chromium 156 behind a proxy, over http and over https with HTTP/2: a script's request
with the credentials mode ``omit``, or ``same-origin`` on another origin, and every preflight
used other connections than requests with credentials to the same host. Firefox separates only
some of them.
"""

REMEMBERED = 4096
"""How many connections are remembered; the oldest go first."""

_UNKNOWN, _OMIT, _INCLUDE = Credentials.UNKNOWN, Credentials.OMIT, Credentials.INCLUDE


class SavedConnections(msgspec.Struct, frozen=True, gc=False):
    """What is known about a client's connections."""

    credentials: dict[str, Credentials] = {}
    own: dict[str, int] = {}
    era: int = 0


class Connections:
    """The connections of one client, by their opaque ids."""

    def __init__(self, profile: str) -> None:
        """Start without connections. ``profile`` is the name of the client's profile."""
        self.separating = profile in SEPARATING
        """Whether a connection shows the credentials of its requests."""
        self._credentials: dict[str, Credentials] = {}
        """``unknown`` if a connection has carried requests of both kinds."""
        self._era = 0
        self._own: dict[str, int] = {}
        """Connection -> the era in which it last carried the jar's own cookies."""

    def saved(self) -> SavedConnections:
        """Return what is known, for ``restore``."""
        return SavedConnections(dict(self._credentials), dict(self._own), self._era)

    def restore(self, saved: SavedConnections) -> None:
        """Know what was saved."""
        self._credentials = dict(saved.credentials)
        self._own = dict(saved.own)
        self._era = saved.era

    # --- credentials

    def credentials(self, connection: str | None) -> Credentials:
        """Return the credentials of a connection's requests, as far as earlier ones show it."""
        if connection is None:
            return _UNKNOWN
        return self._credentials.get(connection, _UNKNOWN)

    def carried(self, connection: str, credentials: Credentials) -> bool:
        """Record a request whose own headers show its credentials.

        Return whether this shows something new about the connection.
        """
        if not self.separating:
            return False
        known = self._credentials.get(connection)
        if known is None:
            _remember(self._credentials, connection, credentials)
            return True
        if known is not credentials:
            self._credentials[connection] = _UNKNOWN
        return False

    # --- the jar

    def carried_own(self, connection: str) -> None:
        """Record a request that carried exactly the cookies that the jar predicted."""
        if self._own.get(connection) != self._era:
            _remember(self._own, connection, self._era)

    def is_own(self, connection: str | None) -> bool:
        """Return whether a connection carried the jar's cookies since they last changed hands.

        A request on it that differs comes from the same context: it has no other jar.
        """
        return connection is not None and self._own.get(connection) == self._era

    def changed_hands(self) -> None:
        """Record that the jar now holds what a differing request carried."""
        self._era += 1


def _remember(known: dict[str, _V], connection: str, value: _V) -> None:
    known.pop(connection, None)
    known[connection] = value
    if len(known) > REMEMBERED:
        del known[next(iter(known))]
