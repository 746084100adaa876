"""A WebDriver BiDi session with a Firefox that has opened a port on loopback.

Firefox has one session at a time. While it is ours, no other program can have one.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    WebSocketException,
)
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect

from cookietrace.errors import LaunchError

ADDRESS_FILE: Final = "WebDriverBiDiServer.json"
"""Where in its profile Firefox writes down the port that it has opened."""

RESPONSE_SECONDS: Final = 60.0
"""How long one response may take, the first after a start included."""

LARGEST: Final = 256 * 1024 * 1024
"""The most bytes of a message: a page can write as much into the console as it likes."""

ENDED: Final = "it has ended the connection"
"""Why a call failed, if the browser ended, or broke off."""

TOO_LONG: Final = "it said more at once than is read"

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

_SILENT: Final = logging.getLogger("cookietrace.bidi")
_SILENT.disabled = True  # what goes over the connection is secret


class _Address(msgspec.Struct):
    ws_host: str
    ws_port: int


class Message(msgspec.Struct):
    """A message from Firefox: an event, or the response to a command."""

    type: str = ""
    id: int | None = None
    method: str = ""
    params: dict[str, Any] = {}
    result: dict[str, Any] = {}
    error: str = ""
    message: str = ""


_decoder = msgspec.json.Decoder(Message)


def address_in(profile: Path) -> tuple[str, int] | None:
    """Return where Firefox listens; None if it has not said so yet.

    Raises ``LaunchError`` if that is not on this machine.
    """
    try:
        data = (profile / ADDRESS_FILE).read_bytes()
        found = msgspec.json.decode(data, type=_Address)
    except (OSError, msgspec.DecodeError):
        return None
    if found.ws_host not in _LOOPBACK or not 0 < found.ws_port < 65536:
        raise LaunchError("it listens at an address that is not this machine's")
    return found.ws_host, found.ws_port


class BidiConnection:
    """One session. Its methods raise ``LaunchError``."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket = websocket
        self._number = 0
        self._early: deque[Message] = deque()

    def begin(self, profile: Path) -> None:
        """Begin the session, which must be with the Firefox of this profile."""
        if self.call("session.status", {}).get("ready") is not True:
            raise LaunchError("another program controls it")
        # Whether a page's dialogs are open is the user's business.
        wanted = {"alwaysMatch": {"unhandledPromptBehavior": {"default": "ignore"}}}
        capabilities = self.call("session.new", {"capabilities": wanted}).get("capabilities")
        used = capabilities.get("moz:profile") if isinstance(capabilities, dict) else None
        if isinstance(used, str) and Path(used).name != profile.name:
            raise LaunchError("another browser responds in its place")

    def send(self, method: str, params: dict[str, Any]) -> int:
        """Send a command, and return its number."""
        self._number += 1
        data = msgspec.json.encode({"id": self._number, "method": method, "params": params})
        try:
            self._websocket.send(data.decode())
        except (WebSocketException, OSError) as error:
            raise LaunchError(ENDED) from error
        return self._number

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a command and return its result; events that come meanwhile are kept."""
        number = self.send(method, params)
        deadline = time.monotonic() + RESPONSE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            message = self._receive(left)
            if message is None or message.id != number:
                if message is not None:
                    self._early.append(message)
                continue
            if message.type == "error":
                raise LaunchError(f"it refused {method}: {message.error[:100]}")
            return message.result
        raise LaunchError(f"it did not respond for {RESPONSE_SECONDS:.0f} s")

    def receive(self, seconds: float) -> Message | None:
        """Return the next message; None if there is none within so many seconds.

        One that cannot be read is passed over.
        """
        if self._early:
            return self._early.popleft()
        return self._receive(seconds)

    def _receive(self, seconds: float) -> Message | None:
        try:
            data = self._websocket.recv(timeout=seconds)
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            too_long = error.sent is not None and error.sent.code == CloseCode.MESSAGE_TOO_BIG
            raise LaunchError(TOO_LONG if too_long else ENDED) from error
        except (WebSocketException, OSError) as error:
            raise LaunchError(ENDED) from error
        try:
            return _decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None


@contextlib.contextmanager
def connected(host: str, port: int) -> Iterator[BidiConnection]:
    """Connect to where Firefox listens. Raises ``LaunchError``."""
    name = f"[{host}]" if ":" in host else host
    try:
        # With a socket of our own, no proxy of the environment is used.
        raw = socket.create_connection((host, port), RESPONSE_SECONDS)
        websocket = connect(
            f"ws://{name}:{port}/session",
            sock=raw,
            compression=None,
            user_agent_header=None,
            open_timeout=RESPONSE_SECONDS,
            ping_interval=None,
            close_timeout=0.5,
            max_size=LARGEST,
            logger=_SILENT,
        )
    except (InvalidHandshake, InvalidMessage) as error:
        raise LaunchError("it does not speak WebDriver BiDi") from error
    except (WebSocketException, OSError, EOFError) as error:
        raise LaunchError("it does not let us connect") from error
    with websocket:
        yield BidiConnection(websocket)
