"""Failed exchanges: each one is recorded, with the kind of failure."""

from __future__ import annotations

import socket
import threading

import pytest

from cookietrace.events import Client, Failure, Request, Response
from proxy_addon.flows import failures as failures_room
from tests.ports import FreePort
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import events_of, of_kind, only, wait_for
from tests.proxy_addon.upstream import Visit, plain


@pytest.mark.parametrize("listener", ["regular", "reverse"])
def test_an_app_that_is_down_makes_a_request_and_a_failure(
    start_proxy: StartProxy, free_port: FreePort, listener: str
) -> None:
    """``connect``, on that exchange; the browser gets an error page."""
    url = f"http://127.0.0.1:{free_port()}"
    mode = f"reverse:{url}@127.0.0.1:0" if listener == "reverse" else "regular@127.0.0.1:0"
    proxy = start_proxy("--mode", mode)
    for _ in range(2):
        with Wire(proxy.addresses[0]) as wire:
            wire.get(f"{url}/x" if listener == "regular" else "/x", b"Host: app.local:3000")
            assert wire.head().startswith(b"HTTP/1.1 502 ")
            events = events_of(proxy.capture)
    requests, failures = of_kind(events, Request), of_kind(events, Failure)
    assert [failure.exchange_id for failure in failures] == [r.exchange_id for r in requests]
    assert {failure.kind for failure in failures} == {"connect"}
    assert failures[0].client_id == requests[0].client_id
    app = url.removeprefix("http://")
    assert failures[0].message == f"cannot connect to {app}: is the app running there?"
    assert not of_kind(events, Response)


