"""Request contexts (5.2): what pages, frames and redirects tell beyond one request's headers."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from cookietrace.cookies import PROFILES, PageHistory, RequestContext, RequestFacts, parse_target
from cookietrace.cookies.request import pages
from tests.cookies.circumstances import NOW, SUFFIXES

SHOP, ADS, CDN = "https://shop.test", "https://ads.test", "https://cdn.test"
PLAIN_SHOP, PLAIN_ADS = "http://shop.test", "http://ads.test"


class Step(NamedTuple):
    """One exchange of a client: ``how`` is site/mode/dest, ``page`` (UIR) or nothing."""

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


def typed(url: str, method: str = "GET", **answer: Any) -> Step:
    """A page that a person asked for."""
    return Step(url, "none/navigate/document", method=method, **answer)


def link(url: str, referer: str, site: str = "cross-site", **answer: Any) -> Step:
    """A navigation of the tab that a page caused."""
    return Step(url, f"{site}/navigate/document", referer, **answer)


def frame(url: str, referer: str, site: str = "cross-site", **answer: Any) -> Step:
    """A navigation of a frame within a page."""
    return Step(url, f"{site}/navigate/iframe", referer, **answer)


def image(url: str, referer: str, site: str = "same-origin", **answer: Any) -> Step:
    """A picture in a page."""
    return Step(url, f"{site}/no-cors/image", referer, **answer)


def facts(number: int, step: Step, at: float) -> RequestFacts:
    """Return the request of a step."""
    headers: list[tuple[str, str]] = []
    if step.how == "page":
        headers.append(("Upgrade-Insecure-Requests", "1"))
    elif step.how:
        site, mode, dest = step.how.split("/")
        headers += [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest)]
    for name in ("referer", "origin", "cookie"):
        if value := getattr(step, name):
            headers.append((name.capitalize(), value))
    return RequestFacts(
        exchange_id=f"x{number}",
        at=at,
        method=step.method,
        target=parse_target(step.url),
        url=step.url,
        headers=tuple(headers),
    )


def play(
    steps: tuple[Step, ...], profile: str = "chromium"
) -> tuple[PageHistory, RequestFacts, RequestContext]:
    """Feed all steps but the last to a history; return the last one and its context."""
    history, at = PageHistory(PROFILES[profile], SUFFIXES), NOW
    for number, step in enumerate(steps):
        at += step.after
        request = facts(number, step, at)
        context = history.context(request)
        if number == len(steps) - 1:
            return history, request, context
        history.request(request, context)
        status = step.status or (302 if step.location is not None else 200)
        history.response(request.exchange_id, status, step.location, step.content_type)
    raise AssertionError


def told(context: RequestContext) -> str:
    """Return a context in short: site, kind, address bar, and a question mark where unsure."""
    words = [context.site.value]
    if context.top_level:
        words.append("top")
    if context.embedded:
        words.append("embedded")
    words.append(context.top_level_site or "nowhere")
    return " ".join(words) + ("" if context.certain else " ?")


STORIES: list[tuple[str, tuple[Step, ...], str]] = [
    ("a person types", (typed(SHOP + "/"),), f"same-site top {SHOP}"),
    ("loopback", (typed("http://127.0.0.1:5000/"),), "same-site top http://127.0.0.1"),
    (
        "a link within the site",
        (typed(SHOP + "/"), link(SHOP + "/x", SHOP + "/", "same-origin")),
        f"same-site top {SHOP}",
    ),
    ("a link from another site", (link(SHOP + "/", ADS + "/"),), f"cross-site top {SHOP}"),
    ("a link without referer", (link(SHOP + "/", ""),), f"cross-site top {SHOP}"),
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
        "the same without referer: the redirect remembers",
        (
            typed(ADS + "/r", location=SHOP + "/there"),
            link(SHOP + "/there", ""),
        ),
        f"same-site top {SHOP}",
    ),
    (
        "an unknown start of a chain",
        (link(ADS + "/r", "", location="//shop.test/there"), link(SHOP + "/there", "")),
        f"cross-site top {SHOP} ?",
    ),
    (
        "a picture in its own page",
        (typed(SHOP + "/"), image(SHOP + "/i", SHOP + "/")),
        f"same-site {SHOP}",
    ),
    (
        "a picture of a page nobody saw",
        (image(SHOP + "/i", ""),),
        f"same-site {SHOP}",
    ),
    (
        "a picture in another site's page",
        (typed(ADS + "/"), image(SHOP + "/i", ADS + "/", "cross-site")),
        f"cross-site {ADS}",
    ),
    (
        "a picture in a page of nobody",
        (image(SHOP + "/i", "", "cross-site"),),
        "cross-site nowhere",
    ),
    (
        "a picture that went through another site",
        (
            typed(SHOP + "/"),
            image(ADS + "/r", SHOP + "/", "cross-site", location=SHOP + "/i"),
            image(SHOP + "/i", SHOP + "/", "cross-site"),
        ),
        f"same-site {SHOP}",
    ),
    (
        "a cross-site frame",
        (typed(ADS + "/"), frame(SHOP + "/f", ADS + "/")),
        f"cross-site {ADS}",
    ),
    (
        "a picture in a cross-site frame, though same-origin",
        (typed(ADS + "/"), frame(SHOP + "/f", ADS + "/"), image(SHOP + "/i", SHOP + "/f")),
        f"cross-site embedded {ADS}",
    ),
    (
        "the same without its referer",
        (typed(ADS + "/"), frame(SHOP + "/f", ADS + "/"), image(SHOP + "/i", "")),
        f"cross-site embedded {ADS}",
    ),
    (
        "a link within a cross-site frame",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/"),
            frame(SHOP + "/g", SHOP + "/f", "same-origin"),
        ),
        f"cross-site embedded {ADS}",
    ),
    (
        "a site within another within itself, or in that one's place",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/"),
            frame(ADS + "/inner", SHOP + "/f"),
            image(ADS + "/i", ADS + "/inner"),
        ),
        f"cross-site embedded {ADS} ?",
    ),
    (
        "a frame of the site's own",
        (
            typed(SHOP + "/"),
            frame(SHOP + "/f", SHOP + "/", "same-origin"),
            image(SHOP + "/i", SHOP + "/f"),
        ),
        f"same-site {SHOP}",
    ),
    (
        "a frame whose page nobody saw",
        (frame(SHOP + "/f", ADS + "/"), image(SHOP + "/i", SHOP + "/f")),
        f"cross-site embedded {ADS}",
    ),
    (
        "a frame of nobody",
        (frame(SHOP + "/f", ""), image(SHOP + "/i", SHOP + "/f")),
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
        "a page seen both ways: the later counts, and nothing is sure",
        (
            typed(SHOP + "/f"),
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/"),
            image(SHOP + "/i", SHOP + "/f"),
        ),
        f"cross-site embedded {ADS} ?",
    ),
    (
        "a stylesheet asks in its page's name",
        (
            typed(SHOP + "/"),
            Step(CDN + "/s", "cross-site/no-cors/style", SHOP + "/"),
            image(CDN + "/i", CDN + "/s", "cross-site"),
        ),
        f"cross-site {SHOP}",
    ),
    (
        "a page that only moved: 304 is a page too",
        (
            typed(ADS + "/"),
            frame(SHOP + "/f", ADS + "/", status=304),
            image(SHOP + "/i", SHOP + "/f"),
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
        "a redirect to what is no URL",
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
        "a page after another site's",
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
        "and what happens in it",
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
        "a picture from another plain site",
        (
            Step(PLAIN_ADS + "/", "page"),
            Step(PLAIN_SHOP + "/i", "", PLAIN_ADS + "/", cookie="a=1"),
        ),
        f"cross-site {PLAIN_ADS}",
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
        "a frame within a person's page, asked for by nobody",
        (Step(SHOP + "/f", "none/navigate/iframe"),),
        f"same-site {SHOP}",
    ),
]


@pytest.mark.parametrize(("story", "steps", "expected"), STORIES, ids=[s[0] for s in STORIES])
def test_the_pages_seen_so_far_decide(story: str, steps: tuple[Step, ...], expected: str) -> None:
    """Address bar, frames in between and redirects make a request same-site or cross-site."""
    _, _, context = play(steps)
    assert told(context) == expected


def test_a_profile_without_schemes_takes_http_and_https_for_one_site() -> None:
    """Firefox calls an upgrade within one domain same-site; Chromium does not."""
    within = (Step(SHOP + "/api", "cross-site/no-cors/image", PLAIN_SHOP + "/"),)
    to_tab = (link(SHOP + "/", PLAIN_SHOP + "/"),)
    for steps in (within, to_tab):
        assert play(steps, "firefox")[2].site.value == "same-site"
        assert play(steps, "chromium")[2].site.value == "cross-site"
    assert play((image(SHOP + "/", ADS + "/", "cross-site"),), "firefox")[2].site == "cross-site"


def test_unsafe_methods_are_told() -> None:
    """GET, HEAD, OPTIONS and TRACE are safe, all else is not."""
    assert not play((typed(SHOP + "/", method="HEAD"),))[2].unsafe
    assert play((typed(SHOP + "/", method="POST"),))[2].unsafe


def test_the_headers_that_told_are_named() -> None:
    """A reader can see what a verdict rests on."""
    assert play((Step(PLAIN_SHOP + "/", "page", PLAIN_ADS + "/"),))[2].sources == (
        "Upgrade-Insecure-Requests",
        "Referer",
    )
    assert play((Step(SHOP + "/", "", "", ADS),))[2].sources == ("Origin",)


FOLLOWS: list[tuple[str, tuple[Step, ...], set[str]]] = [
    ("the page of its referer", (typed(SHOP + "/"), image(SHOP + "/i", SHOP + "/")), {"x0"}),
    ("a redirect", (typed(ADS + "/r", location="/t"), link(ADS + "/t", "")), {"x0"}),
    ("a Location with odd characters", (
        typed(ADS + "/r", location="/t \xe9"), link(ADS + "/t%20%E9", "")), {"x0"}),
    ("nobody", (typed(SHOP + "/"), typed(SHOP + "/x")), set()),
    ("a referer nobody saw", (image(SHOP + "/i", SHOP + "/"),), set()),
    ("both of two loads far apart", (
        typed(SHOP + "/"), typed(SHOP + "/", after=60.0), image(SHOP + "/i", SHOP + "/")),
        {"x0", "x1"}),
    ("only the first of two loads close together", (
        typed(SHOP + "/"), typed(SHOP + "/"), image(SHOP + "/i", SHOP + "/")), {"x0"}),
    ("the longest waiting of two redirects", (
        typed(ADS + "/r", location="/t"), typed(ADS + "/r", location="/t"), link(ADS + "/t", "")),
        {"x0"}),
    ("the other one when that was followed", (
        typed(ADS + "/r", location="/t"), typed(ADS + "/r", location="/t"), link(ADS + "/t", ""),
        link(ADS + "/t", "")), {"x1"}),
]  # fmt: skip


@pytest.mark.parametrize(("story", "steps", "expected"), FOLLOWS, ids=[s[0] for s in FOLLOWS])
def test_what_a_request_demonstrably_follows(
    story: str, steps: tuple[Step, ...], expected: set[str]
) -> None:
    """The page its Referer names, and the redirect that leads to it."""
    history, request, _ = play(steps)
    assert history.follows(request) == expected


def test_a_context_that_was_corrected_is_what_is_remembered() -> None:
    """Who knows better than the headers may say so when noting the request."""
    history = PageHistory(PROFILES["chromium"], SUFFIXES)
    request = facts(0, frame(SHOP + "/f", ""), NOW)
    known = history.context(facts(1, frame(SHOP + "/f", ADS + "/"), NOW))
    history.request(request, known)
    history.response("x0", 200, None, "text/html")
    history.response("x0", 200, None, "text/html")
    assert told(history.context(facts(2, image(SHOP + "/i", SHOP + "/f"), NOW))) == (
        f"cross-site embedded {ADS}"
    )


def test_an_early_answer_is_no_answer() -> None:
    """100-level responses show nothing, and the exchange is over for the pages."""
    history = PageHistory(PROFILES["chromium"], SUFFIXES)
    request = facts(0, typed(SHOP + "/"), NOW)
    history.request(request, history.context(request))
    history.response("x0", 101, None, None)
    assert history.follows(facts(1, image(SHOP + "/i", SHOP + "/"), NOW)) == frozenset()


def test_memory_is_bounded() -> None:
    """However long a client surfs, only the latest pages are kept."""
    history = PageHistory(PROFILES["chromium"], SUFFIXES)
    for number in range(pages.REMEMBERED + 10):
        request = facts(number, typed(f"https://h{number}.test/"), NOW)
        history.request(request, history.context(request))
        history.response(request.exchange_id, 200, None, None)
    assert len(history._pages) == len(history._origins) == pages.REMEMBERED
