"""Connections to servers that have ended: forgotten.

mitmproxy keeps each until its client disconnects, with the last response on it. A browser keeps one
connection open for hours, and an app in development closes its own after every response.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Protocol

from mitmproxy.connection import Connection, Server


class _Stream(Protocol):
    """mitmproxy's exchange."""

    context: Any


class _Layer(Protocol):
    """mitmproxy's HTTP layer: everything about one connection of a client."""

    connections: dict[Connection, Any]
    streams: dict[int, _Stream]
    context: Any


GetConnection = Callable[..., Generator[Any, Any, None]]


def without_ended_connections(original: GetConnection) -> GetConnection:
    """Return a ``get_connection`` that first forgets what has ended, and is used by no exchange."""

    def get_connection(self: _Layer, *about: Any, **options: Any) -> Generator[Any, Any, None]:
        ended = [each for each in self.connections if _has_ended(each)]
        if ended:
            used = {stream.context.server for stream in self.streams.values()}
            used.add(self.context.server)
            for each in ended:
                if each not in used:
                    del self.connections[each]
        return original(self, *about, **options)

    return get_connection


def _has_ended(connection: Connection) -> bool:
    """Return whether nothing will be heard of a connection any more.

    One that could not be opened has never begun: mitmproxy repeats the error from it.
    """
    return (
        isinstance(connection, Server)
        and connection.timestamp_end is not None
        and not connection.connected
    )
