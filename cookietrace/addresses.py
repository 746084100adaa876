"""Addresses: ``host:port``, the URL of an app, and which hosts are this machine.

Standard library only, since the witness includes parts of this file.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cookietrace.errors import LaunchError

DEMO_URL = "http://shop.test/"
"""The demo's page at a made-up host, which the proxy routes to the demo app without DNS."""

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104 (compared)
"""Hosts in a URL that mean this machine; mitmproxy treats the first three the same way."""

_PORTS = {"http": 80, "https": 443}

_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 (compared)
"""Hosts that a program can listen on but a browser cannot open, and one that it can."""

_HOST = re.compile(r"[^\s/@\x00-\x20\x7f]*")
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Address:
    """A ``host:port`` to listen on."""

    host: str
    """A name or an address; IPv6 without brackets."""
    port: int

    def __str__(self) -> str:
        """Return ``host:port``, with IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def mode(self, kind: str) -> str:
        """Return the spec of a proxy mode (``regular``, ``reverse:URL``) at this address."""
        return f"{kind}@{self.host}:{self.port}"


def parse_address(text: str, flag: str) -> Address:
    """Return the address written as ``HOST:PORT``, ``:PORT`` or ``PORT``.

    Raises ``LaunchError`` that names the flag.
    """
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise LaunchError(f"{flag} {text}: write an IPv6 address in brackets, as in [::1]:8080")
    digits = port.isascii() and port.isdigit() and len(port) <= len("65535")
    if not digits or int(port) > 65535 or not _HOST.fullmatch(host):
        raise LaunchError(f"{flag} {text}: write it as HOST:PORT, as in 127.0.0.1:8080")
    return Address(host or "127.0.0.1", int(port))


def from_here(listening: str) -> str:
    """Return the ``host:port`` at which a browser on this machine reaches a listener's."""
    host, _, port = listening.rpartition(":")
    return f"{_EVERY_ADDRESS.get(host, host)}:{port}"


def is_open(listening: str) -> bool:
    """Return whether other machines may be able to connect to a listener's ``host:port``."""
    return not is_this_machine(listening.rpartition(":")[0])


def parse_host(text: str, flag: str) -> str:
    """Return a host to record or to pass through, checked: ``name``, ``name:port`` or an address.

    A name may begin with ``*.`` or ``.``, which changes nothing: its subdomains always belong
    to it. Names are returned as they are sent, so ``bücher.example`` in Punycode. Raises
    ``LaunchError`` that names the flag.
    """
    host = text.strip().lower()
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        name, port = host, ""
    name = name.removeprefix("*").removeprefix(".").removesuffix(".")
    try:
        if name.startswith("["):
            name = f"[{ipaddress.IPv6Address(name[1:].removesuffix(']'))}]"
        elif not name.isascii():
            name = name.encode("idna").decode("ascii")
    except ValueError:
        name = ""
    if not _NAME.fullmatch(name) or (colon and port and not _PORT.fullmatch(port)):
        raise LaunchError(f"{flag} '{text}': write a host, as in shop.example or localhost:3000")
    return f"{name}:{port}" if port else name


def parse_target(text: str) -> str:
    """Return ``scheme://host[:port]`` of an app's URL; raises ``LaunchError`` if it is invalid.

    The error has no password, query or fragment, which may be secrets.
    """
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        why = "its host is not valid" if "@" in str(error) else str(error)
        raise LaunchError(f"{_without_secrets(text)} is not a URL: {why}") from error
    if url.scheme not in ("http", "https") or not url.hostname:
        raise LaunchError(
            f"{_without_secrets(text)} is not the URL of an app: write it in full, as in "
            "http://localhost:3000"
        )
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    return f"{url.scheme}://{host}" + (f":{port}" if port is not None else "")


def _without_secrets(text: str) -> str:
    """Return what may be a URL without user, password, query and fragment."""
    bare = re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://)?.*@", r"\1", text, flags=re.DOTALL)
    return re.split(r"[?#]", bare, maxsplit=1)[0]


def port_here(target: str, host: str) -> int | None:
    """Return the port of an app's URL if a listener on ``host`` could occupy it.

    None if the URL leads elsewhere. ``target`` is a result of ``parse_target``.
    """
    url = urlsplit(target)
    if url.hostname not in _THIS_MACHINE and url.hostname != host.lower():
        return None
    return url.port if url.port is not None else _PORTS[url.scheme]


def is_this_machine(host: str) -> bool:
    """Return whether a host can only be this machine: 127.0.0.0/8, ::1 or ``localhost``.

    Stricter than a browser (``cookies.is_loopback``): a resolver may send ``app.localhost``
    elsewhere, so it does not count.
    """
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
