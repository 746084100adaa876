"""Ports to listen on: checked, or chosen."""

from __future__ import annotations

import errno
import socket
import sys

from cookietrace.addresses import Address
from cookietrace.errors import LaunchError

PORTS_TRIED = 100
"""How many ports to try, starting from the default."""


def require_free(address: Address, flag: str) -> Address:
    """Return the address if it is possible to listen there.

    Otherwise raises ``LaunchError``, which names the port and the flag.
    """
    problem = _problem(address)
    if problem is not None:
        raise cannot_listen(address, flag, problem)
    return address


def cannot_listen(address: Address, flag: str, problem: int | None) -> LaunchError:
    """Return the error for an address on which listening failed with an errno."""
    if problem == errno.EADDRINUSE:
        return LaunchError(
            f"port {address.port} on {address.host} is already in use: "
            f"stop what listens there, or choose another with {flag}"
        )
    if problem == errno.EACCES:
        return LaunchError(
            f"port {address.port} on {address.host} needs more privileges: "
            f"choose one above 1023 with {flag}"
        )
    return LaunchError(f"cannot listen on {address}: choose another address with {flag}")


def next_free(address: Address, flag: str, taken: frozenset[int] = frozenset()) -> Address:
    """Return the address if it is free, otherwise the same host with the next free port.

    ``taken`` holds ports that are already reserved. Raises ``LaunchError`` if a hundred
    ports in a row are in use.
    """
    for port in range(address.port, min(address.port + PORTS_TRIED, 65536)):
        candidate = Address(address.host, port)
        if port not in taken and _problem(candidate) is None:
            return candidate
    raise LaunchError(
        f"no free port on {address.host} from {address.port} on: choose one with {flag}"
    )


def reserve_port(host: str = "127.0.0.1") -> int:
    """Return a free port of a host, reserved for this process and those that it starts.

    On Linux the port stays bound until this process ends: the system gives it to no
    process that asks for any free port, and to no outgoing connection, but whoever knows
    it can listen there. Elsewhere a bound port cannot be listened on, so it is only free
    now. Raises ``OSError`` if this machine cannot listen at the host.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((host, 0))
        port: int = holder.getsockname()[1]
        if sys.platform == "linux":
            holder.detach()  # stays open until the process ends
        return port


def _problem(address: Address) -> int | None:
    """Return the errno with which listening on the address fails, None if it works."""
    try:
        found = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, ValueError):  # also a host that no name can have
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
                continue  # without IPv6 the other addresses still work
            return error.errno or errno.EADDRNOTAVAIL
    return None
