"""TLS and HTTP/2: the same events, from raw headers; and clients that do not trust the CA."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from mitmproxy.certs import CertStore

from cookietrace.events import Body, Client, Failure, Request, Response
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.http2 import Http2
from tests.proxy_addon.proxies import events_of, of_kind, only, responses_to, wait_for
from tests.proxy_addon.upstream import Upstream, Visit, plain


@pytest.mark.parametrize("alpn", ["http/1.1", "h2"])
def test_the_demos_hosts_over_tls(
    start_proxy: StartProxy, start_upstream: StartUpstream, alpn: str
) -> None:
    """https://shop.test reaches the plain-http app with its own Host, recorded as https."""
    app = start_upstream(
        {"/c": plain(b"hi", b"Set-Cookie: a=1; Secure", b"Set-Cookie: b=\xff,2", b"X: 1")}
    )
    proxy = start_proxy("--demo-app", app.url)
    with Wire(proxy.addresses[0]) as wire:
        wire.tunnel("shop.test", 443)
        assert wire.tls("shop.test", proxy.ca, (alpn,)) == alpn
        if alpn == "h2":
            client = Http2(wire)
            stream = client.ask("shop.test", b"/c", (b"cookie", b"x=1"), (b"cookie", b'y="2,\xe9"'))
            assert client.body(stream) == b"hi"
        else:
            wire.send(b'GET /c HTTP/1.1\r\nHost: shop.test\r\nCookie: x=1; y="2,\xe9"\r\n\r\n')
            assert wire.response()[1] == b"hi"
    proxy.stop()
    events = events_of(proxy.capture)
    request, response = only(events, Request), only(events, Response)
    assert (request.url, request.upstream) == ("https://shop.test/c", app.url)
    cookies = [value for name, value in request.headers if name.lower() == "cookie"]
    assert cookies == (["x=1", 'y="2,\xe9"'] if alpn == "h2" else ['x=1; y="2,\xe9"'])
    assert request.http_version == ("HTTP/2.0" if alpn == "h2" else "HTTP/1.1")
    assert [value for name, value in response.headers if name == "Set-Cookie"] == [
        "a=1; Secure",
        "b=\xff,2",
    ]
    assert app.visits[0].headers("host") == [b"shop.test"]
    assert app.visits[0].headers("cookie") == [b'x=1; y="2,\xe9"']


def test_each_stream_of_a_connection_is_an_exchange(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Interleaved HTTP/2 streams, one of them never ending and then cancelled."""

    def events_without_end(visit: Visit) -> None:
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        app.released.wait(120)

    app = start_upstream({"/sse": events_without_end, "/a": plain(b"aa"), "/b": plain(b"bbb")})
    proxy = start_proxy("--demo-app", app.url)
    with Wire(proxy.addresses[0]) as wire:
        wire.tunnel("ads.test", 443)
        wire.tls("ads.test", proxy.ca, ("h2",))
        client = Http2(wire)
        sse, first, second = (client.ask("ads.test", path) for path in (b"/sse", b"/a", b"/b"))
        assert dict(client.headers(sse))[b":status"] == b"200"
        assert responses_to(events_of(proxy.capture), "/sse")
        assert (client.body(first), client.body(second)) == (b"aa", b"bbb")
        client.cancel(sse)
        events = wait_for(proxy.capture, lambda event: isinstance(event, Failure))
    assert [r.url for r in of_kind(events, Request)] == [
        f"https://ads.test{path}" for path in ("/sse", "/a", "/b")
    ]
    (connection,) = {r.connection for r in of_kind(events, Request)}
    assert connection is not None
    assert only(events, Failure).kind == "aborted"
    assert {body.content for body in of_kind(events, Body)} == {"data: 1\n\n", "aa", "bbb"}


def test_a_browser_that_does_not_trust_the_ca_is_a_failure_with_its_host(
    start_proxy: StartProxy, start_upstream: StartUpstream, tmp_path: Path
) -> None:
    """``tls-client`` names the host and the client, so that the screen can show the fix."""
    app = start_upstream({})
    proxy = start_proxy("--demo-app", app.url)
    other = tmp_path / "other"
    CertStore.from_store(other, "mitmproxy", 2048)
    with Wire(proxy.addresses[0]) as wire:
        wire.tunnel("shop.test", 443)
        with pytest.raises(ssl.SSLCertVerificationError):
            wire.tls("shop.test", str(other / "mitmproxy-ca-cert.pem"))
    events = wait_for(proxy.capture, lambda event: isinstance(event, Failure))
    failure, client = only(events, Failure), only(events, Client)
    assert (failure.kind, failure.host, failure.exchange_id) == ("tls-client", "shop.test", None)
    assert failure.client_id == client.client_id
    assert client.user_agent == "T"
    assert "trust" in failure.message
    proxy.stop()
    assert "Traceback" not in proxy.errors()


def test_an_app_on_this_machine_may_have_any_certificate(
    start_proxy: StartProxy, own_certificate: ssl.SSLContext
) -> None:
    """Https apps in development work, through a tunnel and through the reverse listener."""
    with Upstream({"/": plain(b"secure")}, own_certificate) as app:
        reverse = f"reverse:{app.url}@127.0.0.1:0"
        proxy = start_proxy("--mode", "regular@127.0.0.1:0", "--mode", reverse)
        with Wire(proxy.addresses[0]) as wire:
            wire.tunnel("localhost", app.port)
            wire.tls("localhost", proxy.ca)
            wire.send(b"GET / HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % app.port)
            assert wire.response()[1] == b"secure"
        with Wire(proxy.addresses[1]) as wire:
            wire.get("/", b"Host: localhost:8081")
            assert wire.response()[1] == b"secure"
        with Wire(proxy.addresses[1]) as wire:
            wire.tls("localhost", proxy.ca)
            wire.send(b"GET / HTTP/1.1\r\nHost: localhost:8081\r\n\r\n")
            assert wire.response()[1] == b"secure"
    proxy.stop()
    requests = of_kind(events_of(proxy.capture), Request)
    assert [request.url for request in requests] == [
        f"https://localhost:{app.port}/",
        "http://localhost:8081/",
        "https://localhost:8081/",
    ]
    assert [request.upstream for request in requests] == [
        f"https://localhost:{app.port}",
        app.url,
        app.url,
    ]


def test_a_client_is_offered_what_the_server_speaks(
    start_proxy: StartProxy, own_certificate: ssl.SSLContext
) -> None:
    """A browser gets HTTP/2 only if the server has it, as without the proxy."""
    own_certificate.set_alpn_protocols(["http/1.1"])
    with Upstream({"/": plain(b"x")}, own_certificate) as app:
        proxy = start_proxy()
        with Wire(proxy.addresses[0]) as wire:
            wire.tunnel("127.0.0.1", app.port)
            assert wire.tls("127.0.0.1", proxy.ca, ("h2", "http/1.1")) == "http/1.1"
