"""The lessons in a real Chromium: it refuses, withholds and keeps what the pages say it does."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from cookietrace.errors import LaunchError
from cookietrace.supervision.browsers import find_browser
from demo_app import create_app
from demo_app.lessons.refusals import PATH, REFUSALS, Refusal
from tests.processes import wait_until

pytestmark = pytest.mark.browser

CHROMIUM_SAYS = {
    "control-character": "DisallowedCharacter",
    "name-value-too-large": "NameValuePairExceedsMaxSize",
    "empty-cookie": "NoCookieContent",
    "domain-not-ascii": "InvalidDomain",
    "public-suffix-domain": "InvalidDomain",
    "domain-mismatch": "InvalidDomain",
    "secure-from-insecure": "SecureOnly",
    "would-overwrite-secure": "OverwriteSecure",
    "same-site-from-cross-site": "SchemefulSameSiteStrict",
    "same-site-none-insecure": "SameSiteNoneInsecure",
    "prefix-secure": "InvalidPrefix",
    "prefix-host": "InvalidPrefix",
    "prefix-nameless": "InvalidPrefix",
    "prefix-http": "InvalidPrefix",
    "prefix-host-http": "InvalidPrefix",
    # It refuses this one without a word.
    "partitioned-insecure": None,
}
"""What the browser itself calls each refusal."""


PATIENCE = 120_000.0
"""Milliseconds after which a page is taken never to come to it, on a busy machine too."""

expect.set_options(timeout=PATIENCE)


class Quiet(WSGIRequestHandler):
    """Answers without writing a line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """The demo app over http and over https, without a proxy."""
    app = create_app()
    with ExitStack() as running:

        def serve(**tls: Any) -> int:
            server: BaseWSGIServer = make_server(
                "127.0.0.1", 0, app, threaded=True, request_handler=Quiet, **tls
            )
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            running.callback(thread.join)
            running.callback(server.shutdown)
            return server.port

        yield serve(), serve(ssl_context="adhoc")


@pytest.fixture(scope="module")
def context(
    ports: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A Chromium that finds the demo's hosts on these ports, and lets third parties set cookies."""
    try:
        path = find_browser("chromium").path
    except LaunchError as error:
        pytest.fail(f"this test needs a real browser: {error}", pytrace=False)
    http, https = ports
    rules = f"MAP *.test:80 127.0.0.1:{http}, MAP *.test:443 127.0.0.1:{https}"
    arguments = [f"--host-resolver-rules={rules}"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    profile = tmp_path_factory.mktemp("profile")
    (profile / "Default").mkdir()
    preferences = {"profile": {"cookie_controls_mode": 2}}
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences), encoding="utf-8")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=path, args=arguments, ignore_https_errors=True
        )
        context.set_default_timeout(PATIENCE)
        yield context
        context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page with an empty cookie jar."""
    context.clear_cookies()
    page = context.new_page()
    yield page
    page.close()


def names(context: BrowserContext) -> set[str]:
    """Return the names of the cookies that the browser holds."""
    return {cookie["name"] for cookie in context.cookies()}


class Said:
    """What the browser says of the cookies that it did not take in a page."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.reasons: list[str] = []
        self._page = page
        self._untold = 0
        """Answers of whose cookies it has yet to tell."""
        protocol = context.new_cdp_session(page)
        protocol.on("Network.requestWillBeSent", lambda event: self._answered(event, "redirectHas"))
        protocol.on("Network.responseReceived", lambda event: self._answered(event, "has"))
        protocol.on("Network.responseReceivedExtraInfo", self._told)
        protocol.send("Network.enable")

    def wait_for_all(self) -> None:
        """Return once it has told of every answer so far."""
        wait_until(self._all_told, "the browser has told of all cookies")

    def _all_told(self) -> bool:
        """Take in what it tells meanwhile, and return whether that is all."""
        self._page.wait_for_timeout(10)
        return self._untold <= 0

    def _answered(self, event: dict[str, Any], has: str) -> None:
        self._untold += bool(event.get(f"{has}ExtraInfo"))

    def _told(self, event: dict[str, Any]) -> None:
        self._untold -= 1
        for blocked in event["blockedCookies"]:
            self.reasons += blocked["blockedReasons"]


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=lambda refusal: refusal.code)
def test_refused(context: BrowserContext, page: Page, refusal: Refusal) -> None:
    """Chromium refuses each line over each scheme that the lesson names, and keeps the mended."""
    said = Said(context, page)
    expected = CHROMIUM_SAYS[refusal.code]
    at = f"{PATH}/{refusal.code}"
    for scheme in (refusal.scheme,) if refusal.scheme else ("http", "https"):
        if refusal.first:
            page.goto(f"https://shop.test{at}/first")
        kept = context.cookies()
        said.reasons.clear()
        if refusal.cross_site:
            page.goto(f"{scheme}://ads.test{at}/from-ads", wait_until="networkidle")
        else:
            page.goto(f"{scheme}://shop.test{at}", wait_until="networkidle")
        said.wait_for_all()
        assert said.reasons == ([expected] if expected else [])
        assert context.cookies() == kept
    context.clear_cookies()
    page.goto(f"https://shop.test{at}/mended")
    assert len(context.cookies()) == 1


