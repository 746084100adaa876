"""What went wrong with a flow or a connection, as an event."""

from __future__ import annotations

import re
from typing import Literal

from mitmproxy import flow as mitmproxy_flow
from mitmproxy import http
from mitmproxy.connection import ConnectionState

from cookietrace.addresses import Address
from cookietrace.events import Failure
from proxy_addon.flows.convert import plain_text

Kind = Literal["tls-client", "connect", "upstream", "aborted"]

_ENDED = frozenset(
    {
        "Client disconnected.",
        "client disconnected",
        "connection cancelled",
        mitmproxy_flow.Error.KILLED_MESSAGE,
    }
)
"""What mitmproxy says where the browser left, while a connection was being made or later."""
_RESET = "stream reset by client"
_REFUSED = re.compile(r"\[Errno (?:111|61)\] Connect call failed \('([^']*)', (\d+)")
"""What asyncio says, through mitmproxy, of a port where nobody listens (Linux, macOS)."""

_OPENSSL = re.compile(r"OpenSSL Error\(\[.*?\('[^']*', '[^']*', '([^']*)'\)\]\)")
"""How mitmproxy repeats what OpenSSL says, a list of library, function and reason."""

_UNKNOWN_NAME = re.compile(r"\[Errno (?:-2|-5|8|11001)\] ")
"""How asyncio's words begin for a name that has no address (Linux, macOS, Windows)."""


def of_flow(
    flow: http.HTTPFlow,
    *,
    exchange_id: str,
    client_id: str,
    at: float,
    host: str | None,
    unreached: str | None = None,
    refused: bool = False,
) -> Failure:
    """Return the failure of one exchange.

    ``unreached`` is why the last connection to a server could not be made, where
    one could not; ``refused`` that the request was none that can be passed on.
    """
    message = flow.error.msg if flow.error else ""
    return Failure(
        exchange_id=exchange_id,
        client_id=client_id,
        at=at,
        host=host,
        kind="aborted" if refused else _kind(flow, message, unreached),
        message=told(message, *wanted_server(flow)),
    )


def of_stop(*, exchange_id: str, client_id: str, at: float, host: str | None) -> Failure:
    """Return the failure of an exchange that was under way when the recorder ended."""
    return Failure(
        exchange_id=exchange_id,
        client_id=client_id,
        at=at,
        host=host,
        kind="aborted",
        message="the proxy was stopped",
    )


def of_connection(
    client_id: str, at: float, host: str | None, port: int, kind: Kind, message: str
) -> Failure:
    """Return the failure of a connection that never came to an exchange."""
    return Failure(
        exchange_id=None,
        client_id=client_id,
        at=at,
        host=host,
        kind=kind,
        message=told(message, host, port),
    )


def wanted_server(flow: http.HTTPFlow) -> tuple[str, int]:
    """Return the host and port of the app that a flow was meant for."""
    address = flow.server_conn.address or (flow.request.host, flow.request.port)
    return address[0], address[1]


def told(message: str, host: str | None, port: int) -> str:
    """Return mitmproxy's message for people, given the app that was wanted."""
    message = _OPENSSL.sub(r"\1", message)
    if host is not None and _UNKNOWN_NAME.search(message):
        return plain_text(f"there is no host {host}, as far as this machine knows: is it misspelt?")
    refused = _REFUSED.search(message)
    if refused is None or host is None:
        return plain_text(message)
    if int(refused[2]) != port:  # only a proxy behind this one is asked in the app's stead
        proxy = Address(refused[1], int(refused[2]))
        return plain_text(f"cannot connect to {proxy}: is the upstream proxy running there?")
    return plain_text(f"cannot connect to {Address(host, port)}: is the app running there?")


def kind_of_stored(flow: http.HTTPFlow, message: str) -> Kind:
    """Return on whose side a flow from a file failed, as far as the file tells."""
    if message in _ENDED:
        return "aborted"
    if message.startswith(_RESET) and "CANCEL" in message:
        return "aborted"
    if flow.response is None and flow.server_conn.timestamp_tcp_setup is None:
        return "connect"
    return "upstream"


def _kind(flow: http.HTTPFlow, message: str, unreached: str | None) -> Kind:
    """Return on whose side it failed."""
    if message in _ENDED:
        return "aborted"
    if unreached and flow.response is None and message.endswith(unreached):
        return "connect"
    if message.startswith(_RESET) and (flow.server_conn.alpn != b"h2" or "CANCEL" in message):
        return "aborted"  # mitmproxy says "by client" of either side
    if flow.client_conn.state is not ConnectionState.OPEN:
        return "aborted"
    return "upstream"
