"""Whether this mitmproxy reads a response rightly: found out by reading one, without a network."""

# mypy: allow-untyped-calls
# (mitmproxy's options have no annotations)

from __future__ import annotations

from mitmproxy import http, options
from mitmproxy.connection import Client, ConnectionState, Server
from mitmproxy.proxy import context, events
from mitmproxy.proxy.layers.http import _base, _events, _http1

_FINAL = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"


def reads_informational() -> bool:
    """Return whether the final response is read after an informational one."""
    return _reads(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + _FINAL + b"\r\n")


def reads_trailers() -> bool:
    """Return whether a chunked response is read whole if it has trailers."""
    return _reads(_FINAL + b"X: 1\r\n\r\n")


def _reads(response: bytes) -> bool:
    """Return whether these bytes are read as the one response 200 with the body "ok"."""
    request = http.Request.make("GET", "http://localhost/")
    statuses: list[int] = []
    body, ended = b"", False
    try:
        side = _http1.Http1Client(_context())
        for event in (
            events.Start(),
            _events.RequestHeaders(1, request, True),
            _events.RequestEndOfMessage(1),
            events.DataReceived(side.conn, response),
        ):
            for command in side.handle_event(event):
                read = command.event if isinstance(command, _base.ReceiveHttp) else None
                if isinstance(read, _events.ResponseHeaders):
                    statuses.append(read.response.status_code)
                elif isinstance(read, _events.ResponseData):
                    body += read.data
                elif isinstance(read, _events.ResponseEndOfMessage):
                    ended = True
    except Exception:  # noqa: BLE001 (whatever it is, it would end a real exchange)
        return False
    return (statuses, body, ended) == ([200], b"ok", True)


def _context() -> context.Context:
    """Return the context of a connection that does not exist."""
    client = Client(
        peername=("127.0.0.1", 1),
        sockname=("127.0.0.1", 2),
        timestamp_start=0.0,
        state=ConnectionState.OPEN,
    )
    made = context.Context(client, options.Options())
    made.server = Server(address=("127.0.0.1", 3))
    return made
