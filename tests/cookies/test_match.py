"""Targets, domain-match, path-match, default path, sites and secure connections (5.1, 5.2)."""

from __future__ import annotations

import pytest

from cookietrace.cookies import (
    PROFILES,
    SuffixList,
    default_path,
    domain_match,
    is_secure,
    parse_target,
    path_match,
    registrable_domain,
    site_of,
)
from tests.cookies.contexts import SUFFIXES

TARGETS = [
    ("https://shop.test/a?b#c", ("https", "shop.test", 443, "/a", "https://shop.test")),
    ("HTTP://SHOP.test", ("http", "shop.test", 80, "/", "http://shop.test")),
    ("http://u:p@shop.test:8080/", ("http", "shop.test", 8080, "/", "http://shop.test:8080")),
    ("http://shop.test:/x", ("http", "shop.test", 80, "/x", "http://shop.test")),
    ("http://shop.test:99999/", ("http", "shop.test", None, "/", "http://shop.test")),
    ("http://shop.test:x/", ("http", "shop.test", None, "/", "http://shop.test")),
    ("http://[::1]:81/", ("http", "[::1]", 81, "/", "http://[::1]:81")),
    ("http://[::1]/", ("http", "[::1]", 80, "/", "http://[::1]")),
    ("http://shop.test?a=/b", ("http", "shop.test", 80, "/", "http://shop.test")),
    ("http://shop.test\\x", ("http", "shop.test", 80, "/", "http://shop.test")),
    ("http://a b/\xff", ("http", None, 80, "/\xff", "http://a b")),
    ("shop.test:443", ("", "shop.test", 443, "/", "://shop.test:443")),
    ("", ("", None, None, "/", "://")),
    ("http://shop.test/" + "p" * 3000, ("http", "shop.test", 80, "/" + "p" * 3000, None)),
]


@pytest.mark.parametrize(("url", "expected"), TARGETS)
def test_a_url_is_split_into_the_parts_that_matter(
    url: str, expected: tuple[str, str | None, int | None, str, str | None]
) -> None:
    """Any text gives a target. Nothing is decoded, and nothing raises."""
    target = parse_target(url)
    scheme, host, port, path, origin = expected
    assert (target.scheme, target.host, target.port, target.path) == (scheme, host, port, path)
    if origin is not None:
        assert target.origin == origin


@pytest.mark.parametrize(
    ("host", "domain", "expected"),
    [
        ("shop.test", "shop.test", True),
        ("www.shop.test", "shop.test", True),
        ("wwwshop.test", "shop.test", False),
        ("shop.test", "www.shop.test", False),
        ("1.2.3.4", "3.4", False),
        ("1.2.3.4", "1.2.3.4", True),
        ("www.1.2.3.4", "1.2.3.4", True),
    ],
)
def test_domain_match(host: str, domain: str, expected: bool) -> None:
    """5.1.3: equal, or a subdomain; addresses only match themselves."""
    assert domain_match(host, domain) is expected


@pytest.mark.parametrize(
    ("request_path", "cookie_path", "expected"),
    [
        ("/", "/", True),
        ("/a/b", "/a", True),
        ("/a/b", "/a/", True),
        ("/ab", "/a", False),
        ("/a", "/a/", False),
        ("/f%6Fo", "/foo", False),
        ("/A", "/a", False),
    ],
)
def test_path_match(request_path: str, cookie_path: str, expected: bool) -> None:
    """5.1.4: equal, or below it at a slash. Nothing is decoded, and case matters."""
    assert path_match(request_path, cookie_path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/", "/"), ("/a", "/"), ("/a/", "/a"), ("/a/b/c", "/a/b"), ("", "/"), ("a/b", "/")],
)
def test_default_path(path: str, expected: str) -> None:
    """5.1.4: up to the right-most slash, or a slash if nothing precedes it."""
    assert default_path(path) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.shop.test", "shop.test"),
        ("www.shop.test.", "shop.test."),
        ("www.shop.co.uk", "shop.co.uk"),
        ("me.github.io", "me.github.io"),
        ("co.uk", None),
        ("localhost", None),
        ("app.localhost", "app.localhost"),
        ("127.0.0.1", None),
        ("[::1]", None),
        ("a." * 200 + "shop.test", "shop.test"),
    ],
)
def test_registrable_domain(host: str, expected: str | None) -> None:
    """The public suffix plus one label; None for addresses and suffixes."""
    assert registrable_domain(host, SUFFIXES) == expected


def test_an_address_is_not_a_public_suffix() -> None:
    """The list's default rule does not apply to addresses."""
    suffixes = SuffixList()
    assert not suffixes.is_public_suffix("1.2.3.4")
    assert suffixes.is_public_suffix("co.uk")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.shop.test/x", "https://shop.test"),
        ("http://www.shop.test/x", "http://shop.test"),
        ("wss://www.shop.test/x", "https://shop.test"),
        ("ws://www.shop.test:81/x", "http://shop.test"),
        ("http://127.0.0.1:5000/", "http://127.0.0.1"),
        ("http://localhost/", "http://localhost"),
        ("http://a b:81/", "http://a b:81"),
    ],
)
def test_sites_are_schemeful(url: str, expected: str) -> None:
    """5.2: scheme and registrable domain; a WebSocket belongs to the page's site."""
    assert site_of(parse_target(url), SUFFIXES) == expected


@pytest.mark.parametrize(
    ("url", "profile", "expected"),
    [
        ("https://shop.test/", "spec", True),
        ("wss://shop.test/", "spec", True),
        ("http://shop.test/", "chromium", False),
        ("http://localhost/", "chromium", True),
        ("http://localhost/", "spec", False),
        ("http://localhost/", "safari", False),
    ],
)
def test_secure_is_as_the_profile_defines_it(url: str, profile: str, expected: bool) -> None:
    """TLS is always secure; plain http to this machine only in some profiles."""
    assert is_secure(parse_target(url), PROFILES[profile]) is expected


def test_a_target_without_port_has_an_origin_without_port() -> None:
    """If the port is invalid, the origin has no port."""
    assert parse_target("http://shop.test:x/").origin == "http://shop.test"


@pytest.mark.parametrize("port", ["80:443", "80:", "80:x", "80:80"])
def test_no_origin_of_a_host_is_that_of_something_else(port: str) -> None:
    """What is cached by origin for a host is never used for what only looks like it."""
    strange, host = parse_target(f"https://shop.test:{port}/"), parse_target("https://shop.test:80")
    assert (strange.host, host.host) == (None, "shop.test")
    assert strange.origin == f"https://shop.test:{port}"
    assert strange.origin != host.origin


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://SHOP.test:443/a?b=1#c", "https://shop.test/a?b=1"),
        ("https://u@shop.test:8443?b=/#c?d", "https://shop.test:8443/?b=/"),
        ("http://shop.test", "http://shop.test/"),
        ("http://shop.test/?#", "http://shop.test/?"),
        ("/path", ":///path"),
        ("", ":///"),
    ],
)
def test_an_address_is_a_url_in_the_form_that_is_compared(url: str, address: str) -> None:
    """Canonical origin, path and query; no fragment. An address is its own address."""
    assert parse_target(url).address == address
    assert parse_target(address).address == address
