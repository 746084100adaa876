"""Cookies that a client should have refused, but sends."""

from __future__ import annotations

import pytest

from tests.story import Story

REFUSED = "a=1; SameSite=None"


@pytest.mark.parametrize(
    ("line", "url", "cookie", "recognised"),
    [
        (REFUSED, "https://shop.test/", "a=1", True),
        (REFUSED, "https://shop.test/other?x", "b=2; a=1", True),
        ("a=1; Domain=test", "https://api.shop.test/", "a=1", True),
        ("a=1; Domain=test", "https://other.test/", "a=1", False),
        (REFUSED, "https://shop.test/", "a=2", False),
        ("a=1; SameSite=None; Secure", "https://shop.test/", "a=1", False),
    ],
)
def test_a_refused_cookie_is_recognised(line: str, url: str, cookie: str, recognised: bool) -> None:
    """By name and value, on the host that set it and on its parents and subdomains."""
    story = Story("https://shop.test")
    first = story.visit("/", None, line)
    second = story.ask(url, cookie)
    exchange = story.trace().exchange(second)
    sent = next(one for one in exchange.request.cookies if one.name == "a")
    assert sent.refused_in == (first if recognised else None)


def test_the_latest_refusal_counts() -> None:
    """If a cookie was refused twice, the later exchange is named."""
    story = Story("https://shop.test")
    story.visit("/", None, REFUSED)
    second = story.visit("/", None, REFUSED)
    third = story.ask("/", "a=1")
    exchange = story.trace().exchange(third)
    assert exchange.request.cookies[0].refused_in == second