@pytest.mark.parametrize(
    ("scheme", "kept", "by_link", "by_form"),
    [
        ("http", "lax plain strict", "lax plain", "plain"),
        ("https", "lax none plain strict", "lax none plain", "none plain"),
    ],
)
def test_same_site(
    context: BrowserContext, page: Page, scheme: str, kept: str, by_link: str, by_form: str
) -> None:
    """Links and forms on ads.test bring along what the lesson says."""
    page.goto(f"{scheme}://shop.test/lessons/same-site")
    with page.expect_navigation():
        page.click("text=Set the four cookies")
    assert " ".join(sorted(names(context))) == kept
    for way, brought in (("A link", by_link), ("A form that posts", by_form)):
        page.goto(f"{scheme}://ads.test/lessons/same-site/from-ads")
        page.click(f"text={way}")
        page.wait_for_url("**/arrive")
        came = page.locator("section code.yes").all_inner_texts()
        assert " ".join(sorted(came)) == brought


def test_sign_in(context: BrowserContext, page: Page) -> None:
    """Scripts see the nickname and not the login, and signing out deletes both."""
    page.goto("http://shop.test/lessons/sign-in")
    page.click("form[action$='/in'] button")
    page.get_by_text("Signed in as Alice").wait_for()
    expect(page.locator("[data-document-cookie]")).to_have_text("nickname=Alice")
    assert names(context) == {"login", "nickname"}
    page.click("form[action$='/flask-in'] button")
    page.get_by_text("The session knows Alice").wait_for()
    page.click("form[action$='/out'] button")
    page.get_by_text("Nobody is signed in").wait_for()
    page.click("form[action$='/flask-out'] button")
    page.get_by_text("The session is empty").wait_for()
    assert names(context) == set()


def test_deletion(context: BrowserContext, page: Page) -> None:
    """A deletion with the wrong path deletes nothing."""
    at = "http://shop.test/lessons/lifetimes"
    page.goto(f"{at}/keep")
    page.goto(f"{at}/delete-wrong")
    assert names(context) == {"keep"}
    page.goto(f"{at}/delete-right")
    assert names(context) == set()


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/lessons/scope", "shade=medium; shade=light"),
        ("/lessons/scope/deep", "shade=dark; shade=medium; shade=light"),
        ("/lessons/scope-nearby", "shade=light"),
    ],
)
def test_paths(page: Page, path: str, seen: str) -> None:
    """Three paths, three cookies: the longest path first."""
    page.goto("http://shop.test/lessons/scope/set-paths")
    page.goto(f"http://shop.test{path}")
    assert page.inner_text("pre") == f"Cookie: {seen}"


@pytest.mark.parametrize(
    ("host", "sent"), [("www", True), ("api", True), ("", True), ("ads", False)]
)
def test_domains(page: Page, host: str, sent: bool) -> None:
    """A cookie for shop.test goes to all its hosts, and to no other site."""
    page.goto("http://www.shop.test/lessons/scope/set-domain")
    name = {"ads": "ads.test", "": "shop.test"}.get(host, f"{host}.shop.test")
    page.goto(f"http://{name}/lessons/scope")
    assert page.get_by_text("Cookie: place=all-of-shop").is_visible() is sent


@pytest.mark.parametrize("path", ["", "/sign-in", "/lifetimes", "/scope", "/same-site", "/refused"])
@pytest.mark.parametrize("width", [390, 1100])
def test_fits(page: Page, path: str, width: int) -> None:
    """No page is wider than a phone's screen, or complains in the console."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"http://shop.test/lessons{path}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert complaints == []
