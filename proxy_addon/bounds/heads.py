"""Heads over HTTP/1.1 that never end, and requests that are sent ahead without an end.

mitmproxy collects both without a limit.
"""

# mypy: allow-untyped-calls
# (mitmproxy's events have no annotations)

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import _base, _http1

LARGEST_HEAD = 512 * 1024
"""The most bytes of a head. Chromium reads heads of up to 256 KiB, Firefox of up to 384 KiB."""

LARGEST_AHEAD = 1024 * 1024
"""The most bytes that a client may send before the response to its last request is complete."""

_TOO_LARGE = 431
"""Request Header Fields Too Large (RFC 6585 section 5)."""

Handle = Callable[[Any, Any], Generator[Any, Any, None]]


def with_bounded_heads(original: Handle) -> Handle:
    """Return a ``_handle_event`` of ``Http1Connection`` that ends what collects too much.

    Bodies are not concerned: they are passed on as they come, or bounded where they are collected.
    """

    def handle_event(self: Any, event: Any) -> Generator[Any, Any, None]:
        yield from original(self, event)
        size = len(self.buf)
        if size <= LARGEST_HEAD:
            return
        if self.state == self.read_headers:
            message = f"a head of more than {LARGEST_HEAD} bytes"
        elif size > LARGEST_AHEAD and self.state == self.wait:
            message = f"more than {LARGEST_AHEAD} bytes were sent before the response"
        else:
            return
        self.buf = type(self.buf)()
        if self.request is None:
            self.state = self.done
            yield commands.SendData(self.conn, _http1.make_error_response(_TOO_LARGE, message))
        else:
            self.state = _ending(self, message)
        yield commands.CloseConnection(self.conn)

    return handle_event


def _ending(side: Any, message: str) -> Callable[[Any], Generator[Any, Any, None]]:
    """Return the state of a side that waits for its connection to close, to end the exchange.

    Ended at once, the hooks about it could keep mitmproxy 12 from closing the connection.
    """

    def ending(event: Any) -> Generator[Any, Any, None]:
        side.buf = type(side.buf)()
        if isinstance(event, events.ConnectionClosed):
            side.state = side.done
            if side.stream_id is not None:
                error = side.ReceiveProtocolError
                yield _base.ReceiveHttp(error(side.stream_id, message, code=error.code))

    return ending
