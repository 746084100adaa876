"""The lessons in a real Chromium, which refuses, withholds and keeps what the pages say."""

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
from demo_app.lessons import LESSONS
from demo_app.lessons.refusals import PATH, REFUSALS, Refusal
from tests.processes import wait_until

pytestmark = pytest.mark.browser

CHROMIUM_REASONS = {
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
    # Refused without a reason.
    "partitioned-insecure": None,
}
"""The browser's own name for each refusal."""


PATIENCE = 120_000.0
"""Milliseconds to wait for anything, long enough for a busy machine."""

expect.set_options(timeout=PATIENCE)


class Quiet(WSGIRequestHandler):
    """Handles requests without logging them."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """The demo app's http and https ports, without a proxy."""
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
    """A Chromium that maps the demo's hosts to these ports and allows third-party cookies."""
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


class BlockedCookies:
    """The browser's own reasons for the cookies that it refuses in a page."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.reasons: list[str] = []
        self._page = page
        self._responses = 0
        self._pending = 0
        """Responses whose cookies the browser has yet to report on."""
        protocol = context.new_cdp_session(page)
        protocol.on(
            "Network.requestWillBeSent", lambda event: self._on_response(event, "redirectHas")
        )
        protocol.on("Network.responseReceived", lambda event: self._on_response(event, "has"))
        protocol.on("Network.responseReceivedExtraInfo", self._on_extra_info)
        protocol.send("Network.enable")

    def goto(self, url: str, responses: int = 1) -> None:
        """Open a page, and wait for the reasons of that many responses."""
        self.reasons.clear()
        wanted = self._responses + responses
        self._page.goto(url)
        wait_until(lambda: self._complete(wanted), "the browser has reported on all cookies")

    def _complete(self, wanted: int) -> bool:
        """Let events arrive, and return whether all of them have."""
        self._page.wait_for_timeout(10)
        return self._responses >= wanted and self._pending <= 0

    def _on_response(self, event: dict[str, Any], has: str) -> None:
        if event.get(f"{has}ExtraInfo"):
            self._responses += 1
            self._pending += 1

    def _on_extra_info(self, event: dict[str, Any]) -> None:
        self._pending -= 1
        for blocked in event["blockedCookies"]:
            self.reasons += blocked["blockedReasons"]


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=lambda refusal: refusal.code)
def test_refused(context: BrowserContext, page: Page, refusal: Refusal) -> None:
    """Chromium refuses each line over the schemes that the lesson names, and keeps the fix."""
    blocked = BlockedCookies(context, page)
    expected = CHROMIUM_REASONS[refusal.code]
    at = f"{PATH}/{refusal.code}"
    for scheme in (refusal.scheme,) if refusal.scheme else ("http", "https"):
        if refusal.first:
            blocked.goto(f"https://shop.test{at}/first")
        kept = context.cookies()
        if refusal.cross_site:
            blocked.goto(f"{scheme}://ads.test{at}/from-ads", responses=2)
        else:
            blocked.goto(f"{scheme}://shop.test{at}")
        assert blocked.reasons == ([expected] if expected else [])
        assert context.cookies() == kept
    context.clear_cookies()
    page.goto(f"https://shop.test{at}/fixed")
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
    """Links and forms on ads.test send the cookies that the lesson names."""
    page.goto(f"{scheme}://shop.test/lessons/same-site")
    with page.expect_navigation():
        page.click("text=Set the four cookies")
    assert " ".join(sorted(names(context))) == kept
    for way, expected in (("A link", by_link), ("A form that posts", by_form)):
        page.goto(f"{scheme}://ads.test/lessons/same-site/from-ads")
        page.click(f"text={way}")
        page.wait_for_url("**/arrive")
        received = page.locator("section code.yes").all_inner_texts()
        assert " ".join(sorted(received)) == expected


def test_sign_in(context: BrowserContext, page: Page) -> None:
    """Scripts see the nickname but not the login, and signing out deletes both."""
    page.goto("http://shop.test/lessons/sign-in")
    page.click("form[action$='/in'] button")
    page.get_by_text("Signed in as Alice").wait_for()
    expect(page.locator("[data-document-cookie]")).to_have_text("nickname=Alice")
    assert names(context) == {"login", "nickname"}
    page.click("form[action$='/flask-in'] button")
    page.get_by_text("The session knows Alice").wait_for()
    page.click("form[action$='/out'] button")
    page.get_by_text("No one is signed in").wait_for()
    page.click("form[action$='/flask-out'] button")
    page.get_by_text("The session is empty").wait_for()
    assert names(context) == set()


def test_credentials(context: BrowserContext, page: Page) -> None:
    """A script's request to another origin stores a cookie only with credentials."""
    page.goto("http://shop.test/lessons/credentials")
    for name, stored in (
        ("silent", set()),
        ("included", {"included"}),
        ("own", {"included", "own"}),
    ):
        page.click(f"[data-output='{name}']")
        expect(page.locator(f"#{name}")).not_to_have_text("not requested yet")
        assert names(context) == stored


def test_third_party(context: BrowserContext, page: Page) -> None:
    """If third-party cookies are allowed, the widget gets all three cookies."""
    page.goto("https://shop.test/lessons/third-party")
    assert names(context) == {"tracker", "widget"}
    page.goto("https://ads.test/lessons/third-party/visit")
    page.goto("https://shop.test/lessons/third-party")
    received = page.frame_locator("iframe").locator("code.yes").all_inner_texts()
    assert received == ["account", "tracker", "widget"]


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
    """A cookie for shop.test is sent to all of its hosts, and to no other site."""
    page.goto("http://www.shop.test/lessons/scope/set-domain")
    name = {"ads": "ads.test", "": "shop.test"}.get(host, f"{host}.shop.test")
    page.goto(f"http://{name}/lessons/scope")
    assert page.get_by_text("Cookie: place=all-of-shop").is_visible() is sent


@pytest.mark.parametrize("path", ["/lessons", *(lesson.path for lesson in LESSONS)])
@pytest.mark.parametrize("width", [390, 1100])
def test_fits(page: Page, path: str, width: int) -> None:
    """Every page fits a phone's screen, with no message in the console."""
    messages: list[str] = []
    page.on("console", lambda entry: messages.append(entry.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"http://shop.test{path}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert messages == []
