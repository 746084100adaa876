"""A frame of another site's page, on plain http, where it asks in the same words as a link."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from cookietrace.cookies import Site
from cookietrace.trace import Trace
from tests.story import Story
from tests.trace.test_requests import jar, said

NAVIGATION = (("Upgrade-Insecure-Requests", "1"),)
FROM_ADS = (*NAVIGATION, ("Referer", "http://ads.test/"))
POSTED_FROM_ADS = (*NAVIGATION, ("Origin", "http://ads.test"))
OPAQUE_FROM_ADS = (*NAVIGATION, ("Origin", "null"), ("Referer", "http://ads.test/"))
HOME = (*NAVIGATION, ("Referer", "http://shop.test/"))
LOOSE = "lax=1; SameSite=Lax"
PLAIN = "plain=1"
STRICT = "strict=1; SameSite=Strict"
KEPT = "withheld lax=1 (same-site-lax); withheld plain=1 (same-site-lax-default)"
LOST = "missing lax=1; missing plain=1"


def opened(story: Story, headers: Iterable[tuple[str, str]], *set_cookies: str) -> None:
    """A page is asked for without any cookie, and its answer sets some."""
    story.respond(story.ask("/", headers=headers), *set_cookies)


@pytest.mark.parametrize(
    ("headers", "cookie", "told", "top_level_site"),
    [
        (FROM_ADS, None, KEPT, "http://ads.test"),
        (OPAQUE_FROM_ADS, None, KEPT, "http://ads.test"),
        (FROM_ADS, "lax=1; plain=1", "sent lax=1; sent plain=1", "http://shop.test"),
        (FROM_ADS, "lax=1", "sent lax=1; missing plain=1", "http://shop.test"),
        (HOME, None, LOST, "http://shop.test"),
        (NAVIGATION, None, LOST, "http://shop.test"),
    ],
)
def test_its_cookies_tell_which_it_was(
    headers: tuple[tuple[str, str], ...], cookie: str | None, told: str, top_level_site: str
) -> None:
    """Where only a frame explains all that came and all that did not, it was a frame."""
    story = Story("http://shop.test")
    opened(story, NAVIGATION, LOOSE, PLAIN)
    request = story.ask("/", cookie, headers=headers)
    trace = story.trace()
    assert said(trace, request) == told
    assert trace.exchange(request).request.context.top_level_site == top_level_site


def test_a_frame_casts_no_doubt_on_the_jar() -> None:
    """What stayed behind is still there, and goes with the next link."""
    story = Story("http://shop.test")
    opened(story, NAVIGATION, LOOSE, STRICT)
    opened(story, FROM_ADS)
    assert jar(story.trace()) == "lax=1 strict=1"
    link = story.ask("/", "lax=1", headers=FROM_ADS)
    assert said(story.trace(), link) == "sent lax=1; withheld strict=1 (same-site-strict)"


def test_a_form_that_posts_is_told_apart_by_its_grace() -> None:
    """A posted form brings what is young and has no SameSite; in a frame it would not."""
    story = Story("http://shop.test")
    opened(story, NAVIGATION, LOOSE, PLAIN)
    posted = story.ask("/", "plain=1", method="POST", headers=POSTED_FROM_ADS)
    framed = story.ask("/", None, method="POST", headers=POSTED_FROM_ADS)
    trace: Trace = story.trace()
    contexts = [trace.exchange(exchange).request.context for exchange in (posted, framed)]
    assert [context.top_level for context in contexts] == [True, False]
    assert all(context.site is Site.CROSS for context in contexts)
