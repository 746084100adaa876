"""Closes the listeners and connections of a mitmproxy while everybody's hooks still run."""

# mypy: allow-untyped-calls
# (mitmproxy's server manager has no annotations)

from __future__ import annotations

import asyncio

from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.proxy.mode_servers import ProxyConnectionHandler

HANG_UP_SECONDS = 1.0
"""How long listeners and connections may take to close."""
SENDING_SECONDS = 0.5
"""How much of that is left to what is being recorded, so that it can still be sent."""
_POLL_SECONDS = 0.002
_QUIET_TURNS = 50
"""Turns of the event loop without a connection, after which none is coming any more: one that was
accepted before its listener was closed takes a few turns to appear."""


async def hang_up(proxyserver: Proxyserver) -> None:
    """Stop listening, close every connection of a client, and wait until its hooks have run.

    After this, no client receives another byte, so that whatever one has received has passed
    through the hooks. A response whose hooks are running is sent before its connection is
    closed. Waits at most ``HANG_UP_SECONDS``; what is still open then is cut off.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    await _stop_listening(proxyserver)
    connections: dict[ProxyConnectionHandler, _Connection] = {}
    quiet = 0
    while quiet < _QUIET_TURNS and (elapsed := loop.time() - began) < HANG_UP_SECONDS:
        in_hooks = _clients_in_hooks()
        for handler in proxyserver.connections.values():
            connection = connections.setdefault(handler, _Connection(handler))
            if elapsed > SENDING_SECONDS or handler.client.peername not in in_hooks:
                connection.close()
        if proxyserver.connections or in_hooks or any(map(_Connection.sends, connections.values())):
            quiet = 0
            await asyncio.sleep(_POLL_SECONDS)
        else:
            quiet += 1
            await asyncio.sleep(0)
    for handler in proxyserver.connections.values():
        connections.setdefault(handler, _Connection(handler)).cut()


async def _stop_listening(proxyserver: Proxyserver) -> None:
    """Close the listeners; a kind that takes too long is left to the end of the process."""
    try:
        await asyncio.wait_for(proxyserver.servers.update([]), HANG_UP_SECONDS / 4)
    except TimeoutError:
        return


def _clients_in_hooks() -> set[object]:
    """Return the addresses of the clients whose hooks run now.

    mitmproxy keeps the tasks of hooks in a place that differs by version; their names do not.
    """
    return {
        getattr(task, "client", None)
        for task in asyncio.all_tasks()
        if task.get_name().startswith("handle_hook(")
    }


class _Connection:
    """A client's connection that is to be closed."""

    def __init__(self, handler: ProxyConnectionHandler) -> None:
        self._handler = handler
        self._writer: object = None
        self._closed = False

    def close(self) -> None:
        """Close it as if the client had; mitmproxy then closes what it opened for the client.

        Does nothing if mitmproxy has not begun to read from it, or has closed it.
        """
        transport = self._handler.transports.get(self._handler.client)
        if self._closed or transport is None or transport.handler is None:
            return
        self._closed = True
        self._writer = transport.writer
        transport.handler.cancel("the proxy was stopped")

    def sends(self) -> bool:
        """Return whether bytes still wait to be sent to the client."""
        if not isinstance(self._writer, asyncio.StreamWriter):
            return False
        return bool(self._writer.transport.get_write_buffer_size())

    def cut(self) -> None:
        """Send nothing more to the client."""
        transport = self._handler.transports.get(self._handler.client)
        if transport is not None and isinstance(transport.writer, asyncio.StreamWriter):
            transport.writer.transport.abort()
        elif transport is not None and transport.writer is not None:
            transport.writer.close()
