"""Flows to events for cases that real traffic cannot show: unusual hosts, modes and texts."""

from __future__ import annotations

import pytest
from mitmproxy import http
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow, tutils

from cookietrace.scope import Scope
from proxy_addon.flows.convert import REQUESTED_URL, host_of, plain_text, requested_url, upstream
from proxy_addon.hooks.routes import Routes, is_demo_host
from proxy_addon.process.upstream import parse_upstream


def flow(
    mode: str = "regular",
    *,
    tls: bool = False,
    http_version: bytes = b"HTTP/1.1",
    authority: bytes = b"",
    host: bytes | None = None,
    target: str = "target.test",
    port: int = 80,
    scheme: bytes = b"http",
    path: bytes = b"/p",
) -> http.HTTPFlow:
    """Return a flow as it is at ``requestheaders``."""
    headers = http.Headers(((b"host", host),) if host is not None else ())
    made = tflow.tflow(
        req=tutils.treq(
            host=target,
            port=port,
            scheme=scheme,
            authority=authority,
            path=path,
            http_version=http_version,
            headers=headers,
        )
    )
    made.client_conn.proxy_mode = ProxyMode.parse(mode)
    made.client_conn.tls = tls
    made.client_conn.sockname = ("127.0.0.1", 8081)
    return made


REVERSE = "reverse:https://127.0.0.1:3000"


@pytest.mark.parametrize(
    ("made", "url"),
    [
        (flow(host=b"shop.test"), "http://shop.test/p"),
        (
            flow(host=b"xn--bcher-kva.test:81", target="b\u00fccher.test"),
            "http://xn--bcher-kva.test:81/p",
        ),
        (flow(target="b\u00fccher.test"), "http://xn--bcher-kva.test/p"),
        (flow(target="::1", port=81), "http://[::1]:81/p"),
        (flow(target="::1", scheme=b"https", port=443), "https://[::1]/p"),
        (
            flow(http_version=b"HTTP/2.0", authority=b"a.test", host=b"b.test", scheme=b"https"),
            "https://a.test/p",
        ),
        (flow(http_version=b"HTTP/2.0", host=b"b.test", scheme=b"https"), "https://b.test/p"),
        (flow(authority=b"a.test", host=b"b.test"), "http://b.test/p"),
        (flow(REVERSE, host=b"localhost:8081", scheme=b"https"), "http://localhost:8081/p"),
        (flow(REVERSE, host=b"localhost:8081", tls=True), "https://localhost:8081/p"),
        (flow(REVERSE), "http://127.0.0.1:8081/p"),
        (flow(host=b"shop.test", path=b"*"), "http://shop.test"),
        (flow(host=b"h", path=b"/\xff\xc3?\xe9#f"), "http://h/\xff\xc3?\xe9#f"),
    ],
)
def test_the_requested_url(made: http.HTTPFlow, url: str) -> None:
    """The listener's scheme, the client's own host, the raw path."""
    assert requested_url(made) == url


def test_a_rewritten_host_is_not_used() -> None:
    """In reverse mode without keep_host_header the Host header is the app's address."""
    made = flow(REVERSE, host=b"127.0.0.1:3000")
    assert requested_url(made, host_kept=False) == "http://127.0.0.1:8081/p"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://shop.test/a:b", "shop.test"),
        ("http://shop.test:80", "shop.test"),
        ("https://[::1]:8443/", "::1"),
        ("http:///", None),
        ("http://[", None),
    ],
)
def test_the_host_of_a_url(url: str, host: str | None) -> None:
    """Without port and brackets; None if there is none."""
    assert host_of(url) == host


def test_where_a_request_goes() -> None:
    """Always with its port, IPv6 in brackets."""
    assert upstream(flow(target="::1", port=3000).request) == "http://[::1]:3000"
    assert upstream(flow(target="").request) is None


