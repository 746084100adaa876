"""Nothing in the proxy grows with the age of a connection, or with what one side sends."""

from __future__ import annotations

import importlib
import socket
import ssl
import threading

import h2.config  # type: ignore[import-untyped]
import h2.connection  # type: ignore[import-untyped]
import h2.events  # type: ignore[import-untyped]
import pytest
from mitmproxy.addonmanager import Loader
from mitmproxy.test import tflow

from cookietrace.events import SCHEMA, Body, Capture, Failure
from cookietrace.stores import MemoryStore
from proxy_addon.bounds.heads import LARGEST_AHEAD, LARGEST_HEAD
from proxy_addon.bounds.windows import MOST_WAITING, WINDOW
from proxy_addon.hooks.bounds import REPLACED, Bounds
from proxy_addon.hooks.clients import Clients
from proxy_addon.hooks.listeners import Listeners
from proxy_addon.hooks.recorder import FlowRecorder
from proxy_addon.journal.journal import Journal
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.http2 import Http2, Http2App
from tests.proxy_addon.journal.test_trouble import RecordedReports
from tests.proxy_addon.proxies import PATIENCE, SECRET, events_of, of_kind, only, wait_for
from tests.proxy_addon.upstream import Visit, plain

MESSAGES = 2000
MESSAGE = b"\x82\x7e\x04\x00" + bytes(1024)
"""A WebSocket message without a mask, as servers send them."""

NO_MESSAGES = """
import mitmproxy.tcp, mitmproxy.websocket
def refuse(*_, **__):
    raise MemoryError("a message is kept")
mitmproxy.tcp.TCPMessage.__init__ = mitmproxy.websocket.WebSocketMessage.__init__ = refuse
"""
"""In the proxy's process: mitmproxy cannot make a message to keep."""

COUNTED = """
import sys
from mitmproxy.proxy.layers.http import HttpLayer
original = HttpLayer.get_connection
def counted(self, *about, **options):
    if len(self.connections) > 4:
        sys.stderr.write("many connections are kept\\n")
    return original(self, *about, **options)
HttpLayer.get_connection = counted
"""
"""In the proxy's process: stderr says so if mitmproxy keeps more and more connections."""


def upgrade(visit: Visit) -> None:
    """Switch protocols, send many messages, and close."""
    visit.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n")
    visit.send(b"Connection: Upgrade\r\n\r\n" + MESSAGE * MESSAGES)
    assert visit.read(len(MESSAGE) * MESSAGES) == MESSAGE * MESSAGES
    visit.connection.close()


