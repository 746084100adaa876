"""Bodies that are endless, slow or large: streamed, and still recorded."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy.net.http.http1 import expected_http_body_size
from mitmproxy.test import tflow

from cookietrace.events import Body, Event, Failure, Request, Response
from proxy_addon.flows.headers import ParsedHeaders
from proxy_addon.hooks.streams import STREAM_FROM, streams_response
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import events_of, of_kind, only, responses_to, wait_for
from tests.proxy_addon.upstream import Upstream, Visit, plain

HEADS = {
    "/sse": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nSet-Cookie: s=1\r\n\r\n",
    "/chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: s=1\r\n\r\n",
    "/to-end": b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: s=1\r\n\r\n",
    "/large": b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\nSet-Cookie: s=1\r\n\r\n",
}
FIRST = {"/chunked": b"5\r\nfirst\r\n"}


LENGTHS = [
    *(b"0", b"5", b"005", b"999999", b"1000000", b"1048576", b"1048577"),
    *(b"9" * 18, b"9" * 30, b"", b"+5", b"-1", b"5, 5", b"\xb2", b"x"),
]
FRAMING = st.one_of(
    st.tuples(
        st.sampled_from([b"Content-Length", b"content-length"]),
        st.sampled_from(LENGTHS),
    ),
    st.tuples(
        st.sampled_from([b"Transfer-Encoding", b"TRANSFER-encoding"]),
        st.sampled_from([b"chunked", b"gzip, chunked", b"gzip", b"", b"x"]),
    ),
    st.sampled_from([(b"Set-Cookie", b"a=1"), (b"Content-Type", b"text/html")]),
)


@settings(max_examples=400)
@given(
    st.lists(FRAMING, max_size=4),
    st.sampled_from([b"GET", b"HEAD", b"POST"]),
    st.sampled_from([200, 404]),
    st.sampled_from([b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2.0"]),
)
def test_a_body_streams_by_the_length_that_mitmproxy_expects(
    raw: list[tuple[bytes, bytes]], method: bytes, status: int, version: bytes
) -> None:
    """The shortcut for a plain Content-Length decides as mitmproxy's own code."""
    flow = tflow.tflow(resp=True)
    assert flow.response is not None
    flow.request.data.method = method
    flow.response.data.status_code = status
    flow.response.data.http_version = version
    flow.response.data.headers.fields = tuple(raw)
    try:
        size = expected_http_body_size(flow.request, flow.response)
    except ValueError:
        size = 0
    streams = size is None or size < 0 or size > STREAM_FROM
    assert streams_response(flow, ParsedHeaders(tuple(raw))) == streams


def slow(app: list[Upstream]) -> dict[str, object]:
    """Return responses that send headers and five bytes, and then wait."""

    def answer(visit: Visit) -> None:
        visit.send(HEADS[visit.path] + FIRST.get(visit.path, b"first"))
        app[0].released.wait(120)
        raise ConnectionAbortedError

    return dict.fromkeys(HEADS, answer)


@pytest.mark.parametrize("path", list(HEADS))
def test_a_stream_is_delivered_and_recorded_before_its_end(
    start_proxy: StartProxy, start_upstream: StartUpstream, path: str
) -> None:
    """The response is in the capture before the browser can read any of the stream."""
    box: list[Upstream] = []
    app = start_upstream(slow(box))  # type: ignore[arg-type]
    box.append(app)
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}{path}")
        wire.head()
        [response] = responses_to(events_of(proxy.capture), path)
        wire.until(b"first")
    assert ("Set-Cookie", "s=1") in response.headers
    events = wait_for(proxy.capture, lambda event: isinstance(event, Failure))
    body = only(events, Body)
    assert (body.content or "") + (body.base64 or "") == "first"
    assert body.truncated
    assert only(events, Failure).kind == "aborted"


def test_a_stream_that_the_app_aborts_is_an_upstream_failure(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """The kind is ``upstream``, and the start of the body is kept."""
    box: list[Upstream] = []
    app = start_upstream(slow(box))  # type: ignore[arg-type]
    box.append(app)
    app.released.set()
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/chunked")
        wire.head()
        wire.to_end()
    events = wait_for(proxy.capture, lambda event: isinstance(event, Failure))
    failure = only(events, Failure)
    assert (failure.kind, failure.host) == ("upstream", "127.0.0.1")
    assert failure.exchange_id == only(events, Request).exchange_id
    assert only(events, Body).content == "first"


@pytest.mark.parametrize("encoding", [None, b"gzip"])
def test_a_large_download_is_complete_and_its_start_is_kept(
    start_proxy: StartProxy, start_upstream: StartUpstream, encoding: bytes | None
) -> None:
    """Every byte arrives; the preview is the decoded start, the size that of the whole."""
    text = b"".join(b"%07d\n" % number for number in range(300_000))
    body = gzip.compress(text, 0) if encoding else text
    headers = [b"Content-Type: text/plain", *([b"Content-Encoding: gzip"] if encoding else [])]
    app = start_upstream({"/": plain(body, *headers)})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/")
        assert wire.response()[1] == body
    proxy.stop()
    kept = only(events_of(proxy.capture), Body)
    assert kept.content == text[: 64 * 1024].decode()
    assert (kept.size, kept.truncated) == (len(text), True)


def test_chunks_arrive_as_chunks(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """A chunked body is recorded whole, its response when it starts."""

    def answer(visit: Visit) -> None:
        visit.send(HEADS["/chunked"] + b"3\r\none\r\n4\r\n two\r\n0\r\n\r\n")

    app = start_upstream({"/chunked": answer})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/chunked")
        assert wire.until(b"0\r\n\r\n").endswith(b"3\r\none\r\n4\r\n two\r\n0\r\n\r\n")
    proxy.stop()
    events = events_of(proxy.capture)
    assert only(events, Response).status_code == 200
    body = only(events, Body)
    assert (body.content, body.size, body.truncated) == ("one two", 7, False)


def test_an_upload_is_streamed_to_the_app(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """The app may respond before the upload ends; both bodies are recorded."""

    def answer(visit: Visit) -> None:
        assert visit.read(10) == b"5\r\nhello\r\n"
        visit.send(HEADS["/chunked"] + b"5\r\nearly\r\n")
        assert visit.read(15) == b"6\r\n world\r\n0\r\n\r\n"[:15]
        visit.send(b"0\r\n\r\n")

    app = start_upstream({"/up": answer})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(
            f"{app.url}/up",
            b"Transfer-Encoding: chunked",
            b"Content-Type: text/plain",
            method=b"POST",
            body=b"5\r\nhello\r\n",
        )
        wire.until(b"early")
        wire.send(b"6\r\n world\r\n0\r\n\r\n")
        wire.until(b"0\r\n\r\n")

    def whole(event: Event) -> bool:
        return isinstance(event, Body) and event.of == "response"

    proxy.stop()
    events = wait_for(proxy.capture, whole)
    assert {(body.of, body.content) for body in of_kind(events, Body)} == {
        ("request", "hello world"),
        ("response", "early"),
    }


def test_stopping_keeps_the_start_of_a_stream(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A proxy that stops in the middle of a stream records the start of its body."""
    box: list[Upstream] = []
    app = start_upstream(slow(box))  # type: ignore[arg-type]
    box.append(app)
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/sse")
        wire.until(b"first")
        assert proxy.stop() == 0
    events = events_of(proxy.capture)
    assert only(events, Body).content == "first"
    assert only(events, Body).truncated
