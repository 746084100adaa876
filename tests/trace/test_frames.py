"""A frame in another site's page on plain http, where its headers are those of a link."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from cookietrace.cookies import Site
from cookietrace.trace import Trace
from tests.story import Story
from tests.trace.test_requests import jar, verdicts_of

NAVIGATION = (("Upgrade-Insecure-Requests", "1"),)
FROM_ADS = (*NAVIGATION, ("Referer", "http://ads.test/"))
POSTED_FROM_ADS = (*NAVIGATION, ("Origin", "http://ads.test"))
OPAQUE_FROM_ADS = (*NAVIGATION, ("Origin", "null"), ("Referer", "http://ads.test/"))
HOME = (*NAVIGATION, ("Referer", "http://shop.test/"))
LAX = "lax=1; SameSite=Lax"
PLAIN = "plain=1"
STRICT = "strict=1; SameSite=Strict"
WITHHELD = "withheld lax=1 (same-site-lax); withheld plain=1 (same-site-lax-default)"
ABSENT = "missing lax=1; missing plain=1"


def opened(story: Story, headers: Iterable[tuple[str, str]], *set_cookies: str) -> None:
    """Request a page without cookies; the response sets some."""
    story.respond(story.ask("/", headers=headers), *set_cookies)


@pytest.mark.parametrize(
    ("headers", "cookie", "verdicts", "top_level_site"),
    [
        (FROM_ADS, None, WITHHELD, "http://ads.test"),
        (OPAQUE_FROM_ADS, None, WITHHELD, "http://ads.test"),
        (FROM_ADS, "lax=1; plain=1", "sent lax=1; sent plain=1", "http://shop.test"),
        (FROM_ADS, "lax=1", "sent lax=1; missing plain=1", "http://shop.test"),
        (HOME, None, ABSENT, "http://shop.test"),
        (NAVIGATION, None, ABSENT, "http://shop.test"),
    ],
)
def test_cookies_tell_a_frame_from_a_link(
    headers: tuple[tuple[str, str], ...], cookie: str | None, verdicts: str, top_level_site: str
) -> None:
    """If only a frame explains both the sent and the absent cookies, it was a frame."""
    story = Story("http://shop.test")
    opened(story, NAVIGATION, LAX, PLAIN)
    request = story.ask("/", cookie, headers=headers)
    trace = story.trace()
    assert verdicts_of(trace, request) == verdicts
    assert trace.exchange(request).request.context.top_level_site == top_level_site


def test_a_frame_casts_no_doubt_on_the_jar() -> None:
    """The withheld cookies stay in the jar, and the next link sends them."""
    story = Story("http://shop.test")
    opened(story, NAVIGATION, LAX, STRICT)
    opened(story, FROM_ADS)
    assert jar(story.trace()) == "lax=1 strict=1"
    link = story.ask("/", "lax=1", headers=FROM_ADS)
    assert verdicts_of(story.trace(), link) == "sent lax=1; withheld strict=1 (same-site-strict)"


def test_a_posted_form_is_recognised_by_lax_plus_post() -> None:
    """A top-level form sends recent cookies without SameSite; in a frame it would not."""
    story = Story("http://shop.test")
    opened(story, NAVIGATION, LAX, PLAIN)
    posted = story.ask("/", "plain=1", method="POST", headers=POSTED_FROM_ADS)
    framed = story.ask("/", None, method="POST", headers=POSTED_FROM_ADS)
    trace: Trace = story.trace()
    contexts = [trace.exchange(exchange).request.context for exchange in (posted, framed)]
    assert [context.top_level for context in contexts] == [True, False]
    assert all(context.site is Site.CROSS for context in contexts)
