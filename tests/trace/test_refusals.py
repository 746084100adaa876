"""Cookies that a client was to refuse, and brings all the same."""

from __future__ import annotations

import pytest

from tests.story import Story

REFUSED = "a=1; SameSite=None"


@pytest.mark.parametrize(
    ("line", "asked", "cookie", "known"),
    [
        (REFUSED, "https://shop.test/", "a=1", True),
        (REFUSED, "https://shop.test/other?x", "b=2; a=1", True),
        ("a=1; Domain=test", "https://api.shop.test/", "a=1", True),
        ("a=1; Domain=test", "https://other.test/", "a=1", False),
        (REFUSED, "https://shop.test/", "a=2", False),
        ("a=1; SameSite=None; Secure", "https://shop.test/", "a=1", False),
    ],
)
def test_a_refused_pair_is_known_again(line: str, asked: str, cookie: str, known: bool) -> None:
    """The same name and value on a host that the setter could mean, and no other."""
    story = Story("https://shop.test")
    first = story.visit("/", None, line)
    second = story.ask(asked, cookie)
    exchange = story.trace().exchange(second)
    told = next(one for one in exchange.request.cookies if one.name == "a")
    assert told.refused_in == (first if known else None)


def test_the_latest_refusal_counts() -> None:
    """Set twice and refused twice: the later answer is the one to look at."""
    story = Story("https://shop.test")
    story.visit("/", None, REFUSED)
    second = story.visit("/", None, REFUSED)
    third = story.ask("/", "a=1")
    exchange = story.trace().exchange(third)
    assert exchange.request.cookies[0].refused_in == second
