"""Clear-Site-Data in the fold: which jar entries an answer takes with it."""

from __future__ import annotations

import pytest

from cookietrace.cookies import Outcome
from tests.story import TYPED, Story

SHOP = "https://shop.test"
WWW = "https://www.shop.test"
OTHER = "https://other.test"
PREFLIGHT = (("Origin", OTHER), ("Access-Control-Request-Method", "PUT"))


def left(story: Story) -> str:
    """The names in the jar."""
    trace = story.trace()
    return " ".join(cookie.name for cookie in trace.jar_at("c1", trace.position))


@pytest.mark.parametrize(
    ("url", "value", "expected"),
    [
        (f"{WWW}/", '"cookies"', "other"),
        (f"{WWW}/", '"cache", "cookies"', "other"),
        (f"{WWW}/", '"*"', "other"),
        (f"{WWW}/", '"storage"', "other host wide"),
        (f"{WWW}/", "cookies", "other host wide"),
        ("http://www.shop.test/", '"cookies"', "other host wide"),
        ("https://x.github.io/", '"cookies"', "other host wide"),
        ("https://127.0.0.1/", '"cookies"', "other host wide"),
    ],
)
def test_it_clears_a_site(url: str, value: str, expected: str) -> None:
    """All hosts of the registrable domain lose their cookies, where the answer came securely."""
    story = Story(SHOP)
    story.visit("/", None, "host=1", "wide=1; Domain=shop.test")
    story.visit(f"{OTHER}/", None, "other=1")
    asked = story.ask(url)
    story.respond(asked, headers=(("Clear-Site-Data", value),))
    assert left(story) == expected


def test_its_own_cookies_are_refused() -> None:
    """A Set-Cookie of the same answer sets nothing."""
    story = Story(SHOP)
    asked = story.ask("/")
    story.respond(asked, "a=1", headers=(("clear-site-data", '"cookies"'),))
    response = story.trace().exchange(asked).response
    assert response is not None
    assert [result.outcome for result in response.set_cookies] == [Outcome.REJECTED]
    assert dict(response.set_cookies[0].reasons[0].facts)["policy"] == "clear-site-data"
    assert left(story) == ""


def test_a_preflight_clears_nothing() -> None:
    """An answer to a request without credentials touches no jar."""
    story = Story(SHOP)
    story.visit("/", None, "host=1")
    asked = story.ask("/", method="OPTIONS", headers=PREFLIGHT)
    story.respond(asked, headers=(("Clear-Site-Data", '"*"'),))
    assert left(story) == "host"


def test_other_partitions_stay() -> None:
    """What belongs to the partition of another top-level site is not cleared."""
    story = Story(SHOP)
    story.visit("/")
    image = (
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "no-cors"),
        ("Sec-Fetch-Dest", "image"),
        ("Referer", f"{SHOP}/"),
    )
    embedded = story.ask(f"{OTHER}/image", headers=image)
    story.respond(embedded, "part=1; Secure; SameSite=None; Partitioned")
    story.visit(f"{OTHER}/", None, "own=1; Secure; Partitioned")
    asked = story.ask(f"{OTHER}/", "own=1", headers=TYPED)
    story.respond(asked, headers=(("Clear-Site-Data", '"cookies"'),))
    assert left(story) == "part"


def test_what_it_clears_was_under_way() -> None:
    """A request that began just then may still carry what is cleared: overlapping, no verdict."""
    story = Story(SHOP)
    story.visit("/", None, "host=1")
    asked = story.ask("/clear", "host=1")
    story.respond(asked, headers=(("Clear-Site-Data", '"cookies"'),))
    late = story.ask("/late", "host=1", headers=TYPED[1:], after=0.1)
    (told,) = story.trace().exchange(late).request.cookies
    assert told.status == "overlapping"


def test_a_server_s_date_moves_its_expires() -> None:
    """Chromium reads Expires by the clock of the server that wrote it; the specification does not.

    A Date that cannot be read moves nothing.
    """
    line = "a=1; Expires=Fri, 03 Jan 2020 00:00:00 GMT"
    kept = {}
    for date in ("Thu, 02 Jan 2020 00:00:00 GMT", "yesterday"):
        for browser in ("chromium", "spec"):
            story = Story(SHOP)
            story.respond(story.ask("/"), line, headers=(("Date", date),))
            trace = story.trace(browser)
            kept[date[:3], browser] = len(trace.jar_at("c1", trace.position))
    assert kept == {
        ("Thu", "chromium"): 1,
        ("Thu", "spec"): 0,
        ("yes", "chromium"): 0,
        ("yes", "spec"): 0,
    }
