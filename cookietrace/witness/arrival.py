"""Where a request came from and where it arrived, as the server itself saw it.

A request's own headers cannot change that: not ``X-Forwarded-*``, not ``Host``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cookietrace.addresses import is_this_machine
from cookietrace.witness.mark import mark_address

_SOCKETS = ("werkzeug.socket", "gunicorn.socket")
_BEFORE_PROXY_FIX = "werkzeug.proxy_fix.orig"


class Arrival(NamedTuple):
    """The two ends of the connection that brought a request."""

    peer: str
    """The address that it came from."""
    is_local: bool
    """Whether it came from this machine."""
    address: str | None
    """``localhost:port`` of the app's server, or the server's own loopback address with the
    port; None if it has no port or does not tell it (a Unix socket)."""


def wsgi_arrival(environ: Mapping[str, Any]) -> Arrival:
    """Return where a WSGI request came from and arrived.

    The server's socket is asked first, since some servers take ``SERVER_PORT`` from the Host
    header. ``ProxyFix`` keeps what it replaces, and that is what counts, whether it is
    outside of the witness or inside.
    """
    plain: Mapping[str, Any] = environ.get(_BEFORE_PROXY_FIX) or environ
    peer = str(plain.get("REMOTE_ADDR") or "")
    is_local = is_this_machine(peer)
    names = [_bound(environ[key]) for key in _SOCKETS if key in environ]
    if names:
        name = names[0]
        if not isinstance(name, tuple):
            return Arrival(peer, is_local or bool(name), None)
        host, port = str(name[0]), name[1]
    else:
        host = "localhost"
        port = environ.get("mod_wsgi.listener_port") or plain.get("SERVER_PORT")
    text = str(port)
    if not (text.isascii() and text.isdigit()):
        return Arrival(peer, is_local, None)
    if not is_this_machine(host):
        host = "localhost"
    return Arrival(peer, is_local, mark_address(host, int(text)))


def asgi_arrival(scope: Mapping[str, Any]) -> Arrival:
    """Return where an ASGI request came from and arrived, as its server tells.

    A server that has no port (a Unix socket) may tell no peer: then its own end decides.
    """
    client, server = scope.get("client"), scope.get("server")
    peer = str(client[0]) if client else ""
    if not server:
        return Arrival(peer, is_this_machine(peer), None)
    host, port = str(server[0]), server[1]
    if type(port) is not int:
        return Arrival(peer, is_this_machine(peer) or (port is None and not client), None)
    if not is_this_machine(host):
        host = "localhost"
    return Arrival(peer, is_this_machine(peer), mark_address(host, port))


def _bound(socket: Any) -> Any:
    """Return what a server's socket is bound to: a tuple, the path of a Unix socket, or None."""
    try:
        return socket.getsockname()
    except (OSError, AttributeError):
        return None
