"""Ports for tests: free, and reserved for the processes that the test starts."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

FreePort = Callable[[], int]


@contextmanager
def held_ports() -> Iterator[FreePort]:
    """Yield a function that returns a different free port of 127.0.0.1 each time.

    The ports are bound, but no one listens on them: until a process does, connections are
    refused. Until the block ends, the system gives them to no process that asks for any
    free port, and to no outgoing connection.
    """
    with ExitStack() as held:

        def free_port() -> int:
            holder = held.enter_context(socket.socket())
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind(("127.0.0.1", 0))
            port: int = holder.getsockname()[1]
            return port

        yield free_port
