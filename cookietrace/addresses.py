"""Addresses: ``host:port`` as people write it, the URL of an app, and what is this machine.

Standard library only: the witness takes parts of this file into an app of its own.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from cookietrace.errors import LaunchError

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104 (compared)
"""Hosts of a URL that lead to this machine; mitmproxy also treats the first three so."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """One ``host:port`` to listen on."""

    host: str
    """A name or an address; IPv6 without brackets."""
    port: int

    def __str__(self) -> str:
        """Return it as a person writes it: IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def mode(self, kind: str) -> str:
        """Return a mode of the proxy (``regular``, ``reverse:URL``) at this address."""
        return f"{kind}@{self.host}:{self.port}"


def parse_address(text: str, flag: str) -> Address:
    """Return the address that ``HOST:PORT``, ``:PORT`` or ``PORT`` names.

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
    """Return ``scheme://host[:port]`` of the app's URL; ``LaunchError`` where it is none."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise LaunchError(f"{text} is no URL: {error}") from error
    if url.scheme not in ("http", "https") or not url.hostname:
        raise LaunchError(
            f"{text} is no URL of an app: write it whole, as in http://localhost:3000"
        )
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    return f"{url.scheme}://{host}" + (f":{port}" if port is not None else "")


def port_here(target: str, host: str) -> int | None:
    """Return the port at which an app's URL leads to whoever listens there on ``host``.

    None where it leads elsewhere. ``target`` is what ``parse_target`` returned.
    """
    url = urlsplit(target)
    if url.hostname not in _THIS_MACHINE and url.hostname != host.lower():
        return None
    return url.port if url.port is not None else _PORTS[url.scheme]


def is_loopback(host: str) -> bool:
    """Return whether a host can only be this machine: 127.0.0.0/8, ::1 or ``localhost``.

    Stricter than what a browser calls loopback (``cookies.is_loopback``): a resolver
    may send ``app.localhost`` elsewhere, so it does not count here.
    """
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
