"""Where a page opened by an embedded page is: inside that page, or in its place."""

from __future__ import annotations

import pytest

from cookietrace.cookies import Site
from tests.story import Story

SHOP = "https://shop.test"
ADS = "https://ads.test"


def framed(site: str, referer: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a navigation in a frame."""
    return (
        ("Sec-Fetch-Site", site),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "iframe"),
        ("Referer", referer),
    )


def image(referer: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a same-origin image."""
    return (
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Mode", "no-cors"),
        ("Sec-Fetch-Dest", "image"),
        ("Referer", referer),
    )


@pytest.mark.parametrize(
    ("method", "site"), [("GET", Site.CROSS), ("POST", Site.SAME)], ids=["linked", "posted"]
)
def test_an_embedded_page_may_have_left_its_frame(method: str, site: Site) -> None:
    """A nested frame and a frame that navigated look the same, so the context is not certain.

    The more likely place is assumed: nested, except for a form, which replaces its page.
    """
    story = Story(SHOP)
    story.visit("/")
    story.respond(story.ask(f"{ADS}/", headers=framed("cross-site", f"{SHOP}/")))
    frame = story.ask("/framed", method=method, headers=framed("cross-site", f"{ADS}/"))
    story.respond(frame)
    inner = story.ask("/image", headers=image(f"{SHOP}/framed"))
    context = story.trace().exchange(inner).request.context
    assert (context.site, context.certain) == (site, False)


def test_a_page_framed_by_the_top_is_certain() -> None:
    """A page framed by the page in the address bar can only be inside it."""
    story = Story(SHOP)
    story.visit("/")
    story.respond(story.ask("/framed", headers=framed("same-origin", f"{SHOP}/")))
    inner = story.ask("/image", headers=image(f"{SHOP}/framed"))
    context = story.trace().exchange(inner).request.context
    assert (context.site, context.certain) == (Site.SAME, True)
