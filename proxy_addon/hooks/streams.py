"""Which bodies are streamed, and the tap that keeps the start of those."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mitmproxy import http
from mitmproxy.net.http.http1 import expected_http_body_size

from proxy_addon.flows.bodies import Preview, is_event_stream
from proxy_addon.flows.headers import ParsedHeaders

STREAM_FROM = 1024 * 1024
"""Bodies of known length with more bytes than this are streamed."""

_WITHOUT_BODY = frozenset({b"GET", b"HEAD", b"OPTIONS"})
"""Methods without a body, unless a header says otherwise."""

Streamer = Callable[[bytes], Iterable[bytes] | bytes]


def streams_request(request: http.Request, headers: ParsedHeaders) -> bool:
    """Return whether to stream a request's body to the app."""
    length = headers.first.get("content-length")
    if length is None:
        without_body = request.data.method in _WITHOUT_BODY
        if without_body and "transfer-encoding" not in headers.first:
            return False
        if request.is_http2 or request.is_http3:
            return not without_body
    try:
        size = expected_http_body_size(request)
    except ValueError:
        return False
    return size is None or size < 0 or size > STREAM_FROM


def streams_response(flow: http.HTTPFlow, headers: ParsedHeaders) -> bool:
    """Return whether to stream a response's body to the browser.

    Server-sent events, large bodies and bodies of unknown length are streamed.
    """
    if is_event_stream(headers.first.get("content-type")):
        return True
    size = _expected_size(flow, headers)
    return size is None or size < 0 or size > STREAM_FROM


def length_is_unknown(flow: http.HTTPFlow, headers: ParsedHeaders) -> bool:
    """Return whether the response's length is known only at its end."""
    size = _expected_size(flow, headers)
    return size is None or size < 0


def _expected_size(flow: http.HTTPFlow, headers: ParsedHeaders) -> int | None:
    """Return the body's length; None or negative if it is known only at its end."""
    first = headers.first
    length = first.get("content-length")
    if (
        length is not None
        and length.isdecimal()
        and "transfer-encoding" not in first
        and "content-length" not in headers.repeated
        and flow.request.data.method != b"HEAD"
    ):
        return int(length) if len(length) < 19 else -1
    try:  # not the plain case: decide as mitmproxy does
        return expected_http_body_size(flow.request, flow.response)
    except ValueError:
        return 0


class Tap:
    """Streams a body unchanged (or through another addon's function) and keeps its start."""

    def __init__(self, preview: Preview, inner: Streamer | bool) -> None:
        self._preview = preview
        self._inner = inner if callable(inner) else None

    def __call__(self, data: bytes) -> Iterable[bytes] | bytes:
        """Return what to pass on for the next chunk; an empty chunk means the end."""
        if data:
            self._preview.feed(data)
        return data if self._inner is None else self._inner(data)
