"""What went wrong with a flow or a connection, as an event."""

from __future__ import annotations

from typing import Literal

from mitmproxy import flow as mitmproxy_flow
from mitmproxy import http
from mitmproxy.connection import ConnectionState

from cookietrace.events import Failure
from proxy_addon.convert import plain_text

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
        message=plain_text(message),
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


def of_connection(client_id: str, at: float, host: str | None, kind: Kind, message: str) -> Failure:
    """Return the failure of a connection that never came to an exchange."""
    return Failure(
        exchange_id=None,
        client_id=client_id,
        at=at,
        host=host,
        kind=kind,
        message=plain_text(message),
    )


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
