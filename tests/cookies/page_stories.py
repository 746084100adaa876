"""Sequences of pages, frames and redirects, with the context of the last request in each."""

from __future__ import annotations

from typing import Any, NamedTuple

SHOP, ADS, CDN = "https://shop.test", "https://ads.test", "https://cdn.test"
PLAIN_SHOP, PLAIN_ADS = "http://shop.test", "http://ads.test"


class Step(NamedTuple):
    """One exchange; ``how`` is site/mode/dest, ``page`` (Upgrade-Insecure-Requests) or empty."""

    url: str
    how: str = ""
    referer: str = ""
    origin: str = ""
    method: str = "GET"
    location: str | None = None
    status: int = 0
    content_type: str = "text/html"
    after: float = 1.0
    cookie: str = ""
    access: str = ""
    """The value of Sec-Fetch-Storage-Access."""
    purpose: str = ""
    """The value of Sec-Purpose."""
    asks: str = ""
    """The value of Access-Control-Request-Method."""
    upgrade: str = ""
    accept: str = ""


def typed(url: str, method: str = "GET", **response: Any) -> Step:
    """A page opened by the user."""
    return Step(url, "none/navigate/document", method=method, **response)


def link(url: str, referer: str, site: str = "cross-site", **response: Any) -> Step:
    """A navigation of the tab, caused by a page."""
    return Step(url, f"{site}/navigate/document", referer, **response)


def frame(url: str, referer: str, site: str = "cross-site", **response: Any) -> Step:
    """A navigation of a frame within a page; if cross-site, with access to third-party cookies."""
    response.setdefault("access", "active" if site == "cross-site" else "")
    return Step(url, f"{site}/navigate/iframe", referer, **response)


def image(url: str, referer: str, site: str = "same-origin", **response: Any) -> Step:
    """An image in a page; if cross-site, with access to third-party cookies."""
    response.setdefault("access", "active" if site == "cross-site" else "")
    return Step(url, f"{site}/no-cors/image", referer, **response)


def script(url: str, referer: str, site: str = "same-origin", cookie: str = "a=1") -> Step:
    """A script's request to its own origin, in the credentials mode *same-origin*."""
    return Step(url, f"{site}/cors/empty", referer, cookie=cookie)


