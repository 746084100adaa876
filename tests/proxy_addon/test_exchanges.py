"""Exchanges over HTTP/1.1: recorded exactly as on the wire, byte for byte."""

from __future__ import annotations

import base64

import pytest

from cookietrace.events import Body, Client, Failure, Recorder, Request, Response
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.proxies import events_of, of_kind, only, responses_to
from tests.proxy_addon.upstream import Visit, plain

ODD_COOKIES = (
    b'a="1,2; 3"; Path=/',
    b"b=caf\xe9\xff; Expires=Wed, 09 Jun 2038 10:18:14 GMT",
    b"a=again",
    b"",
    b"=nameless",
)


def test_headers_are_recorded_as_received(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Order, duplicates, spelling and non-UTF-8 bytes are kept, in both directions."""
    app = start_upstream(
        {"/": plain(b"x", *(b"sEt-CooKie: " + value for value in ODD_COOKIES), b"X-Odd: \xc3\x28")}
    )
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/", b"cOOkie: one=1", b"Cookie: b=\xe9\x01; c", b"X: 1", b"x: 2")
        head, _ = wire.response()
    proxy.stop()
    events = events_of(proxy.capture)
    request, response = only(events, Request), only(events, Response)
    assert request.headers == (
        ("Host", f"127.0.0.1:{app.port}"),
        ("cOOkie", "one=1"),
        ("Cookie", "b=\xe9\x01; c"),
        ("X", "1"),
        ("x", "2"),
    )
    assert response.headers == (
        *(("sEt-CooKie", value.decode("latin-1")) for value in ODD_COOKIES),
        ("X-Odd", "\xc3\x28"),
        ("Content-Length", "1"),
    )
    assert [b"sEt-CooKie: " + value in head for value in ODD_COOKIES] == [True] * len(ODD_COOKIES)
    assert (response.status_code, response.reason, response.http_version) == (200, "OK", "HTTP/1.1")


PATHS = [
    ("/", "/"),
    ("/a%20b/?q=1&q=2;x#no", "/a%20b/?q=1&q=2;x#no"),
    ("/caf\xe9/\xff", "/caf\xe9/\xff"),
    ("//double//", "//double//"),
    ("/?", "/?"),
    ("/%2e%2e/..;/", "/%2e%2e/..;/"),
    ("*", ""),
]
"""The target in the request line, and the path in the recorded URL."""


def test_paths_are_recorded_raw(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """The URL holds the path's bytes as latin-1, without any unquoting."""
    app = start_upstream({})
    proxy = start_proxy("--mode", f"reverse:{app.url}@127.0.0.1:0")
    with Wire(proxy.addresses[0]) as wire:
        for target, _ in PATHS:
            wire.send(b"GET " + target.encode("latin-1") + b" HTTP/1.1\r\nHost: h\r\n\r\n")
            wire.response()
    proxy.stop()
    requests = of_kind(events_of(proxy.capture), Request)
    assert [request.url for request in requests] == [f"http://h{path}" for _, path in PATHS]
    assert [visit.head.split(b" ")[1].decode("latin-1") for visit in app.visits] == [
        target for target, _ in PATHS
    ]


def test_the_url_has_the_clients_own_host(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Punycode, case and brackets of the Host header are kept; the upstream is separate."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy("--mode", "regular@127.0.0.1:0", "--mode", f"reverse:{app.url}@127.0.0.1:0")
    hosts = [b"xn--bcher-kva.example", b"[::1]:8081", b"LocalHost:99", b"127.1"]
    with Wire(proxy.addresses[1]) as wire:
        for host in hosts:
            wire.send(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
            wire.response()
    proxy.stop()
    requests = of_kind(events_of(proxy.capture), Request)
    assert [request.url for request in requests] == [f"http://{h.decode()}/" for h in hosts]
    assert {request.upstream for request in requests} == {app.url}
    assert [visit.headers("host") for visit in app.visits] == [[host] for host in hosts]


def test_a_request_without_host_takes_the_listeners_address(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """HTTP/1.0 through the reverse listener: only the address it connected to is known."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy("--mode", f"reverse:{app.url}@127.0.0.1:0")
    with Wire(proxy.addresses[0]) as wire:
        wire.send(b"GET / HTTP/1.0\r\n\r\n")
        wire.response()
    proxy.stop()
    assert only(events_of(proxy.capture), Request).url == f"http://{proxy.addresses[0]}/"


def test_many_requests_share_one_connection(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Keep-alive, HEAD, 204, 304 and a redirect: each is an exchange, in order."""
    app = start_upstream(
        {
            "/a": plain(b"aa", b"Set-Cookie: n=1"),
            "/head": b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n",
            "/204": b"HTTP/1.1 204 No Content\r\nSet-Cookie: n=2\r\n\r\n",
            "/304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n",
            "/go": plain(b"", b"Location: /a", status=b"302 Found"),
        }
    )
    proxy = start_proxy()
    rows = [
        (b"GET", "/a", 200),
        (b"HEAD", "/head", 200),
        (b"GET", "/204", 204),
        (b"GET", "/304", 304),
        (b"GET", "/go", 302),
        (b"GET", "/a", 200),
    ]
    with Wire(proxy.addresses[0]) as wire:
        for method, path, _ in rows:
            wire.get(f"{app.url}{path}", method=method)
        for _ in rows[:1]:
            wire.response()
        for _ in rows[1:4]:
            wire.head()
        for _ in rows[4:]:
            wire.response()
    proxy.stop()
    events = events_of(proxy.capture)
    assert [(r.method.encode(), r.url.removeprefix(app.url)) for r in of_kind(events, Request)] == [
        row[:2] for row in rows
    ]
    assert [r.status_code for r in of_kind(events, Response)] == [row[2] for row in rows]
    assert [b.content for b in of_kind(events, Body)] == ["aa", "", "", "", "", "aa"]
    assert not of_kind(events, Failure)


def test_bodies_both_ways(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """A request's body follows its request, a response's body its response."""
    app = start_upstream(
        {
            "/form": lambda visit: visit.send(
                plain(b"got " + visit.read(8), b"Content-Type: text/plain")
            ),
            "/png": plain(b"\x89PNG\0\xff", b"Content-Type: image/png"),
        }
    )
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(
            f"{app.url}/form",
            b"Content-Type: application/x-www-form-urlencoded",
            b"Content-Length: 8",
            method=b"POST",
            body=b"a=1&b=%2",
        )
        assert wire.response()[1] == b"got a=1&b=%2"
        wire.get(f"{app.url}/png")
        wire.response()
    proxy.stop()
    events = [e for e in events_of(proxy.capture) if isinstance(e, Request | Response | Body)]
    kinds = [type(event) for event in events]
    assert kinds == [Request, Body, Response, Body, Request, Response, Body]
    sent, received, picture = of_kind(events, Body)
    assert (sent.of, sent.content, sent.size) == ("request", "a=1&b=%2", 8)
    assert (received.of, received.content) == ("response", "got a=1&b=%2")
    assert picture.content is None
    assert base64.b64decode(picture.base64 or "") == b"\x89PNG\0\xff"


@pytest.mark.parametrize(
    ("flags", "kept"), [((), 64 * 1024), (("--bodies-limit", "10"), 10), (("--no-bodies",), None)]
)
def test_how_much_of_a_body_is_kept(
    start_proxy: StartProxy, start_upstream: StartUpstream, flags: tuple[str, ...], kept: int | None
) -> None:
    """64 KiB by default, nothing with --no-bodies. The browser always gets everything."""
    app = start_upstream({"/": plain(b"z" * 100_000, b"Content-Type: text/plain")})
    proxy = start_proxy(*flags)
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/")
        assert len(wire.response()[1]) == 100_000
    proxy.stop()
    bodies = of_kind(events_of(proxy.capture), Body)
    if kept is None:
        assert not bodies
    else:
        assert [(len(b.content or ""), b.size, b.truncated) for b in bodies] == [
            (kept, 100_000, True)
        ]


def test_a_websocket_upgrade_is_an_exchange(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """The 101 is recorded with its cookies, and the connection continues."""

    def upgrade(visit: Visit) -> None:
        visit.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSet-Cookie: ws=1\r\n\r\n"
            b"\x81\x05hello"
        )
        app.released.wait(120)

    app = start_upstream({"/ws": upgrade})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        wire.get(
            f"{app.url}/ws",
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Version: 13",
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            b"Cookie: before=1",
        )
        assert wire.head().startswith(b"HTTP/1.1 101 ")
        [response] = responses_to(events_of(proxy.capture), "/ws")
        assert wire.exactly(7) == b"\x81\x05hello"
        app.released.set()
    assert response.status_code == 101
    assert ("Set-Cookie", "ws=1") in response.headers
    proxy.stop()
    assert not of_kind(events_of(proxy.capture), Body)


def test_the_recorder_records_its_start_and_stop(start_proxy: StartProxy) -> None:
    """A capture begins with its own event and ``started``, and ends with ``stopped``."""
    proxy = start_proxy("--mode", "regular@127.0.0.1:0", "--mode", "regular@127.0.0.1:0")
    assert proxy.stop() == 0
    states = of_kind(events_of(proxy.capture), Recorder)
    assert [state.state for state in states] == ["started", "stopped"]
    assert [listener.address for listener in states[0].listeners] == proxy.addresses
    assert len(set(proxy.addresses)) == 2
    assert not of_kind(events_of(proxy.capture), Client)
    assert proxy.report("stopped") == {"type": "stopped"}
    assert proxy.errors() == ""
