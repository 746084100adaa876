"""Bodies over HTTP/2 that one side sends faster than the other reads them.

mitmproxy grants each side a window of two gigabytes, grants more for whatever arrives, and collects
what the other side does not want yet. Here a side is granted more only for what has been passed on.
"""

# mypy: allow-untyped-calls
# (mitmproxy's events have no annotations)

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import Any

import h2.exceptions  # type: ignore[import-untyped]
from mitmproxy.proxy import events
from mitmproxy.proxy.layers.http import _events, _http2

WINDOW = 2 * 1024 * 1024
"""How many bytes of a body a side may send ahead."""

MOST_WAITING = 1024 * 1024
"""How many bytes of a body may wait for the other side before no more are granted."""

_OWED = "_cookietrace_owed"
"""Where an HTTP/2 connection keeps what is to be granted: bytes, by stream."""

Handle = Callable[[Any, Any], Generator[Any, Any, None]]


def with_windows(original: Callable[..., None]) -> Callable[..., None]:
    """Return an ``__init__`` of ``BufferedH2Connection`` that grants ``WINDOW``."""

    def __init__(self: Any, *about: Any, **options: Any) -> None:  # noqa: N807
        original(self, *about, **options)
        self.local_settings.initial_window_size = WINDOW
        self.local_settings.acknowledge()

        grant, owed = self.acknowledge_received_data, dict[int, int]()

        def owe(size: int, stream_id: int) -> None:
            owed[stream_id] = owed.get(stream_id, 0) + size

        self.acknowledge_received_data = owe
        setattr(self, _OWED, (owed, grant))

    return __init__


def with_grants(original: Handle) -> Handle:
    """Return a ``_handle_event`` of ``HttpLayer`` that grants what is owed, if it may."""

    def handle_event(self: Any, event: Any) -> Generator[Any, Any, None]:
        yield from original(self, event)
        if isinstance(event, events.DataReceived):
            for connection, layer in list(self.connections.items()):
                side = _http2_side(layer)
                if side is not None and _grant(self, side):
                    yield from self.event_to_child(layer, _flush(self, connection, side))

    return handle_event


def _http2_side(layer: Any) -> Any | None:
    """Return the HTTP/2 side that a layer is, or is around; None if there is none."""
    while layer is not None and not isinstance(layer, _http2.Http2Connection):
        layer = getattr(layer, "child_layer", None)
    return layer


def _grant(http: Any, side: Any) -> bool:
    """Grant what is owed to a side where the other one reads; return whether there was any."""
    if not hasattr(side.h2_conn, _OWED):
        return False
    owed, grant = getattr(side.h2_conn, _OWED)
    ready = [stream_id for stream_id in owed if _waiting(http, side, stream_id) <= MOST_WAITING]
    for stream_id in ready:
        with contextlib.suppress(h2.exceptions.ProtocolError):  # it has ended
            grant(owed.pop(stream_id), stream_id)
    return bool(ready)


def _waiting(http: Any, side: Any, stream_id: int) -> int:
    """Return how many bytes of this stream wait for the other side."""
    if isinstance(side, _http2.Http2Client):
        exchange = side.their_stream_id.get(stream_id)
        other = _http2_side(http.connections.get(http.context.client))
        waits_as = exchange
    else:
        exchange = http.streams.get(stream_id)
        if exchange is None:
            return 0
        other = _http2_side(http.connections.get(exchange.context.server))
        waits_as = getattr(other, "our_stream_id", {}).get(stream_id)
    if other is None:  # over HTTP/1.1, nothing more is read while it does not
        return 0
    return sum(len(part.data) for part in other.h2_conn.stream_buffers.get(waits_as, ()))


def _flush(http: Any, connection: Any, side: Any) -> Any:
    """Return an event that makes a side send what it has to, and does nothing else."""
    if connection == http.context.client:
        return _events.ResponseData(0, b"")
    return _events.RequestData(next(iter(side.our_stream_id)), b"")
