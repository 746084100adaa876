"""The seed trace from real traffic: two visits, two tables, cell for cell."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext

from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.supervision.browsers import Browser, launch
from cookietrace.supervision.devtools import DevTools
from cookietrace.supervision.visits import visit_with_own_client
from tests.e2e.conftest import SEED_MARKDOWN, Live

Through = Callable[[str | None], BrowserContext]


def visit_twice(context: BrowserContext, url: str) -> list[str]:
    """Open a URL twice in one page; return the two visible texts."""
    page = context.new_page()
    texts = []
    for _ in range(2):
        response = page.goto(url)
        assert response is not None
        assert response.status == 200
        texts.append(page.inner_text("body"))
    return texts


def curl(proxy: str, url: str, cookie: str | None) -> tuple[str, list[str]]:
    """Request a URL as curl would; return the body and the Set-Cookie lines."""
    connection = http.client.HTTPConnection(proxy, timeout=120)
    headers = {"Host": urlsplit(url).netloc, "User-Agent": "curl/8.9.1", "Accept": "*/*"}
    if cookie is not None:
        headers["Cookie"] = cookie
    try:
        connection.request("GET", url, headers=headers)
        response = connection.getresponse()
        return response.read().decode(), response.headers.get_all("Set-Cookie", [])
    finally:
        connection.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("url", "version"),
    [("http://shop.test/", "HTTP/1.1"), ("https://shop.test/", "HTTP/2.0")],
)
def test_chromium_through_the_proxy(
    demo: Live, context_through: Through, url: str, version: str
) -> None:
    """Over http, and over https with HTTP/2: the same two tables, and not even a warning."""
    texts = visit_twice(context_through(demo.proxy), url)
    trace = demo.finish()
    assert problems(Table(trace)) == ()
    assert texts == ["Hello None", "Hello Alice"]
    assert demo.markdown() == SEED_MARKDOWN
    visits = [exchange for exchange in trace.exchanges if exchange.request.url == url]
    assert [exchange.request.http_version for exchange in visits] == [version, version]
    demo.assert_whole(trace)


@pytest.mark.browser
def test_chromium_without_any_proxy_setting(demo: Live, context_through: Through) -> None:
    """The reverse listener needs no browser settings, and misses no request."""
    texts = visit_twice(context_through(None), f"{demo.reverse}/")
    trace = demo.finish()
    assert texts == ["Hello None", "Hello Alice"]
    assert demo.markdown() == SEED_MARKDOWN
    demo.assert_whole(trace)


@pytest.mark.browser
def test_launched_browser_on_localhost(demo: Live, chromium: Browser) -> None:
    """A browser that we open has its own listener, and all its traffic to localhost is recorded."""
    app = demo.running.app
    assert app is not None
    url = app.url.replace("127.0.0.1", "localhost") + "/"
    listener = demo.running.proxy.listen("chromium")
    devtools = DevTools()
    with launch(
        chromium,
        proxy=listener.address,
        ca=demo.running.proxy.ca,
        headless=True,
        devtools=devtools,
    ):
        session = devtools.open_page()
        devtools.visit(url, session)
        devtools.visit(url, session)
    devtools.close()
    trace = demo.finish()
    assert demo.markdown() == SEED_MARKDOWN
    demo.assert_whole(trace)
    assert {client.label for client in trace.clients} == {"chromium"}


@pytest.mark.browser
def test_launched_browser_trusts_the_proxy_on_https(demo: Live, chromium: Browser) -> None:
    """The SPKI hash is enough: https pages open without a warning, and no trust store changes."""
    devtools = DevTools()
    with launch(
        chromium,
        proxy=demo.proxy,
        ca=demo.running.proxy.ca,
        headless=True,
        devtools=devtools,
    ):
        session = devtools.open_page()
        devtools.visit("https://shop.test/", session)
        devtools.visit("https://shop.test/", session)
    devtools.close()
    demo.finish()
    assert demo.markdown() == SEED_MARKDOWN


def test_a_curl_like_client(demo: Live) -> None:
    """A client that sends its cookie by hand and no other headers gives the same tables."""
    first, lines = curl(demo.proxy, "http://shop.test/", None)
    assert lines == ["user=Alice; Path=/"]
    second, _ = curl(demo.proxy, "http://shop.test/", "user=Alice")
    trace = demo.finish()
    assert (first, second) == ("Hello None", "Hello Alice")
    assert demo.markdown() == SEED_MARKDOWN
    assert demo.served() == len(trace.exchanges) == 2


def test_our_own_client(demo: Live) -> None:
    """The client of ``cookietrace demo`` without a browser gives the same tables."""
    visit_with_own_client("http://shop.test/", proxy=demo.proxy)
    demo.finish()
    assert demo.markdown() == SEED_MARKDOWN
