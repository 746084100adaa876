"""Heads over HTTP/1.1 that never end, and requests that are sent ahead without an end.

mitmproxy collects both without a limit.
"""

# mypy: allow-untyped-calls
# (mitmproxy's events have no annotations)

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from mitmproxy.proxy import commands
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
            self.state = self.done
            message = f"a head of more than {LARGEST_HEAD} bytes"
            if self.request is None:
                response = _http1.make_error_response(_TOO_LARGE, message)
                yield commands.SendData(self.conn, response)
                yield commands.CloseConnection(self.conn)
            else:
                yield from _end_exchange(self, message)
        elif size > LARGEST_AHEAD and self.state == getattr(self, "wait", None):
            self.state = self.done
            yield from _end_exchange(
                self, f"more than {LARGEST_AHEAD} bytes were sent before the response"
            )

    return handle_event


def _end_exchange(side: Any, message: str) -> Generator[Any, Any, None]:
    """End a side's connection and the exchange that is under way, as mitmproxy does."""
    yield commands.CloseConnection(side.conn)
    if side.stream_id is not None:
        error = side.ReceiveProtocolError
        yield _base.ReceiveHttp(error(side.stream_id, message, code=error.code))