def test_an_https_app_that_is_down_is_a_failure_of_its_request(
    start_proxy: StartProxy, free_port: FreePort
) -> None:
    """Also in a tunnel there is a request, since servers are connected to late."""
    port = free_port()
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.tunnel("localhost", port)
        wire.tls("localhost", proxy.ca)
        wire.send(b"GET /x HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % port)
        assert wire.head().startswith(b"HTTP/1.1 502 ")
    events = events_of(proxy.capture)
    assert only(events, Request).url == f"https://localhost:{port}/x"
    failure = only(events, Failure)
    assert (failure.kind, failure.host) == ("connect", "localhost")
    assert failure.message == f"cannot connect to localhost:{port}: is the app running there?"


_REFUSED = "[Errno 111] Connect call failed ('127.0.0.1', 3000)"


@pytest.mark.parametrize(
    ("message", "wanted", "words"),
    [
        (_REFUSED, ("localhost", 3000), "cannot connect to localhost:3000: is the app"),
        (_REFUSED.replace("111", "61"), ("localhost", 3000), "localhost:3000: is the app"),
        (
            f"Multiple exceptions: [Errno 111] Connect call failed ('::1', 3000, 0, 0), {_REFUSED}",
            ("localhost", 3000),
            "cannot connect to localhost:3000: is the app",
        ),
        (_REFUSED, ("::1", 3000), "cannot connect to [::1]:3000: is the app"),
        (_REFUSED, ("app.test", 80), "connect to 127.0.0.1:3000: is the upstream proxy"),
        (_REFUSED.replace("111", "101"), ("localhost", 3000), "Errno 101"),
        ("server closed connection", ("localhost", 3000), "server closed connection"),
        ("[Errno -2] Name or service not known", ("shpo.test", 80), "no host shpo.test"),
        (
            "no trust (OpenSSL Error([('SSL routines', '', 'certificate unknown')]))",
            ("shop.test", 443),
            "no trust (certificate unknown)",
        ),
        ("[Errno 8] nodename nor servname provided", ("shpo.test", 80), "no host shpo.test"),
    ],
)
def test_a_failed_connection_has_a_readable_message(
    message: str, wanted: tuple[str, int], words: str
) -> None:
    """It names the app or the upstream proxy that does not run; other messages are kept.

    OpenSSL's reason is shown without the list around it.
    """
    message = failures_room.readable(message, *wanted)
    assert words in message
    assert "Errno 111" not in message


ANSWERS = {
    "/nothing": b"",
    "/garbage": b"this is no HTTP\r\n\r\n",
    "/bad-length": b"HTTP/1.1 200 OK\r\nContent-Length: one\r\n\r\n",
    "/half": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
}


def test_an_app_that_responds_badly_is_an_upstream_failure(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Whatever the app did wrong, the failure is recorded before the browser sees its effect."""

    def answer(visit: Visit) -> None:
        visit.send(ANSWERS[visit.path])
        raise ConnectionAbortedError

    app = start_upstream(dict.fromkeys(ANSWERS, answer))
    proxy = start_proxy()
    for number, path in enumerate(ANSWERS, 1):
        with Wire(proxy.addresses[0]) as wire:
            wire.get(f"{app.url}{path}")
            wire.to_end()
        events = events_of(proxy.capture)
        assert len(of_kind(events, Failure)) == number
    failures = of_kind(events, Failure)
    assert {failure.kind for failure in failures} == {"upstream"}
    assert [f.exchange_id for f in failures] == [r.exchange_id for r in of_kind(events, Request)]
    assert not of_kind(events, Response)


def test_a_browser_that_leaves_is_aborted(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """It disconnected before there was a response."""
    app = start_upstream({"/slow": lambda visit: assert_waits(visit)})

    def assert_waits(visit: Visit) -> None:
        asked.append(visit)
        app.released.wait(120)

    asked: list[Visit] = []
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/slow")
        wait_for(proxy.capture, lambda event: isinstance(event, Request))
    events = wait_for(proxy.capture, lambda event: isinstance(event, Failure))
    failure = only(events, Failure)
    assert failure.kind == "aborted", failure.message


def test_a_request_that_is_no_valid_http_is_aborted(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """The proxy rejects it, to prevent request smuggling: the app never sees it."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/", b"Transfer-Encoding: chunked", b"Content-Length: 5", method=b"POST")
        assert wire.head().startswith(b"HTTP/1.1 400 ")
    failure = only(events_of(proxy.capture), Failure)
    assert failure.kind == "aborted"
    assert not app.visits


def test_a_request_that_loops_back_to_the_proxy_is_a_failure(start_proxy: StartProxy) -> None:
    """The proxy does not connect to itself."""
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"http://{proxy.addresses[0]}/")
        assert wire.head().startswith(b"HTTP/1.1 502 ")
    assert only(events_of(proxy.capture), Failure).kind == "connect"


def test_a_client_that_fails_is_known_by_its_user_agent(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A failure before the first request has the same client as later requests."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.tunnel("127.0.0.1", app.port)
        wire.send(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")
        wire.to_end()
    wait_for(proxy.capture, lambda event: isinstance(event, Failure))
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/", b"User-Agent: T")
        wire.response()
    events = events_of(proxy.capture)
    assert only(events, Failure).client_id == only(events, Request).client_id
    assert only(events, Client).user_agent == "T"


def test_an_app_that_speaks_no_tls_is_a_connection_failure(start_proxy: StartProxy) -> None:
    """TLS with a plain-http port: the request is recorded, with the reason of the failure."""

    def complain(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                while connection.recv(65536):
                    pass  # closing with unread bytes would reset it and lose the response

    proxy = start_proxy()
    with socket.create_server(("127.0.0.1", 0)) as server, Wire(proxy.addresses[0]) as wire:
        threading.Thread(target=complain, args=(server,), daemon=True).start()
        wire.tunnel("localhost", server.getsockname()[1])
        wire.tls("localhost", proxy.ca)
        wire.send(b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert wire.head().startswith(b"HTTP/1.1 502 ")
        failure = only(events_of(proxy.capture), Failure)
    assert (failure.kind, failure.host) == ("connect", "localhost")
    assert "TLS" in failure.message
