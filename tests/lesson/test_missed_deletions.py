"""Why a deletion found nothing, and what would have deleted the cookie."""

from __future__ import annotations

import pytest

from cookietrace.lesson.missed_deletions import missed_deletion
from tests.story import Story

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

IMAGE = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Dest", "image"),
    ("Referer", "https://ads.test/"),
)
"""An image of another site's page."""


@pytest.mark.parametrize(
    ("given", "deletion", "fix"),
    [
        ("a=1; Path=/x", "a=; Path=/; Max-Age=0", "Path=/x"),
        ("a=1; Path=/; Domain=shop.test", "a=; Path=/; Max-Age=0", "Domain=shop.test"),
        ("a=1; Path=/", "a=; Path=/; Domain=shop.test; Max-Age=0", "no Domain"),
        (
            "a=1; Path=/x; Domain=shop.test",
            "a=; Path=/; Max-Age=0",
            "Path=/x and Domain=shop.test",
        ),
    ],
)
def test_what_the_deletion_lacked(given: str, deletion: str, fix: str) -> None:
    """The fix names exactly the attributes that differ."""
    story = Story("https://shop.test")
    story.visit("/x/y", None, given)
    story.visit("/x/y", "a=1", deletion)
    response = story.trace().exchanges[1].response
    assert response is not None
    missed = missed_deletion(response.set_cookies[0])
    assert missed is not None
    assert missed.fix == f"Delete it with {fix}, exactly as it was set."


def test_of_a_host_only_cookie_of_another_host() -> None:
    """A host-only cookie of another host can only be deleted by that host."""
    story = Story("https://www.shop.test")
    story.visit("/", None, "a=1; Path=/")
    story.visit("https://api.shop.test/", None, "a=; Path=/; Max-Age=0")
    response = story.trace().exchanges[1].response
    assert response is not None
    missed = missed_deletion(response.set_cookies[0])
    assert missed is not None
    assert missed.fix == "Delete it with a response from www.shop.test, exactly as it was set."


@pytest.mark.parametrize(
    ("given", "deletion", "brief", "fix"),
    [
        (
            "a=1; Path=/; Secure; SameSite=None",
            "a=; Path=/; Secure; SameSite=None; Max-Age=0",
            "kept separate in other sites' pages",
            "Delete it with a navigation to its own site: in other sites' pages, this client keeps "
            "its cookies separate.",
        ),
        (
            "a=1; Path=/; Secure; SameSite=None",
            "a=; Path=/; Secure; SameSite=None; Partitioned; Max-Age=0",
            "stored without Partitioned",
            "Delete it with no Partitioned, exactly as it was set.",
        ),
    ],
)
def test_of_a_partition(given: str, deletion: str, brief: str, fix: str) -> None:
    """A client that partitions all third-party cookies is told from a line with Partitioned."""
    story = Story("https://shop.test", user_agent=FIREFOX)
    story.visit("/", None, given)
    story.visit("https://ads.test/")
    story.respond(story.ask("/out", headers=IMAGE), deletion)
    response = story.trace().exchanges[2].response
    assert response is not None
    missed = missed_deletion(response.set_cookies[0])
    assert missed is not None
    assert (missed.brief, missed.fix) == (brief, fix)
    assert "not partitioned, but this deletes" in missed.sentence
    assert missed.sentence.endswith(
        "partitioned for https://ads.test: to a browser, these are two different cookies."
    )
