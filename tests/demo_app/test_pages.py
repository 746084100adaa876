"""The demo's pages: safe, well-formed, and without third-party resources."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask import Flask

from demo_app import create_app, hosts
from demo_app.lessons.refusals import REFUSALS

HOSTS = (*hosts.NAMED, "127.0.0.1:5000", "localhost")
FILLED = {"<code>": "would-overwrite-secure"}
ATTRIBUTES = ("href", "src", "action", "data-fetch")


class Links(HTMLParser):
    """Collects a page's links, and checks that elements are closed in order."""

    VOID = ("meta", "br", "img", "input", "link")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.open: list[str] = []
        self.mistakes: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember links, and the open element."""
        self.links += [value or "" for name, value in attrs if name in ATTRIBUTES]
        self.mistakes += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that closes itself."""


@pytest.fixture(scope="module")
def app() -> Flask:
    """A demo app."""
    return create_app(secret_key="k" * 8)


def pages(app: Flask) -> list[str]:
    """Return every path that handles GET, with each refusal's code."""
    paths = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            for code in REFUSALS if "<code>" in rule.rule else [""]:
                paths.append(rule.rule.replace("<code>", code).replace("<name>", "own"))
    return paths


@pytest.mark.parametrize("host", HOSTS)
def test_links(app: Flask, host: str) -> None:
    """Every link leads to an existing page on one of the demo's hosts."""
    client = app.test_client(use_cookies=False)
    adapter = app.url_map.bind("shop.test")
    for path in pages(app):
        response = client.get(path, headers={"Host": host})
        if response.mimetype != "text/html" or not path.startswith("/lessons"):
            continue
        if response.status_code != 200:
            continue
        found = Links(response.text)
        assert found.mistakes == []
        assert found.open == []
        for link in found.links:
            parts = urlsplit(link)
            assert parts.scheme in ("", "http", "https"), link
            assert parts.netloc in ("", *hosts.NAMED), link
            assert any(adapter.allowed_methods(parts.path)), link


@pytest.mark.parametrize("path", ["/lessons", "/lessons/sign-in", "/lessons/refused"])
def test_policy(app: Flask, path: str) -> None:
    """The policy allows nothing by default, and style and script only by hash."""
    response = app.test_client().get(path)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for text in re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", response.text, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {"Cookie": f"user={HOSTILE}"}),
        ("/lessons", {"Cookie": f"a={HOSTILE}"}),
        ("/lessons/lifetimes", {"Cookie": f"keep={HOSTILE}"}),
        ("/lessons/scope", {"Cookie": f"shade={HOSTILE}; shade={HOSTILE}; place={HOSTILE}"}),
        ("/lessons/greeting/rename", {"Cookie": f"user={HOSTILE}"}),
        ("/lessons/greeting/quiet", {"Cookie": f"user={HOSTILE}"}),
        ("/lessons/refused/" + HOSTILE, {}),
    ],
)
def test_escaped(app: Flask, path: str, headers: dict[str, str]) -> None:
    """What a client sends never becomes markup."""
    response = app.test_client(use_cookies=False).get(path, headers=headers)
    assert HOSTILE not in response.text


def test_icon(app: Flask) -> None:
    """The icon is small, kept for a day, and sets no cookie."""
    response = app.test_client().get("/favicon.ico")
    assert len(response.data) < 1000
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    assert "Set-Cookie" not in response.headers


OF_ITS_OWN = "This lesson needs host names of its own"
NEEDS_HOSTS = {
    "/lessons": "The last five lessons need host names of their own",
    "/lessons/greeting": None,
    "/lessons/sign-in": None,
    "/lessons/lifetimes": None,
    "/lessons/scope": OF_ITS_OWN,
    "/lessons/same-site": OF_ITS_OWN,
    "/lessons/same-site/from-ads": OF_ITS_OWN,
    "/lessons/third-party": OF_ITS_OWN,
    "/lessons/third-party/visit": OF_ITS_OWN,
    "/lessons/credentials": OF_ITS_OWN,
    "/lessons/refused": OF_ITS_OWN,
    "/lessons/refused/same-site-from-cross-site/from-ads": OF_ITS_OWN,
}
"""What a page says about the hosts it needs if it is opened on another one."""


@pytest.mark.parametrize("path", NEEDS_HOSTS)
def test_a_page_without_its_host_says_what_it_needs(app: Flask, path: str) -> None:
    """Each page says which hosts it needs if opened elsewhere, and nothing otherwise."""
    client, wanted = app.test_client(use_cookies=False), NEEDS_HOSTS[path]
    here = client.get(path, headers={"Host": "127.0.0.1:5000"}).text
    there = client.get(path, headers={"Host": "ads.test"}).text
    assert here.count("host names of") == (0 if wanted is None else 1)
    assert wanted is None or wanted in here
    assert "host names of" not in there


@pytest.mark.parametrize("path", NEEDS_HOSTS)
def test_a_page_begins_with_its_heading(app: Flask, path: str) -> None:
    """A page's text begins with its own heading, so that the table can show which page it is."""
    text = app.test_client(use_cookies=False).get(path, headers={"Host": "shop.test"}).text
    heading = re.search(r"<h1>(.*?)</h1>", text)
    assert heading is not None
    assert text.index(heading[0]) < text.index("<header>")


PROMISES = (
    ("/lessons/refused", ">Fixed</a>", "shop.test", "127.0.0.1:5000"),
    ("/lessons/scope", "Set both, and the server gets two", "www.shop.test", "127.0.0.1:5000"),
    ("/lessons/scope", "Set both, and the server gets two", "www.shop.test", "ads.test"),
    ("/lessons/same-site", "Over http <b>none</b> is not among", "shop.test", "localhost"),
)
"""Page, words, a host on which they are true, and one on which they are not."""


@pytest.mark.parametrize(("path", "words", "true_on", "untrue_on"), PROMISES)
def test_a_page_promises_only_what_happens_on_its_host(
    app: Flask, path: str, words: str, true_on: str, untrue_on: str
) -> None:
    """Statements that hold on one host only are shown only there."""
    client = app.test_client(use_cookies=False)
    assert words in client.get(path, headers={"Host": true_on}).text
    assert words not in client.get(path, headers={"Host": untrue_on}).text
