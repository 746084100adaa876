"""Why a flow or a connection failed, as an event."""

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

PROXY_STOPPED = "the proxy was stopped"
RECORDING_STOPPED = "recording was stopped"

_ENDED = frozenset(
    {
        "Client disconnected.",
        "client disconnected",
        "connection cancelled",
        mitmproxy_flow.Error.KILLED_MESSAGE,
    }
)
"""mitmproxy's messages if the browser disconnected, during connection set-up or later."""
_RESET = "stream reset by client"
_REFUSED = re.compile(r"\[Errno (?:111|61)\] Connect call failed \('([^']*)', (\d+)")
"""asyncio's message, passed on by mitmproxy, for a port without a listener (Linux, macOS)."""

_OPENSSL = re.compile(r"OpenSSL Error\(\[.*?\('[^']*', '[^']*', '([^']*)'\)\]\)")
"""How mitmproxy quotes OpenSSL's error: a list of library, function and reason."""

_UNKNOWN_NAME = re.compile(r"\[Errno (?:-2|-5|8|11001)\] ")
"""How asyncio's message for an unknown name starts (Linux, macOS, Windows)."""


def of_flow(
    flow: http.HTTPFlow,
    *,
    exchange_id: str,
    client_id: str,
    at: float,
    host: str | None,
    connect_error: str | None = None,
    invalid: bool = False,
) -> Failure:
    """Return the failure of one exchange.

    ``connect_error`` is why the last connection to a server failed, if it did;
    ``invalid`` means that the request was not valid HTTP.
    """
    message = flow.error.msg if flow.error else ""
    return Failure(
        exchange_id=exchange_id,
        client_id=client_id,
        at=at,
        host=host,
        kind="aborted" if invalid else _kind(flow, message, connect_error),
        message=readable(message, *target_server(flow)),
    )


def of_stop(
    *, exchange_id: str, client_id: str, at: float, host: str | None, why: str = PROXY_STOPPED
) -> Failure:
    """Return the failure of an exchange that was in progress when the recorder stopped."""
    return Failure(
        exchange_id=exchange_id,
        client_id=client_id,
        at=at,
        host=host,
        kind="aborted",
        message=why,
    )


def of_connection(
    client_id: str, at: float, host: str | None, port: int, kind: Kind, message: str
) -> Failure:
    """Return the failure of a connection that never carried an exchange."""
    return Failure(
        exchange_id=None,
        client_id=client_id,
        at=at,
        host=host,
        kind=kind,
        message=readable(message, host, port),
    )


def target_server(flow: http.HTTPFlow) -> tuple[str, int]:
    """Return the host and port of the app that a flow was meant for."""
    address = flow.server_conn.address or (flow.request.host, flow.request.port)
    return address[0], address[1]


def readable(message: str, host: str | None, port: int) -> str:
    """Return mitmproxy's message as the user should read it, for a request to that app."""
    message = _OPENSSL.sub(r"\1", message)
    if host is not None and _UNKNOWN_NAME.search(message):
        return plain_text(f"this machine knows no host {host}: is it misspelt?")
    refused = _REFUSED.search(message)
    if refused is None or host is None:
        return plain_text(message)
    if int(refused[2]) != port:  # not the app's port: that of the upstream proxy
        proxy = Address(refused[1], int(refused[2]))
        return plain_text(f"cannot connect to {proxy}: is the upstream proxy running there?")
    return plain_text(f"cannot connect to {Address(host, port)}: is the app running there?")


def kind_of_stored(flow: http.HTTPFlow, message: str) -> Kind:
    """Return which side of a flow from a file failed, as far as the file shows."""
    if message in _ENDED:
        return "aborted"
    if message.startswith(_RESET) and "CANCEL" in message:
        return "aborted"
    if flow.response is None and flow.server_conn.timestamp_tcp_setup is None:
        return "connect"
    return "upstream"


def _kind(flow: http.HTTPFlow, message: str, connect_error: str | None) -> Kind:
    """Return which side failed."""
    if message in _ENDED:
        return "aborted"
    if connect_error and flow.response is None and message.endswith(connect_error):
        return "connect"
    if message.startswith(_RESET) and (flow.server_conn.alpn != b"h2" or "CANCEL" in message):
        return "aborted"  # mitmproxy says "by client" for either side
    if flow.client_conn.state is not ConnectionState.OPEN:
        return "aborted"
    return "upstream"