def test_mitmproxys_own_text_can_be_encoded() -> None:
    """Lone surrogates become visible escapes."""
    assert plain_text("bad \udcff path \u00e9") == "bad \\udcff path \u00e9"


@pytest.mark.parametrize("host", ["shop.test", "WWW.shop.test", "api.shop.test.", "ads.test"])
def test_the_demos_hosts_go_to_the_app(host: str) -> None:
    """The Host header and the requested URL are unchanged."""
    made = flow(host=host.encode(), target=host, scheme=b"https", port=443)
    Routes("http://127.0.0.1:5000").requestheaders(made)
    assert made.request.headers["host"] == host
    assert upstream(made.request) == "http://127.0.0.1:5000"
    assert requested_url(made) == made.metadata[REQUESTED_URL] == f"https://{host}/p"


@pytest.mark.parametrize("host", ["evil-shop.test", "a.ads.test", "shop.test.evil", "test", ""])
def test_other_hosts_are_not_routed(host: str) -> None:
    """Only the four names."""
    assert not is_demo_host(host)
    made = flow(host=host.encode(), target="other.test")
    Routes("http://127.0.0.1:5000").requestheaders(made)
    assert made.request.host == "other.test"


@pytest.mark.parametrize(
    ("only", "ignore", "host", "port", "recorded"),
    [
        ((), (), "anything.test", 80, True),
        (("shop.test",), (), "shop.test", 443, True),
        (("shop.test",), (), "WWW.Shop.test.", 443, True),
        (("shop.test",), (), "notshop.test", 443, False),
        (("*.shop.test",), (), "www.shop.test", 80, True),
        ((".shop.test",), (), "shop.test", 80, True),
        (("localhost:3000",), (), "localhost", 3000, True),
        (("localhost:3000",), (), "localhost", 3001, False),
        (("::1",), (), "::1", 80, True),
        (("[::1]:3000",), (), "[::1]", 3000, True),
        (("[::1]:3000",), (), "::1", 80, False),
        ((), ("bank.test",), "login.bank.test", 443, False),
        ((), ("bank.test",), "shop.test", 443, True),
        (("shop.test",), ("pay.shop.test",), "pay.shop.test", 443, False),
        (("a.b",), (), "axb", 80, False),
        (("shop.test",), (), None, 80, False),
    ],
)
def test_which_hosts_are_recorded(
    only: tuple[str, ...], ignore: tuple[str, ...], host: str | None, port: int, recorded: bool
) -> None:
    """A name also matches subdomains; a port restricts it; ``ignore`` wins."""
    assert Scope(only, ignore).records(host, port) is recorded


@pytest.mark.parametrize(
    ("host", "port", "recorded"),
    [
        ("127.0.0.1", 8090, False),
        ("localhost", 8090, False),
        ("127.0.0.2", 8090, False),
        ("[::1]", 8090, False),
        ("127.0.0.1", 8091, True),
        ("lab.test", 8090, False),
        ("x.lab.test", 8090, False),
        ("192.0.2.7", 8090, True),
        ("shop.test", 8090, True),
        ("shop.test", 80, True),
        (None, 8090, True),
    ],
)
def test_our_own_page_is_not_recorded(host: str | None, port: int, recorded: bool) -> None:
    """By whatever name or address of this machine a browser opens it, and nothing else."""
    own = ("127.0.0.1:8090", "localhost:8090", "[::1]:8090", "lab.test:8090")
    assert Scope(own=own).records(host, port) is recorded


@pytest.mark.parametrize(
    ("text", "url", "login"),
    [
        ("http://proxy:3128", "http://proxy:3128", None),
        ("proxy:3128", "http://proxy:3128", None),
        ("https://proxy", "https://proxy:443", None),
        ("http://u%40x:p%3A@[::1]:1", "http://[::1]:1", "u@x:p:"),
    ],
)
def test_the_proxy_behind_ours(text: str, url: str, login: str | None) -> None:
    """The login is separated, since only that proxy may see it."""
    assert parse_upstream(text) == (url, login)
