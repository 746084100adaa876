"""The order of a Cookie header, where it is known and where it is not."""

from __future__ import annotations

import pytest

from tests.story import Story

OWN = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Dest", "image"),
)
PAGE = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
)
SCRIPT = (
    ("Sec-Fetch-Site", "same-site"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
    ("Origin", "https://www.shop.test"),
)


@pytest.mark.parametrize(
    ("lines", "apart", "header", "certain"),
    [
        (("a=1", "b=1"), 0.2, "a=1; b=1", True),
        (("a=1", "b=1"), 0.2, "b=1; a=1", False),
        (("a=1", "b=1"), 5.0, "b=1; a=1", True),
        (("a=1; Path=/", "b=1; Path=/p"), 0.2, "a=1; b=1", True),
        (("a=1", "b=1"), 0.2, "b=2; a=1", True),
        (("a=1", "b=1"), 0.2, "b=1", True),
    ],
    ids=["as predicted", "within a second", "later", "by path", "another value", "one lacks"],
)
def test_responses_within_a_second(
    lines: tuple[str, str], apart: float, header: str, certain: bool
) -> None:
    """They may arrive in another order than they left, so the cookies' order is not known."""
    story = Story("https://shop.test")
    one, other = (story.ask("/p/x", headers=OWN) for _ in range(2))
    story.respond(one, lines[0])
    story.respond(other, lines[1], after=apart)
    last = story.ask("/p/x", header, headers=PAGE, after=9.0)
    assert story.trace().exchange(last).request.context.certain is certain


def test_a_cookie_that_replaced_an_unconfirmed_one() -> None:
    """Its age is not known: the client may never have had the one before it."""
    story = Story("https://shop.test")
    page = story.ask("/", headers=PAGE)
    story.respond(story.ask("/", headers=SCRIPT), "a=1")
    story.respond(page, "b=1", "a=1", after=5.0)
    last = story.ask("/", "b=1; a=1", headers=PAGE)
    part = story.trace().exchange(last).request
    assert part.expected == "a=1; b=1"
    assert not part.context.certain
    assert part.missing == ()