@pytest.mark.parametrize("through", ["web-socket", "tunnel"])
def test_messages_are_passed_on_and_not_kept(
    start_proxy: StartProxy, start_upstream: StartUpstream, through: str
) -> None:
    """What is sent through a WebSocket or a tunnel arrives whole in both directions."""
    app = start_upstream({"/": upgrade})
    proxy = start_proxy(before=NO_MESSAGES)
    with Wire(proxy.addresses[0]) as wire:
        if through == "web-socket":
            wire.get(
                f"{app.url}/",
                *(b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13"),
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            )
        else:
            wire.tunnel("127.0.0.1", app.port)
            wire.send(b"\0 / \r\n\r\n")
        assert wire.head().startswith(b"HTTP/1.1 101 ")
        assert wire.exactly(len(MESSAGE) * MESSAGES) == MESSAGE * MESSAGES
        wire.send(MESSAGE * MESSAGES)
        assert wire.to_end() == b""
    assert proxy.stop() == 0
    assert proxy.errors() == ""


def test_a_response_head_without_an_end(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """It is ended at the limit, with an error for the browser and in the capture."""
    left = []

    def endless(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nX: ")
        try:
            while True:
                visit.send(b"x" * 65536)
        except OSError as error:
            left.append(error)
            raise

    app = start_upstream({"/": endless, "/large": plain(b"ok", b"X: " + b"x" * 400_000)})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/large")
        assert wire.response()[1] == b"ok"
        wire.get(f"{app.url}/")
        assert wire.to_end().startswith(b"HTTP/1.1 502 ")
    proxy.stop()
    failure = only(events_of(proxy.capture), Failure)
    assert failure.kind == "upstream"
    assert failure.message == f"a head of more than {LARGEST_HEAD} bytes"
    assert left


def test_a_request_head_without_an_end(start_proxy: StartProxy) -> None:
    """It is refused at the limit."""
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.send(b"GET http://127.0.0.1/ HTTP/1.1\r\nX: " + b"x" * (LARGEST_HEAD - 40))
        wire.send(b"x" * 41)
        assert wire.to_end().startswith(b"HTTP/1.1 431 ")


def test_what_is_sent_before_the_response_is_limited(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A client that keeps sending while the app is slow is disconnected at the limit."""

    def wait(_: Visit) -> None:
        app.released.wait()

    app = start_upstream({"/": wait})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/")
        with pytest.raises(OSError, match=r"reset|pipe"):
            wire.send(b"x" * 200 * LARGEST_AHEAD)
    proxy.stop()
    failure = only(events_of(proxy.capture), Failure)
    assert failure.message == f"more than {LARGEST_AHEAD} bytes were sent before the response"
    assert failure.kind == "aborted"


def test_connections_to_servers_are_forgotten(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A client's connection stays open while the app closes each of its own."""
    closed = threading.Event()

    def once(visit: Visit) -> None:
        visit.send(plain(b"ok"))
        visit.connection.shutdown(socket.SHUT_WR)
        while visit.connection.recv(4096):  # until the proxy has seen it
            pass
        visit.connection.close()
        closed.set()

    app = start_upstream({"/": once})
    proxy = start_proxy(before=COUNTED)
    with Wire(proxy.addresses[0]) as wire:
        for _ in range(30):
            wire.get(f"{app.url}/")
            assert wire.response()[1] == b"ok"
            assert closed.wait(PATIENCE)
            closed.clear()
    assert proxy.stop() == 0
    assert proxy.errors() == ""


def test_an_upload_that_is_cut_off_after_its_response(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """What arrived of it is recorded when the client disconnects, not when the proxy ends."""
    app = start_upstream({"/": plain(b"too large", status=b"413 No")})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/", b"Content-Length: 2000000", method=b"POST", body=b"start")
        assert wire.response()[1] == b"too large"
    events = wait_for(
        proxy.capture, lambda event: isinstance(event, Body) and event.of == "request"
    )
    assert isinstance(events[-1], Body)
    assert (events[-1].content, events[-1].truncated) == ("start", True)


def test_uploads_that_go_on_after_their_response_are_limited() -> None:
    """On a connection that stays open, the first of them are given up; their start is recorded."""
    store = MemoryStore([Capture(capture_id="c", schema=SCHEMA, at=0.0, producer="t")])
    recorder = FlowRecorder(
        Journal(store, RecordedReports()), Clients(), Listeners(), secret=SECRET
    )
    connection = tflow.tclient_conn()
    for number in range(150):
        flow = tflow.tflow(client_conn=connection, resp=True)
        flow.request.method = "POST"
        flow.request.headers["Content-Length"] = "2000000"
        recorder.requestheaders(flow)
        assert callable(flow.request.stream)
        flow.request.stream(b"%d" % number)
        recorder.responseheaders(flow)
        recorder.response(flow)
    begun = [body.content for body in of_kind(store.read().events, Body) if body.of == "request"]
    assert begun == [str(number) for number in range(50)]
    recorder.client_disconnected(connection)
    begun = [body.content for body in of_kind(store.read().events, Body) if body.of == "request"]
    assert begun == [str(number) for number in range(150)]


class LargeApp(Http2App):
    """Responds to each request with ``TOTAL`` bytes over HTTP/2, as fast as it may."""

    TOTAL = 4 * 1024 * 1024

    def __init__(self, context: ssl.SSLContext) -> None:
        self.sent = 0
        self.sent_before_it_waited = 0
        self.waits = threading.Event()
        """Set once it may send nothing more, or has sent everything."""
        super().__init__({}, context)

    def _serve(self, wire: ssl.SSLSocket) -> None:
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        connection.initiate_connection()
        stream = None
        while True:
            while stream is not None and self.sent < self.TOTAL:
                room = connection.local_flow_control_window(stream)
                size = min(room, connection.max_outbound_frame_size, self.TOTAL - self.sent)
                if not size:
                    break
                self.sent += size
                connection.send_data(stream, bytes(size), end_stream=self.sent == self.TOTAL)
                wire.sendall(connection.data_to_send())
            if stream is not None and not self.waits.is_set():
                self.sent_before_it_waited = self.sent
                self.waits.set()
            wire.sendall(connection.data_to_send())
            data = wire.recv(65536)
            if not data:
                return
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    stream = event.stream_id
                    connection.send_headers(stream, [(":status", "200")])


def test_a_large_response_over_http2_waits_for_its_reader(
    start_proxy: StartProxy, own_certificate: ssl.SSLContext
) -> None:
    """The app may send little more than the browser has made room for; all of it arrives."""
    with LargeApp(own_certificate) as app:
        proxy = start_proxy()
        with Wire(proxy.addresses[0]) as wire:
            wire.tunnel("localhost", app.port)
            assert wire.tls("localhost", proxy.ca, ("h2",)) == "h2"
            client = Http2(wire)
            stream = client.ask(f"localhost:{app.port}", b"/")
            assert app.waits.wait(PATIENCE)
            assert app.sent_before_it_waited <= WINDOW + MOST_WAITING + 256 * 1024
            assert client.body(stream) == bytes(app.TOTAL)
        assert proxy.stop() == 0


def test_mitmproxy_is_as_before_afterwards() -> None:
    """Every function that is replaced is there, and is put back."""
    owners = [
        (getattr(importlib.import_module(module), owner), name)
        for module, owner, name, _, _ in REPLACED
    ]
    before = [vars(owner)[name] for owner, name in owners]
    bounds = Bounds()
    bounds.load(Loader(None))  # type: ignore[no-untyped-call]
    assert all(
        vars(owner)[name] is not was for (owner, name), was in zip(owners, before, strict=True)
    )
    bounds.done()
    assert [vars(owner)[name] for owner, name in owners] == before
