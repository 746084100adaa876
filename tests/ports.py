"""Ports for tests: free, and kept so for whoever the test starts."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

FreePort = Callable[[], int]


@contextmanager
def held_ports() -> Iterator[FreePort]:
    """Yield what gives one port of 127.0.0.1 after the other, each of them to nobody else.

    Somebody who is told the number can listen there, since the port is bound without
    anyone listening; until then connections are refused. Nobody who asks for any free
    port, and no connection that goes out, is given it before the block has ended.
    """
    with ExitStack() as held:

        def free_port() -> int:
            holder = held.enter_context(socket.socket())
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind(("127.0.0.1", 0))
            port: int = holder.getsockname()[1]
            return port

        yield free_port
