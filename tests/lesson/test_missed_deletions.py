"""Why a deletion found nothing, and what would have deleted the cookie."""

from __future__ import annotations

import pytest

from cookietrace.lesson.missed_deletions import missed_deletion
from tests.story import Story


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
