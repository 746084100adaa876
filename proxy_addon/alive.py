"""``python -m proxy_addon.alive [HOST:PORT]``: whether a recording proxy serves there.

For health checks of containers and of services: exit status 0 if it does, 1 and one line if it
does not. What is sent is no request, so the proxy itself responds: nothing reaches an app, and
nothing is recorded.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence

from cookietrace.addresses import Address, parse_address
from cookietrace.errors import LaunchError

DEFAULT = "127.0.0.1:8080"
SECONDS = 3.0
"""How long the proxy may take to accept the connection, and again to respond."""

_NO_REQUEST = b"ALIVE\r\n\r\n"
_LONGEST = 4096


class NotAliveError(Exception):
    """No proxy serves there: one line says why."""


def ask(address: Address, seconds: float = SECONDS) -> None:
    """Return once the proxy at an address has responded. Raises ``NotAliveError``."""
    try:
        with socket.create_connection((address.host, address.port), seconds) as connection:
            connection.sendall(_NO_REQUEST)
            response = _head(connection)
    except TimeoutError:
        raise NotAliveError(f"{address} does not respond within {seconds:g} s") from None
    except OSError as error:
        raise NotAliveError(f"{address} cannot be reached: {error.strerror or error}") from None
    if not response.startswith(b"HTTP/1.1 400 ") or b"\r\nServer: mitmproxy " not in response:
        raise NotAliveError(f"what listens on {address} is not a recording proxy")


def _head(connection: socket.socket) -> bytes:
    """Return the head of a response, or what came before the connection was closed."""
    received = b""
    while b"\r\n\r\n" not in received and len(received) < _LONGEST:
        part = connection.recv(_LONGEST)
        if not part:
            break
        received += part
    return received


def main(arguments: Sequence[str]) -> int:
    """Ask once, and return the exit status."""
    try:
        if len(arguments) > 1:
            raise LaunchError("give one address, as in `python -m proxy_addon.alive HOST:PORT`")
        ask(parse_address(arguments[0] if arguments else DEFAULT, "the address"))
    except (NotAliveError, LaunchError) as error:
        print(f"cookietrace: {error}", file=sys.stderr)  # noqa: T201 (a program of its own)
        return 2 if isinstance(error, LaunchError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
