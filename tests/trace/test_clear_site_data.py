"""Clear-Site-Data in the fold: which cookies a response deletes."""

from __future__ import annotations

import pytest

from cookietrace.cookies import Outcome
from tests.story import TYPED, Story

SHOP = "https://shop.test"
WWW = "https://www.shop.test"
OTHER = "https://other.test"
PREFLIGHT = (("Origin", OTHER), ("Access-Control-Request-Method", "PUT"))


def left(story: Story) -> str:
    """Return the names in the jar."""
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
    """All hosts of the registrable domain lose their cookies, if the response was secure."""
    story = Story(SHOP)
    story.visit("/", None, "host=1", "wide=1; Domain=shop.test")
    story.visit(f"{OTHER}/", None, "other=1")
    exchange_id = story.ask(url)
    story.respond(exchange_id, headers=(("Clear-Site-Data", value),))
    assert left(story) == expected


def test_its_own_cookies_are_refused() -> None:
    """A Set-Cookie line of the same response sets nothing."""
    story = Story(SHOP)
    exchange_id = story.ask("/")
    story.respond(exchange_id, "a=1", headers=(("clear-site-data", '"cookies"'),))
    response = story.trace().exchange(exchange_id).response
    assert response is not None
    assert [result.outcome for result in response.set_cookies] == [Outcome.REJECTED]
    assert dict(response.set_cookies[0].reasons[0].facts)["policy"] == "clear-site-data"
    assert left(story) == ""


def test_a_preflight_clears_nothing() -> None:
    """The response to a request without credentials changes no jar."""
    story = Story(SHOP)
    story.visit("/", None, "host=1")
    exchange_id = story.ask("/", method="OPTIONS", headers=PREFLIGHT)
    story.respond(exchange_id, headers=(("Clear-Site-Data", '"*"'),))
    assert left(story) == "host"


def test_other_partitions_stay() -> None:
    """Cookies in the partition of another top-level site are not cleared."""
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
    exchange_id = story.ask(f"{OTHER}/", "own=1", headers=TYPED)
    story.respond(exchange_id, headers=(("Clear-Site-Data", '"cookies"'),))
    assert left(story) == "part"


def test_a_request_may_overlap_with_clearing() -> None:
    """A request that began at that moment may still carry a cleared cookie: overlapping."""
    story = Story(SHOP)
    story.visit("/", None, "host=1")
    exchange_id = story.ask("/clear", "host=1")
    story.respond(exchange_id, headers=(("Clear-Site-Data", '"cookies"'),))
    late = story.ask("/late", "host=1", headers=TYPED[1:], after=0.1)
    (cookie,) = story.trace().exchange(late).request.cookies
    assert cookie.status == "overlapping"


def test_the_date_header_shifts_expires() -> None:
    """Chromium reads Expires by the clock of the server; the specification does not.

    A Date that cannot be parsed shifts nothing.
    """
    line = "a=1; Expires=Fri, 03 Jan 2020 00:00:00 GMT"
    sizes = {}
    for date in ("Thu, 02 Jan 2020 00:00:00 GMT", "yesterday"):
        for browser in ("chromium", "spec"):
            story = Story(SHOP)
            story.respond(story.ask("/"), line, headers=(("Date", date),))
            trace = story.trace(browser)
            sizes[date[:3], browser] = len(trace.jar_at("c1", trace.position))
    assert sizes == {
        ("Thu", "chromium"): 1,
        ("Thu", "spec"): 0,
        ("yes", "chromium"): 0,
        ("yes", "spec"): 0,
    }
