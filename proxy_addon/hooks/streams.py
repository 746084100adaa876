"""Which bodies are passed on as they come, and the tap that keeps the start of those."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mitmproxy import http
from mitmproxy.net.http.http1 import expected_http_body_size

from proxy_addon.flows.bodies import Preview, is_event_stream
from proxy_addon.flows.fields import Fields

STREAM_FROM = 1024 * 1024
"""Octets from which on a body of known length is passed on as it comes."""

_WITHOUT_BODY = frozenset({b"GET", b"HEAD", b"OPTIONS"})
"""Methods that have no body unless a field says so."""

Streamer = Callable[[bytes], Iterable[bytes] | bytes]


def streams_request(request: http.Request, fields: Fields) -> bool:
    """Tell whether a request's body should reach the app as it comes."""
    length = fields.first.get("content-length")
    if length is None:
        without_body = request.data.method in _WITHOUT_BODY
        if without_body and "transfer-encoding" not in fields.first:
            return False
        if request.is_http2 or request.is_http3:
            return not without_body
    try:
        size = expected_http_body_size(request)
    except ValueError:
        return False
    return size is None or size < 0 or size > STREAM_FROM


def streams_response(flow: http.HTTPFlow, fields: Fields) -> bool:
    """Tell whether a response's body should reach the browser as it comes.

    So it is for events, for large bodies, and for those whose length nobody
    knows before their end.
    """
    if is_event_stream(fields.first.get("content-type")):
        return True
    size = _expected_size(flow, fields)
    return size is None or size < 0 or size > STREAM_FROM


def length_is_unknown(flow: http.HTTPFlow, fields: Fields) -> bool:
    """Tell whether the response's length is known only at its end."""
    size = _expected_size(flow, fields)
    return size is None or size < 0


def _expected_size(flow: http.HTTPFlow, fields: Fields) -> int | None:
    """Return the body's length; None or negative where it is known only at its end."""
    first = fields.first
    length = first.get("content-length")
    if (
        length is not None
        and length.isdecimal()
        and "transfer-encoding" not in first
        and "content-length" not in fields.repeated
        and flow.request.data.method != b"HEAD"
    ):
        return int(length) if len(length) < 19 else -1
    try:  # not the plain case: mitmproxy knows what it makes of it
        return expected_http_body_size(flow.request, flow.response)
    except ValueError:
        return 0


class Tap:
    """Passes a body on unchanged (or through what another addon had set) and keeps its start."""

    def __init__(self, preview: Preview, others: Streamer | bool) -> None:
        self._preview = preview
        self._others = others if callable(others) else None

    def __call__(self, data: bytes) -> Iterable[bytes] | bytes:
        """Return what to pass on of the next octets; none come at the end."""
        if data:
            self._preview.feed(data)
        return data if self._others is None else self._others(data)
