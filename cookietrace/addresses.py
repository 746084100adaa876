"""Addresses: ``host:port``, the URL of an app, and which hosts are this machine.

Standard library only, since the witness includes parts of this file.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from cookietrace.errors import LaunchError

DEMO_URL = "http://shop.test/"
"""The demo's page at a made-up host, which the proxy routes to the demo app without DNS."""

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104 (compared)
"""Hosts in a URL that mean this machine; mitmproxy treats the first three the same way."""

_PORTS = {"http": 80, "https": 443}


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
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise LaunchError(f"{flag} {text}: write it as HOST:PORT, as in 127.0.0.1:8080")
    return Address(host or "127.0.0.1", int(port))


def parse_target(text: str) -> str:
    """Return ``scheme://host[:port]`` of an app's URL; raises ``LaunchError`` if it is invalid."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise LaunchError(f"{text} is not a URL: {error}") from error
    if url.scheme not in ("http", "https") or not url.hostname:
        raise LaunchError(
            f"{text} is not the URL of an app: write it in full, as in http://localhost:3000"
        )
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    return f"{url.scheme}://{host}" + (f":{port}" if port is not None else "")


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
