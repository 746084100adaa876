"""Where a page stands that an embedded page has opened: within it, or in its place."""

from __future__ import annotations

import pytest

from cookietrace.cookies import Site
from tests.story import Story

SHOP = "https://shop.test"
ADS = "https://ads.test"


def framed(site: str, referer: str) -> tuple[tuple[str, str], ...]:
    """The headers of a navigation within a page."""
    return (
        ("Sec-Fetch-Site", site),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "iframe"),
        ("Referer", referer),
    )


def image(referer: str) -> tuple[tuple[str, str], ...]:
    """The headers of an image of one's own origin."""
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
    """The wire does not tell a frame within a frame from a frame that went on: not certain.

    The likelier place decides: within it, but for a form, which replaces its page.
    """
    story = Story(SHOP)
    story.visit("/")
    story.respond(story.ask(f"{ADS}/", headers=framed("cross-site", f"{SHOP}/")))
    asked = story.ask("/framed", method=method, headers=framed("cross-site", f"{ADS}/"))
    story.respond(asked)
    within = story.ask("/image", headers=image(f"{SHOP}/framed"))
    context = story.trace().exchange(within).request.context
    assert (context.site, context.certain) == (site, False)


def test_a_page_framed_by_the_top_is_certain() -> None:
    """What the page in the address bar frames stands in it, and nowhere else."""
    story = Story(SHOP)
    story.visit("/")
    story.respond(story.ask("/framed", headers=framed("same-origin", f"{SHOP}/")))
    within = story.ask("/image", headers=image(f"{SHOP}/framed"))
    context = story.trace().exchange(within).request.context
    assert (context.site, context.certain) == (Site.SAME, True)
