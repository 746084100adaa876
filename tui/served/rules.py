"""Who may open a terminal: the rules for Host, Origin and token, and the headers of the page."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from cookietrace.web.guard import Names

PROTOCOL: Final = "cookietrace.terminal"
"""The WebSocket's subprotocol. The page offers it together with ``token.`` and the token."""

_OFFERED: Final = "token."


def is_own_name(request: web.BaseRequest, names: Names) -> bool:
    """Return whether a request has one Host header, and it is a name of this server.

    A page of a name that someone has pointed at this machine (DNS rebinding) has that name as
    its Host.
    """
    hosts = request.headers.getall("Host", [])
    where = request.get_extra_info("sockname")
    return len(hosts) == 1 and where is not None and names.have(hosts[0], (where[0], where[1]))


def is_own_origin(origin: str | None, scheme: str, host: str) -> bool:
    """Return whether an Origin header is that of the page which this server serves."""
    return origin == f"{scheme}://{host}"


def offered_token(protocols: str) -> str | None:
    """Return the token in a ``Sec-WebSocket-Protocol`` header; None without our protocol."""
    offered = [each.strip() for each in protocols.split(",")]
    if PROTOCOL not in offered:
        return None
    found = [each.removeprefix(_OFFERED) for each in offered if each.startswith(_OFFERED)]
    return found[0] if len(found) == 1 else ""


def is_token(given: str, token: str) -> bool:
    """Return whether a token is the right one, in the same time whatever is given."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def page_headers(request: web.BaseRequest) -> Mapping[str, str]:
    """Return the headers of every response."""
    socket = "wss" if request.scheme == "https" else "ws"
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "connect-src": f"'self' {socket}://{request.host}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        # No popups, no downloads, no navigation of another window: whatever the screen shows.
        "sandbox": "allow-scripts allow-same-origin",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "clipboard-read=(), clipboard-write=(self)",
        "Referrer-Policy": "no-referrer",
        "Server": "cookietrace",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
