"""Which bodies are passed on as they come, and the tap that keeps the start of those."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mitmproxy import http
from mitmproxy.net.http.http1 import expected_http_body_size

from proxy_addon.bodies import Preview
from proxy_addon.convert import first_field

STREAM_FROM = 1024 * 1024
"""Octets from which on a body of known length is passed on as it comes."""

_WITHOUT_BODY = frozenset({b"GET", b"HEAD", b"OPTIONS"})
"""Methods that have no body unless a field says so."""

Streamer = Callable[[bytes], Iterable[bytes] | bytes]


_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


def streams_request(request: http.Request) -> bool:
    """Tell whether a request's body should reach the app as it comes."""
    if request.data.method in _WITHOUT_BODY and not any(
        name.lower() in _FRAMING for name, _ in request.data.headers.fields
    ):
        return False
    if request.is_http2 or request.is_http3:
        length = first_field(request.headers, b"content-length")
        if length is None:
            return request.data.method not in _WITHOUT_BODY
    try:
        size = expected_http_body_size(request)
    except ValueError:
        return False
    return size is None or size < 0 or size > STREAM_FROM


def streams_response(flow: http.HTTPFlow) -> bool:
    """Tell whether a response's body should reach the browser as it comes.

    So it is for events, for large bodies, and for those whose length nobody
    knows before their end.
    """
    assert flow.response is not None
    if is_event_stream(flow.response):
        return True
    size = _expected_size(flow)
    return size is None or size < 0 or size > STREAM_FROM


def is_event_stream(response: http.Response) -> bool:
    """Tell whether the body is server-sent events."""
    content_type = first_field(response.headers, b"content-type") or ""
    return content_type.partition(";")[0].strip().lower() == "text/event-stream"


def length_is_unknown(flow: http.HTTPFlow) -> bool:
    """Tell whether the response's length is known only at its end."""
    size = _expected_size(flow)
    return size is None or size < 0


def _expected_size(flow: http.HTTPFlow) -> int | None:
    """Return the body's length; None or negative where it is known only at its end."""
    assert flow.response is not None
    length = None
    for name, value in flow.response.data.headers.fields:
        if len(name) in (14, 17) and name.lower() in _FRAMING:
            if length is not None or len(name) == 17 or not value.isdigit():
                break  # not the plain case: mitmproxy knows what it makes of it
            length = value
    else:
        if length is not None and flow.request.data.method != b"HEAD":
            return int(length) if len(length) < 19 else -1
    try:
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
