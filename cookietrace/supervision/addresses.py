"""Listening addresses: read from a flag, checked to be free, or chosen."""

from __future__ import annotations

import errno
import socket
from urllib.parse import urlsplit

import msgspec

from cookietrace.errors import LaunchError

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104 (compared)
"""Hosts of a URL that lead to this machine; mitmproxy, too, takes the first three for one."""

PORTS_TRIED = 100
"""How many ports from the default one on are tried before giving up."""

_PORTS = {"http": 80, "https": 443}


class Address(msgspec.Struct, frozen=True):
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


def require_free(address: Address, flag: str) -> Address:
    """Return the address if one can listen there.

    Raises ``LaunchError`` naming the port and the flag where one cannot.
    """
    problem = _problem(address)
    if problem is None:
        return address
    if problem == errno.EADDRINUSE:
        raise LaunchError(
            f"port {address.port} on {address.host} is already in use: "
            f"stop what listens there, or choose another with {flag}"
        )
    if problem == errno.EACCES:
        raise LaunchError(
            f"port {address.port} on {address.host} needs more rights: "
            f"choose one above 1023 with {flag}"
        )
    raise LaunchError(f"cannot listen on {address}: choose another address with {flag}")


def next_free(address: Address, flag: str, taken: frozenset[int] = frozenset()) -> Address:
    """Return the address itself if it is free, else the same host with the next free port.

    ``taken`` holds ports that this very start has already given away. Raises
    ``LaunchError`` where a hundred ports in a row are in use.
    """
    for port in range(address.port, min(address.port + PORTS_TRIED, 65536)):
        candidate = Address(address.host, port)
        if port not in taken and _problem(candidate) is None:
            return candidate
    raise LaunchError(
        f"no free port on {address.host} from {address.port} on: choose one with {flag}"
    )


def free_port() -> int:
    """Return a port on 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        port: int = attempt.getsockname()[1]
        return port


def _problem(address: Address) -> int | None:
    """Return the errno with which listening on the address fails, None where it works."""
    try:
        found = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError):
        return errno.EADDRNOTAVAIL
    for family, kind, protocol, _, where in found:
        try:
            with socket.socket(family, kind, protocol) as attempt:
                attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    attempt.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                attempt.bind(where)
                attempt.listen()
        except OSError as error:
            if family == socket.AF_INET6 and len(found) > 1 and error.errno != errno.EADDRINUSE:
                continue  # a machine without IPv6 still listens on the other addresses
            return error.errno or errno.EADDRNOTAVAIL
    return None
