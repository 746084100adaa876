"""What a page reports of a script's write: read exactly, and never believed blindly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.listening.script_reports import LONGEST_REPORT, LONGEST_SOURCE, Write, read_report

AT = 1_800_000_000.0
ORIGIN = "https://shop.example"
PAGE = f"{ORIGIN}/cart/view?id=1#top"
APP = f"{ORIGIN}/app.js"


def report(
    *parts: Any,
    kind: str = "document.cookie",
    origin: Any = ORIGIN,
    href: str = PAGE,
    source: Any = APP,
    line: Any = 12,
    at: Any = AT * 1000,
) -> str:
    """Return a report as a page sends it."""
    return json.dumps([at, kind, origin, href, source, line, *parts])


def told(write: Write | None) -> tuple[object, ...]:
    """Return what a write is found by."""
    assert write is not None
    return write.name, write.value, write.domain, write.path, write.deletes


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=1", ("a", "1", "shop.example", "/cart", False)),
        (" a = 1 ; Secure", ("a", "1", "shop.example", "/cart", False)),
        ("a=1; Path=/x/", ("a", "1", "shop.example", "/x/", False)),
        ("a=1; Domain=.Example; Path=x", ("a", "1", "example", "/cart", False)),
        ("only", ("", "only", "shop.example", "/cart", False)),
        ("", ("", "", "shop.example", "/cart", False)),
        ("a=; Max-Age=0", ("a", "", "shop.example", "/cart", True)),
        ("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ("a", "", "shop.example", "/cart", True)),
        ("a=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT", ("a", "1", "shop.example", "/cart", False)),
        ("ä=ü", ("Ã¤", "Ã¼", "shop.example", "/cart", False)),
    ],
)
def test_a_line(line: str, expected: tuple[object, ...]) -> None:
    """As a browser reads it: the host and the page's folder stand for what it does not say."""
    write = read_report(report(line))
    assert told(write) == expected
    assert write is not None
    assert (write.at, write.host, write.source, write.line) == (AT, "shop.example", APP, 12)


@pytest.mark.parametrize(
    ("kind", "parts", "expected"),
    [
        ("set", ("a", "1", "", "", ""), ("a", "1", "shop.example", "/", False)),
        ("set", ("a", "1", "example", "/x", ""), ("a", "1", "example", "/x", False)),
        ("set", ("a", "1", "", "", "0"), ("a", "1", "shop.example", "/", True)),
        ("delete", ("a", "", "", "", ""), ("a", "", "shop.example", "/", True)),
    ],
)
def test_the_cookie_store(kind: str, parts: Any, expected: tuple[object, ...]) -> None:
    """Its path is the root by default; one with an expiry may store nothing."""
    assert told(read_report(report(*parts, kind=f"cookieStore.{kind}"))) == expected


@pytest.mark.parametrize(
    ("href", "origin", "domain", "path"),
    [
        ("about:blank", ORIGIN, "shop.example", None),
        ("about:srcdoc", ORIGIN, "shop.example", None),
        ("http://localhost:8080/", "http://localhost:8080", "localhost", "/"),
        ("http://127.0.0.1:1/a/b", "http://127.0.0.1:1", "127.0.0.1", "/a"),
        ("http://[::1]:1/", "http://[::1]:1", "[::1]", "/"),
        ("https://xn--mnchen-3ya.example/", "https://xn--mnchen-3ya.example", None, "/"),
    ],
)
def test_the_page(href: str, origin: str, domain: str | None, path: str | None) -> None:
    """An empty page has its creator's cookies; which path they get is not known then."""
    write = read_report(report("a=1", href=href, origin=origin))
    assert write is not None
    assert (write.domain, write.path) == (domain or "xn--mnchen-3ya.example", path)


@pytest.mark.parametrize(
    ("source", "line", "expected"),
    [
        (f"{APP}?v=1#secret", 3, (f"{APP}?v=1", 3)),
        ("webpack:///./src/cart.js", 2, ("webpack:///./src/cart.js", 2)),
        ("chrome-extension://abc/content.js", 1, ("chrome-extension://abc/content.js", 1)),
        ('data:text/javascript,document.cookie="a=secret"', 1, ("data:text/javascript", 1)),
        (" DATA:text/javascript;base64,c2VjcmV0", 1, ("DATA:text/javascript", 1)),
        ("", 0, (None, None)),
        ("", 7, (None, None)),
        (APP, 0, (APP, None)),
        (APP, -1, (APP, None)),
        (APP, 10**12, (APP, None)),
        ("x" * 5000, 1, (f"{'x' * LONGEST_SOURCE}...", 1)),
    ],
)
def test_the_script(source: str, line: int, expected: tuple[object, ...]) -> None:
    """Whatever the frame says it is, without a fragment and of a bounded length."""
    write = read_report(report("a=1", source=source, line=line))
    assert write is not None
    assert (write.source, write.line) == expected


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "null",
        "[]",
        "{}",
        '[1, "document.cookie"]',
        "[" * 5000,
        report(),
        report("a=1", "b=1"),
        report(1),
        report("a=1", kind="other"),
        report("a", kind="cookieStore.set"),
        report("a=1", at="now"),
        report("a=1", at=-1),
        report("a=1", at=10**30),
        report("a=1", at=None),
        report("a=1", line="12"),
        report("a=1", source=None),
        report("a=1", origin="null"),
        report("a=1", origin="file://"),
        report("a=1", origin="https://"),
        report("a=1", origin=[]),
        report("x" * LONGEST_REPORT),
    ],
)
def test_a_report_that_makes_no_sense(payload: str) -> None:
    """It is passed over."""
    assert read_report(payload) is None


@given(st.lists(st.none() | st.booleans() | st.integers() | st.floats() | st.text()))
def test_anything(values: list[object]) -> None:
    """Nothing in it raises."""
    read_report(json.dumps(values))
    read_report(json.dumps([AT, "document.cookie", ORIGIN, PAGE, APP, 1, *values]))