STORIES: list[tuple[str, tuple[Step, ...], str]] = [
    ("a typed URL", (typed(SHOP + "/"),), f"same-site top {SHOP}"),
    ("loopback", (typed("http://127.0.0.1:5000/"),), "same-site top http://127.0.0.1"),
    (
        "a link within the site",
        (typed(SHOP + "/"), link(SHOP + "/x", SHOP + "/", "same-origin")),
        f"same-site top {SHOP}",
    ),
    ("a link from another site", (link(SHOP + "/", ADS + "/"),), f"cross-site top {SHOP}"),
    ("a link without Referer", (link(SHOP + "/", ""),), f"cross-site top {SHOP}"),
    (
        "a link that went through another site",
        (
            typed(SHOP + "/"),
            link(ADS + "/r", SHOP + "/", location=SHOP + "/back"),
            link(SHOP + "/back", SHOP + "/"),
        ),
        f"same-site top {SHOP}",
    ),
    (
        "the same without Referer: the redirect shows it",
        (
            typed(ADS + "/r", location=SHOP + "/there"),
            link(SHOP + "/there", ""),
        ),
        f"same-site top {SHOP}",
    ),
    (
        "a redirect chain with an unknown start",
        (link(ADS + "/r", "", location="//shop.test/there"), link(SHOP + "/there", "")),
        f"cross-site top {SHOP} ?",
    ),
    (
        "an image in its own page",
        (typed(SHOP + "/"), image(SHOP + "/i", SHOP + "/")),
        f"same-site {SHOP}",
    ),
    (
        "an image in an unseen page",
        (image(SHOP + "/i", ""),),
        f"same-site {SHOP}",
    ),
    (
        "an image in another site's page",
        (typed(ADS + "/"), image(SHOP + "/i", ADS + "/", "cross-site")),
        f"cross-site {ADS}",
    ),
    (
        "an image in an unknown page",
        (image(SHOP + "/i", "", "cross-site"),),
        "cross-site nowhere",
    ),
    (
        "an image that went through another site",
        (
            typed(SHOP + "/"),
            image(ADS + "/r", SHOP + "/", "cross-site", location=SHOP + "/i"),
            image(SHOP + "/i", SHOP + "/", "cross-site", access=""),
        ),
        f"same-site {SHOP}",
    ),
    (
        "a cross-site frame",
        (typed(ADS + "/"), frame(SHOP + "/f", ADS + "/")),
        f"cross-site {ADS}",
    ),
    (
        "an image in a cross-site frame, though same-origin",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/"),
            image(SHOP + "/i", SHOP + "/f", access="active"),
        ),
        f"cross-site embedded {ADS}",
    ),
    (
        "the same without Referer",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/"),
            image(SHOP + "/i", "", access="active"),
        ),
        f"cross-site embedded {ADS}",
    ),
    (
        "a link within a cross-site frame",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/"),
            frame(SHOP + "/g", SHOP + "/f", "same-origin", access="active"),
        ),
        f"cross-site embedded {ADS}",
    ),
    (
        "a site within another within itself, or replacing that frame",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/", access=""),
            frame(ADS + "/inner", SHOP + "/f", access=""),
            script(ADS + "/i", ADS + "/inner"),
        ),
        f"cross-site embedded {ADS} ?",
    ),
    (
        "within it: the inner frame is a third party's",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/"),
            frame(ADS + "/inner", SHOP + "/f"),
            script(ADS + "/i", ADS + "/inner"),
        ),
        f"cross-site embedded {ADS}",
    ),
    (
        "replacing it: the frame is none",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/"),
            frame(ADS + "/inner", SHOP + "/f", access=""),
            script(ADS + "/i", ADS + "/inner"),
        ),
        f"same-site {ADS}",
    ),
    (
        "a same-site frame",
        (
            typed(SHOP + "/"),
            frame(SHOP + "/f", SHOP + "/", "same-origin"),
            image(SHOP + "/i", SHOP + "/f"),
        ),
        f"same-site {SHOP}",
    ),
    (
        "a frame in an unseen page",
        (frame(SHOP + "/f", ADS + "/"), image(SHOP + "/i", SHOP + "/f", access="active")),
        f"cross-site embedded {ADS}",
    ),
    (
        "a frame in an unknown page",
        (frame(SHOP + "/f", ""), image(SHOP + "/i", SHOP + "/f", access="active")),
        "cross-site embedded nowhere",
    ),
    (
        "a link out of a frame to the tab",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/"),
            link(SHOP + "/top", SHOP + "/f", "same-origin"),
        ),
        f"same-site top {SHOP}",
    ),
    (
        "a page seen as top-level and as frame: the later counts, and is uncertain",
        (
            typed(SHOP + "/f"),
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/"),
            script(SHOP + "/i", SHOP + "/f"),
        ),
        f"cross-site embedded {ADS} ?",
    ),
    (
        "a stylesheet makes requests for its page",
        (
            typed(SHOP + "/"),
            Step(CDN + "/s", "cross-site/no-cors/style", SHOP + "/", access="active"),
            image(CDN + "/i", CDN + "/s", "cross-site"),
        ),
        f"cross-site {SHOP}",
    ),
    (
        "304 shows a page too",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/", status=304),
            image(SHOP + "/i", SHOP + "/f", access="active"),
        ),
        f"cross-site embedded {ADS}",
    ),
    (
        "204 shows no page",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/", status=204),
            image(SHOP + "/i", SHOP + "/f"),
        ),
        f"same-site {SHOP}",
    ),
    (
        "a redirect without Location leads nowhere",
        (typed(ADS + "/", status=302), link(SHOP + "/", "")),
        f"cross-site top {SHOP}",
    ),
    (
        "a redirect to an invalid URL",
        (typed(ADS + "/", location="http://[x"), link(SHOP + "/", "")),
        f"cross-site top {SHOP}",
    ),
    (
        "a redirect that was not followed in time",
        (typed(ADS + "/r", location=SHOP + "/t"), link(SHOP + "/t", "", after=31.0)),
        f"cross-site top {SHOP}",
    ),
    # plain http: no Sec-Fetch-*
    ("the first page", (Step(PLAIN_SHOP + "/", "page"),), f"same-site top {PLAIN_SHOP}"),
    (
        "a page after a page of another site",
        (Step(PLAIN_ADS + "/", "page"), Step(PLAIN_SHOP + "/", "page")),
        f"unknown top {PLAIN_SHOP} ?",
    ),
    (
        "a link within the plain site",
        (Step(PLAIN_SHOP + "/", "page"), Step(PLAIN_SHOP + "/x", "page", PLAIN_SHOP + "/")),
        f"same-site top {PLAIN_SHOP}",
    ),
    (
        "a link or a frame from another site",
        (Step(PLAIN_ADS + "/", "page"), Step(PLAIN_SHOP + "/", "page", PLAIN_ADS + "/")),
        f"cross-site top {PLAIN_SHOP} ?",
    ),
    (
        "a link within that page",
        (
            Step(PLAIN_ADS + "/", "page"),
            Step(PLAIN_SHOP + "/", "page", PLAIN_ADS + "/"),
            Step(PLAIN_SHOP + "/x", "page", PLAIN_SHOP + "/"),
        ),
        f"same-site top {PLAIN_SHOP} ?",
    ),
    (
        "a form from another site",
        (Step(PLAIN_SHOP + "/", "page", origin=PLAIN_ADS, method="POST"),),
        f"cross-site top {PLAIN_SHOP} ?",
    ),
    (
        "a fetch within the plain site",
        (
            Step(PLAIN_SHOP + "/", "page"),
            Step(PLAIN_SHOP + "/api", "", PLAIN_SHOP + "/", cookie="a=1"),
        ),
        f"same-site {PLAIN_SHOP}",
    ),
    (
        "an image from another plain site",
        (
            Step(PLAIN_ADS + "/", "page"),
            Step(PLAIN_SHOP + "/i", "", PLAIN_ADS + "/", cookie="a=1"),
        ),
        f"cross-site {PLAIN_ADS} ?",
    ),
    (
        "a typed page that redirects",
        (
            Step(PLAIN_ADS + "/", "page", location=PLAIN_SHOP + "/t"),
            Step(PLAIN_SHOP + "/t", "page"),
        ),
        f"same-site top {PLAIN_SHOP}",
    ),
    ("a program", (Step(PLAIN_SHOP + "/"),), "unknown nowhere ?"),
    ("a program with cookies", (Step(PLAIN_SHOP + "/", cookie="a=1"),), "unknown nowhere ?"),
    (
        "a frame opened by the user",
        (Step(SHOP + "/f", "none/navigate/iframe"),),
        f"same-site {SHOP}",
    ),
]
