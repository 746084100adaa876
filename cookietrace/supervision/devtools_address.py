"""Finds the DevTools of a browser that the user has started, at a ``host:port``."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from typing import Final
from urllib.parse import urlsplit

import msgspec

from cookietrace.addresses import Address
from cookietrace.errors import LaunchError
from cookietrace.safe_text import safe

ATTACH_FLAG: Final = "--attach"

PROTOCOL: Final = 1
"""The major version of the DevTools protocol that we speak."""

SECONDS: Final = 5.0
"""How long a browser may take to say what it is: a busy machine takes a while."""

_MOST_BYTES = 65_536


class Endpoint(msgspec.Struct, frozen=True):
    """Where to connect to a browser's DevTools."""

    browser: str
    """What the browser calls itself, such as ``Chrome/156.0.7800.0``."""
    ip: str
    """The address that the host's name stands for: Chrome refuses other names than localhost."""
    port: int
    path: str
    """Of its WebSocket."""

    @property
    def name(self) -> str:
        """What texts call it: ``Chrome 156``."""
        name, _, version = self.browser.partition("/")
        return safe(f"{name or 'Chrome'} {version.partition('.')[0]}").strip()


class _Version(msgspec.Struct):
    browser: str = msgspec.field(name="Browser", default="")
    protocol: str = msgspec.field(name="Protocol-Version", default="")
    url: str = msgspec.field(name="webSocketDebuggerUrl", default="")


def find_devtools(address: Address) -> Endpoint:
    """Return where the DevTools of the browser at an address are.

    Raises ``LaunchError`` with one line if there is no browser, or none that we understand.
    """
    try:
        with socket.create_connection((address.host, address.port), SECONDS) as tried:
            ip = str(tried.getpeername()[0])
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "this is not a host"
        raise LaunchError(
            f"{ATTACH_FLAG} {address}: no browser listens there ({why or 'no response'}): start "
            f"Chrome with --remote-debugging-port={address.port}, a --user-data-dir of its own, "
            "--proxy-server=http://HOST:PORT (where cookietrace listens) and "
            "--proxy-bypass-list='<-loopback>'"
        ) from error
    version = _version(address, ip)
    path = _path(version.url)
    if path is None:
        raise _not_chrome(address)
    major = version.protocol.partition(".")[0]
    if major != str(PROTOCOL):
        raise LaunchError(
            f"{ATTACH_FLAG} {address}: {safe(version.browser[:80])} speaks version "
            f"{safe(version.protocol[:20])} of the DevTools protocol, and this cookietrace speaks "
            f"{PROTOCOL}: update cookietrace"
        )
    return Endpoint(version.browser[:80], ip, address.port, path)


def _path(url: str) -> str | None:
    """Return the path of a WebSocket; None if it is none of DevTools."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    whole = parts.scheme == "ws" and parts.path.startswith("/devtools/") and url.isprintable()
    return parts.path if whole and url.isascii() else None


def _version(address: Address, ip: str) -> _Version:
    """Return what the browser says that it is."""
    connection = http.client.HTTPConnection(ip, address.port, timeout=SECONDS)
    end: threading.Timer | None = None
    try:
        connection.connect()
        # The timeout is that of one read, and there may be many.
        end = threading.Timer(SECONDS, _end, (connection.sock,))
        end.daemon = True
        end.start()
        connection.request("GET", "/json/version")
        with connection.getresponse() as response:
            text = response.read(_MOST_BYTES)
        if response.status != http.HTTPStatus.OK:
            raise _not_chrome(address)
        return msgspec.json.decode(text, type=_Version)
    except (
        OSError,
        http.client.HTTPException,
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
    ) as error:
        raise _not_chrome(address) from error
    finally:
        if end is not None:
            end.cancel()
        connection.close()


def _end(connected: socket.socket) -> None:
    """Let whoever reads from a connection read no more."""
    with contextlib.suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _not_chrome(address: Address) -> LaunchError:
    return LaunchError(
        f"{ATTACH_FLAG} {address}: what listens there is not a Chrome or Chromium with remote "
        "debugging: give the port of its --remote-debugging-port"
    )
