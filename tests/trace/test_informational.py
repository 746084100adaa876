"""Cookies of an informational response that was recorded as the final one."""

from __future__ import annotations

import pytest

from cookietrace.cookies import Outcome
from tests.story import Story

SHOP = "https://shop.test"


@pytest.mark.parametrize(
    ("status", "read"),
    [(100, False), (103, False), (199, False), (101, True), (200, True), (500, True)],
)
def test_browsers_read_no_cookies_from_it(status: int, read: bool) -> None:
    """Its Set-Cookie is refused for that reason, and it clears nothing; 101 is a final response."""
    story = Story(SHOP)
    story.visit("/", None, "kept=1")
    exchange_id = story.ask("/hints")
    cleared = (("Clear-Site-Data", '"cookies"'),) if not read else ()
    story.respond(exchange_id, "a=1; Path=/", status=status, headers=cleared)
    trace = story.trace()
    names = {cookie.name for cookie in trace.jar_at("c1", trace.position)}
    assert names == ({"kept", "a"} if read else {"kept"})
    response = trace.exchange(exchange_id).response
    assert response is not None
    (result,) = response.set_cookies
    assert (result.outcome is Outcome.REJECTED) is not read
    assert [dict(reason.facts)["policy"] for reason in result.reasons] == (
        [] if read else ["informational"]
    )
