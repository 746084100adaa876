"""The WebSocket of a browser's DevTools: one message of JSON per frame."""

from __future__ import annotations

import contextlib
import logging
import socket
from typing import Final

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from cookietrace.errors import LaunchError
from cookietrace.supervision.devtools_address import SECONDS, Endpoint

LONGEST: Final = 256 * 1024 * 1024
"""The most bytes of a message: a ``data:`` URL can be as long as a file."""

_GONE: Final = "the browser has closed its DevTools"

_quiet = logging.getLogger(f"{__name__}.websocket")
_quiet.disabled = True


class DevToolsSocket:
    """One connection to a browser. Its methods raise ``LaunchError`` once that is gone."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Connect. Raises ``LaunchError``."""
        host = f"[{endpoint.ip}]" if ":" in endpoint.ip else endpoint.ip
        try:
            # A socket of our own: otherwise the proxy of the environment would be used.
            own = socket.create_connection((endpoint.ip, endpoint.port), SECONDS)
        except OSError as error:
            raise LaunchError(f"{_GONE} ({error.strerror or 'no response'})") from error
        own.settimeout(None)
        self._stack = contextlib.ExitStack()
        try:
            # Newer versions let it be used as a context manager only.
            self._connection: ClientConnection = self._stack.enter_context(
                connect(
                    f"ws://{host}:{endpoint.port}{endpoint.path}",
                    sock=own,
                    compression=None,
                    open_timeout=SECONDS,
                    close_timeout=1.0,
                    max_size=LONGEST,
                    logger=_quiet,
                )
            )
        except (OSError, EOFError, TimeoutError, WebSocketException) as error:
            own.close()
            raise LaunchError(f"{_GONE} ({type(error).__name__})") from error

    def send(self, message: bytes) -> None:
        """Send one message."""
        try:
            self._connection.send(message, text=True)
        except (OSError, WebSocketException) as error:
            raise LaunchError(_GONE) from error

    def receive(self, timeout: float) -> bytes | None:
        """Return the next message; None if none has come within so many seconds."""
        try:
            return self._connection.recv(timeout, decode=False)
        except TimeoutError:
            return None
        except (OSError, EOFError, WebSocketException) as error:
            raise LaunchError(_GONE) from error

    def close(self) -> None:
        """Close the connection; the browser continues. Safe to call twice."""
        self._stack.close()
