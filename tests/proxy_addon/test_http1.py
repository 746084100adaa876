"""The final response arrives and is recorded, whatever a server sends before and after it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from mitmproxy import http, options
from mitmproxy.connection import Client as ClientConnection
from mitmproxy.connection import Server
from mitmproxy.proxy import context, events
from mitmproxy.proxy.layers.http import _base, _events, _http1
from mitmproxy.test import tflow

from cookietrace.events import SCHEMA, Body, Capture, Failure, Recorder, Response
from cookietrace.stores import MemoryStore
from proxy_addon.hooks import marks
from proxy_addon.hooks.http1 import UNCORRECTED, Http1
from proxy_addon.http1.informational import LARGEST
from proxy_addon.journal.journal import Journal
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.http2 import Http2, Http2App
from tests.proxy_addon.journal.test_trouble import RecordedReports
from tests.proxy_addon.proxies import events_of, of_kind, responses_to, wait_for
from tests.proxy_addon.upstream import Answer, Visit, plain

HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
BARE = b"HTTP/1.1 100\r\n\r\n"
OK = plain(b"page", b"Set-Cookie: a=1")
CHUNKED = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"3\r\npag\r\n1;x=y\r\ne\r\n0\r\n"
EMPTY = b"\r\nSet-Cookie: a=1\r\n\r\n"


def in_pieces(*pieces: bytes) -> Answer:
    """Return an answer that is sent one piece after another."""

    def answer(visit: Visit) -> None:
        for piece in pieces:
            visit.send(piece)

    return answer


ROWS: dict[str, tuple[Answer, int, bytes]] = {
    "joined": (HINTS + OK, 200, b"page"),
    "split": (in_pieces(HINTS[:20], HINTS[20:-1], HINTS[-1:] + OK[:9], OK[9:]), 200, b"page"),
    "alone": (in_pieces(HINTS, OK), 200, b"page"),
    "repeated": (HINTS * 3 + BARE + HINTS + OK, 200, b"page"),
    "hundreds": (HINTS * 500 + OK, 200, b"page"),
    "others": (
        b"".join(b"HTTP/1.1 %d X\r\n\r\n" % status for status in (100, 102, 104, 110, 199)) + OK,
        200,
        b"page",
    ),
    "line-feeds": (HINTS.replace(b"\r", b"") + OK, 200, b"page"),
    "large": (HINTS[:-2] + b"X: " + b"x" * 150_000 + b"\r\n\r\n" + OK, 200, b"page"),
    "chunked": (HINTS + CHUNKED + CHUNKS + b"\r\n", 200, b"page"),
    "trailers": (CHUNKED + CHUNKS + b"X: 1\r\nSet-Cookie: t=1\r\n\r\n", 200, b"page"),
    "all": (HINTS + CHUNKED + CHUNKS + b"X: 1\r\n\r\n", 200, b"page"),
    "trailers-split": (
        in_pieces(CHUNKED, CHUNKS[:-3], CHUNKS[-3:] + b"X", b": 1\r\n\r\n"),
        200,
        b"page",
    ),
    "no-content": (HINTS + b"HTTP/1.1 204 No Content" + EMPTY, 204, b""),
    "not-modified": (HINTS + b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4" + EMPTY, 304, b""),
    "error": (HINTS + plain(b"oh", b"Set-Cookie: a=1", status=b"500 Oh"), 500, b"oh"),
    "none": (OK, 200, b"page"),
}
"""What an app sends, and the final response."""


def read(wire: Wire, size: int) -> tuple[int, bytes]:
    """Return the status and the body of the next response, if it has this size."""
    head = wire.head()
    if b"chunked" not in head.lower():
        return int(head.split()[1]), wire.exactly(size)
    body = b""
    while length := int(wire.until(b"\r\n"), 16):
        body += wire.exactly(length)
        wire.exactly(2)
    assert wire.exactly(2) == b"\r\n"
    return int(head.split()[1]), body


@pytest.mark.parametrize("mode", ["regular", "reverse"])
def test_the_final_response_arrives_and_is_recorded(
    start_proxy: StartProxy, start_upstream: StartUpstream, mode: str
) -> None:
    """All rows on one connection, which stays usable; also for requests sent ahead."""
    answers = {f"/{name}": answer for name, (answer, _, _) in ROWS.items()}
    app = start_upstream(
        answers | {"/again": answers["/repeated"], "/again-chunked": answers["/all"]}
    )
    target = "regular" if mode == "regular" else f"reverse:{app.url}"
    proxy = start_proxy("--mode", f"{target}@127.0.0.1:0")
    base = app.url if mode == "regular" else ""
    with Wire(proxy.addresses[0]) as wire:
        for name, (_, status, body) in ROWS.items():
            wire.get(f"{base}/{name}", *([] if base else [b"Host: app.test"]))
            assert (name, *read(wire, len(body))) == (name, status, body)
    with Wire(proxy.addresses[0]) as wire:
        for name in ("again", "again-chunked") * 2:  # without waiting for the responses
            wire.get(f"{base}/{name}", *([] if base else [b"Host: app.test"]))
        assert [read(wire, 4) for _ in range(4)] == [(200, b"page")] * 4
    proxy.stop()
    recorded = events_of(proxy.capture)
    for name, (_, status, body) in ROWS.items():
        (response,) = responses_to(recorded, f"/{name}")
        assert response.status_code == status
        assert [value for each, value in response.headers if each == "Set-Cookie"] == ["a=1"]
        bodies = [b for b in of_kind(recorded, Body) if b.exchange_id == response.exchange_id]
        assert [each.content for each in bodies] == [body.decode()]
    assert [event.state for event in of_kind(recorded, Recorder)] == ["started", "stopped"]
    assert not of_kind(recorded, Failure)


def test_informational_responses_within_other_exchanges(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A HEAD, an upload that waits, a chunked upload with trailers, a stream, and an upgrade."""

    def upload(visit: Visit) -> None:
        visit.send(BARE)
        visit.send(HINTS + plain(visit.read(4)))

    def chunked_upload(visit: Visit) -> None:
        visit.send(HINTS)
        body = b""
        while not body.endswith(b"0\r\n\r\n"):
            body += visit.read(1)
        visit.send(HINTS + plain(body))

    def stream(visit: Visit) -> None:
        visit.send(HINTS + b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        app.released.wait(120)

    def upgrade(visit: Visit) -> None:
        visit.send(HINTS + b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
        visit.send(visit.read(4) + b"-pong")

    app = start_upstream(
        {
            "/head": HINTS + b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
            "/upload": upload,
            "/chunked": chunked_upload,
            "/stream": stream,
            "/upgrade": upgrade,
        }
    )
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/head", method=b"HEAD")
        assert b"Content-Length: 9" in wire.head()
        wire.get(
            f"{app.url}/upload",
            *(b"Content-Length: 4", b"Expect: 100-continue"),
            method=b"POST",
        )
        assert wire.head().startswith(b"HTTP/1.1 100 ")
        wire.send(b"body")
        assert read(wire, 4) == (200, b"body")
        wire.get(
            f"{app.url}/chunked",
            b"Transfer-Encoding: chunked",
            method=b"POST",
            body=b"4\r\nbody\r\n0\r\nX: 1\r\n\r\n",
        )
        assert read(wire, 14) == (200, b"4\r\nbody\r\n0\r\n\r\n")
        wire.get(f"{app.url}/upgrade", b"Connection: upgrade", b"Upgrade: x")
        assert wire.head().startswith(b"HTTP/1.1 101 ")
        wire.send(b"ping")
        assert wire.exactly(9) == b"ping-pong"
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/stream")
        assert wire.head().startswith(b"HTTP/1.1 200 ")
        assert b"data: 1" in wire.until(b"\n\n")
        assert responses_to(events_of(proxy.capture), "/stream")
    proxy.stop()
    recorded = events_of(proxy.capture)
    statuses = [event.status_code for event in of_kind(recorded, Response)]
    assert statuses == [200, 200, 200, 101, 200]
    uploaded = [event.content for event in of_kind(recorded, Body) if event.of == "request"]
    assert uploaded == ["body", "body"]


def test_what_never_becomes_a_final_response(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Garbage and a closed connection are failures; a head without bounds is left to mitmproxy."""

    def close(visit: Visit) -> None:
        visit.send(HINTS)
        raise OSError

    app = start_upstream(
        {
            "/garbage": HINTS + b"HTTP/1.1 twenty\r\n\r\n",
            "/close": close,
            "/large": HINTS[:-2] + b"X: " + b"x" * (LARGEST + 100_000) + b"\r\n\r\n" + OK,
        }
    )
    proxy = start_proxy()
    for path, status in (("/garbage", 502), ("/close", 502), ("/large", 103)):
        with Wire(proxy.addresses[0]) as wire:
            wire.get(f"{app.url}{path}")
            assert wire.head().startswith(b"HTTP/1.1 %d " % status)
    recorded = wait_for(
        proxy.capture, lambda event: isinstance(event, Recorder) and event.state == "gap"
    )
    assert [event.kind for event in of_kind(recorded, Failure)] == ["upstream", "upstream"]
    assert of_kind(recorded, Recorder)[-1].message == UNCORRECTED.format(status=103)


def test_cookies_of_an_informational_response(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """They are no cookies of the exchange; a notice says once who sent which, without values."""
    early = HINTS[:-2] + b"Set-Cookie: early=hidden; Path=/\r\nset-cookie:hidden\r\n\r\n"
    app = start_upstream(
        {"/": early + HINTS + OK, "/long": in_pieces(early[:-20], early[-20:] + OK)}
    )
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        for path in ("/", "/", "/long"):
            wire.get(f"{app.url}{path}")
            assert wire.response()[1] == b"page"
    proxy.stop()
    recorded = events_of(proxy.capture)
    assert all(
        [value for name, value in response.headers if name == "Set-Cookie"] == ["a=1"]
        for response in of_kind(recorded, Response)
    )
    (notice,) = [event for event in of_kind(recorded, Recorder) if event.state == "gap"]
    assert str(notice.message).startswith(
        "127.0.0.1 set the cookies 'early', one without a name in a 103 response"
    )
    assert "hidden" not in str(notice.message)


def test_hosts_that_are_not_recorded_get_no_notice(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Their responses arrive, and nothing of them is in the capture."""
    app = start_upstream({"/": HINTS[:-2] + b"Set-Cookie: early=1\r\n\r\n" + OK})
    proxy = start_proxy("--only", "other.test")
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/")
        assert wire.response()[1] == b"page"
    proxy.stop()
    recorded = events_of(proxy.capture)
    assert [event.state for event in of_kind(recorded, Recorder)] == ["started", "stopped"]


def test_over_http2_it_is_mitmproxy_that_does_it(
    start_proxy: StartProxy, own_certificate: ssl.SSLContext
) -> None:
    """Informational responses and trailers, to a client that speaks HTTP/2 too."""
    hints = [(b":status", b"103"), (b"link", b"</a.css>; rel=preload"), (b"set-cookie", b"e=1")]
    final = [(b":status", b"200"), (b"set-cookie", b"a=1")]
    answers: dict[bytes, Sequence[Sequence[tuple[bytes, bytes]] | bytes]] = {
        b"/hints": [hints, hints, final, b"page"],
        b"/trailers": [final, b"page", [(b"x", b"1")]],
    }
    with Http2App(answers, own_certificate) as app:
        proxy = start_proxy()
        with Wire(proxy.addresses[0]) as wire:
            wire.tunnel("localhost", app.port)
            assert wire.tls("localhost", proxy.ca, ("h2",)) == "h2"
            client = Http2(wire)
            for path in answers:
                stream = client.ask(f"localhost:{app.port}", path)
                assert client.body(stream) == b"page"
                assert dict(client.headers(stream))[b":status"] == b"200"
        proxy.stop()
    recorded = events_of(proxy.capture)
    assert [event.status_code for event in of_kind(recorded, Response)] == [200, 200]
    assert [body.content for body in of_kind(recorded, Body)] == ["page", "page"]


# --- without a network: mitmproxy's own reader, in this process


def replaced() -> tuple[object, object]:
    """Return the functions of mitmproxy that may be replaced, as they are now."""
    return vars(_http1.Http1Client).get("read_headers"), vars(_http1).get("make_body_reader")


def correction() -> tuple[Http1, MemoryStore]:
    """Return an addon that changes nothing yet, and what it records into."""
    store = MemoryStore([Capture(capture_id="0", schema=SCHEMA, at=0.0, producer="test")])
    return Http1(Journal(store, RecordedReports())), store


def corrected() -> Iterator[Http1]:
    """Load the addon; afterwards mitmproxy must be as before."""
    before = replaced()
    addon, _ = correction()
    addon.load(None)  # type: ignore[arg-type]
    yield addon
    addon.done()
    assert replaced() == before


in_effect = pytest.fixture(corrected)


def seen_of(*pieces: bytes) -> list[Any]:
    """Return what mitmproxy makes of a server's bytes, up to an error."""
    client = ClientConnection(
        peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=0.0
    )
    made = context.Context(client, options.Options())
    made.server = Server(address=("127.0.0.1", 3))
    side = _http1.Http1Client(made)
    request = http.Request.make("GET", "http://localhost/")
    arriving: list[events.Event] = [
        events.Start(),
        _events.RequestHeaders(1, request, True),
        _events.RequestEndOfMessage(1),
        *(events.DataReceived(made.server, piece) for piece in pieces),
    ]
    seen: list[Any] = []
    for event in arriving:
        for command in side.handle_event(event):
            if isinstance(command, _base.ReceiveHttp):
                seen.append(command.event)
        if seen and isinstance(seen[-1], _events.ResponseProtocolError):
            break
    return seen


def statuses_and_body(*pieces: bytes) -> tuple[list[int], bytes, bool]:
    """Return what mitmproxy reads: statuses, body, and whether the end was reached."""
    seen = seen_of(*pieces)
    return (
        [each.response.status_code for each in seen if isinstance(each, _events.ResponseHeaders)],
        b"".join(each.data for each in seen if isinstance(each, _events.ResponseData)),
        any(isinstance(each, _events.ResponseEndOfMessage) for each in seen),
    )


WHOLE = HINTS + BARE + HINTS.replace(b"\r", b"") + CHUNKED + CHUNKS + b"X: 1\r\n\r\n"


def test_wherever_the_network_splits_it(in_effect: Http1) -> None:
    """In two at every byte, in three around every end of a line, and byte by byte."""
    expected = ([200], b"page", True)
    for at in range(1, len(WHOLE)):
        assert statuses_and_body(WHOLE[:at], WHOLE[at:]) == expected
        if WHOLE[at : at + 1] == b"\n":
            assert statuses_and_body(WHOLE[:at], WHOLE[at : at + 1], WHOLE[at + 1 :]) == expected
    assert statuses_and_body(*(WHOLE[at : at + 1] for at in range(len(WHOLE)))) == expected


@pytest.mark.parametrize("endless", [b"\r\nX: 1", b"x", b"; x"], ids=["lines", "line", "size"])
def test_trailers_have_a_limit(in_effect: Http1, endless: bytes) -> None:
    """What is larger ends the connection with an error before it has all arrived; so does a size.

    What is within the limit is read.
    """
    start = CHUNKED + b"4\r\npage\r\n0" + (b"" if endless == b"; x" else b"\r\nX: 1")
    within = endless * (LARGEST // len(endless) - 10)
    assert statuses_and_body(start, within, b"\r\n\r\n") == ([200], b"page", True)
    piece = endless * (LARGEST // len(endless) // 8)
    *_, error = seen_of(start, *[piece] * 10)
    assert isinstance(error, _events.ResponseProtocolError)
    assert error.message.endswith(f": trailers or a chunk's size of more than {LARGEST} bytes")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"HTTP/1.1 101 Switching", 101),
        (b"HTTP/1.1 200 OK", 200),
        (b"HTTP/1.1 99 X", 99),
        (b"HTTP/1.1 1034 X", 1034),
        (b"HTTP/1.1 599 HTTP/1.1 103", 599),
        (b"HTTP/1.1 0103 X", 103),
        (b"HTTP/1.1 10", 10),
    ],
)
def test_other_heads_are_left_alone(in_effect: Http1, head: bytes, status: int) -> None:
    """Only a status of three digits that begins with 1 makes a response informational."""
    assert statuses_and_body(head + b"\r\nContent-Length: 0\r\n\r\n")[0] == [status]


def test_it_stands_aside_where_nothing_is_wrong(in_effect: Http1) -> None:
    """A second addon finds that all is well: it replaces nothing, and undoes nothing."""
    before = replaced()
    addon, _ = correction()
    addon.load(None)  # type: ignore[arg-type]
    assert replaced() == before
    addon.done()
    assert replaced() == before
    in_effect.done()
    assert replaced() != before


def test_what_replaced_ours_is_not_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """If another program wraps mitmproxy after us, its function stays in place."""
    monkeypatch.setattr(_http1, "make_body_reader", _http1.make_body_reader)
    addon, _ = correction()
    addon.load(None)  # type: ignore[arg-type]

    def theirs(size: int | None) -> object:
        raise NotImplementedError(size)

    monkeypatch.setattr(_http1, "make_body_reader", theirs)
    addon.done()
    assert replaced()[1] is theirs


def read_another_way(self: object, event: object) -> Iterator[None]:
    """Read nothing, as a mitmproxy whose ``read_headers`` has another purpose."""
    yield from ()


@pytest.mark.parametrize("change", ["gone", "other", "no-class"])
def test_another_mitmproxy_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """A lost response is then told once, in the capture, and traffic is not touched."""
    if change == "gone":
        monkeypatch.delattr(_http1.Http1Client, "read_headers")
    elif change == "no-class":
        monkeypatch.delattr(_http1, "Http1Client")
    else:
        monkeypatch.setattr(_http1.Http1Client, "read_headers", read_another_way)
    before = vars(_http1).get("Http1Client"), replaced()[0] if change != "no-class" else None
    addon, store = correction()
    addon.load(None)  # type: ignore[arg-type]
    after = vars(_http1).get("Http1Client"), replaced()[0] if change != "no-class" else None
    assert after == before
    for status in (103, 103, 101, 200):
        flow = tflow.tflow(resp=True)
        flow.metadata[marks.EXCHANGE_ID] = "x"
        assert flow.response is not None
        flow.response.status_code = status
        addon.responseheaders(flow)
    addon.done()
    (notice,) = of_kind(store.read().events, Recorder)
    assert notice.message == UNCORRECTED.format(status=103)
