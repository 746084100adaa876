"""Ports to listen on: checked to be free, or chosen."""

from __future__ import annotations

import errno
import socket

from cookietrace.addresses import Address
from cookietrace.errors import LaunchError

PORTS_TRIED = 100
"""How many ports are tried, from the default one on, before giving up."""


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
