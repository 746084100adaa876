"""Request contexts (5.2): what pages, frames and redirects tell beyond one request's headers."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.cookies import (
    PROFILES,
    PageHistory,
    RequestContext,
    RequestFacts,
    context_headers,
    parse_target,
)
from cookietrace.cookies.request import pages
from tests.cookies.contexts import NOW, SUFFIXES
from tests.cookies.page_stories import (
    ADS,
    PLAIN_ADS,
    PLAIN_SHOP,
    SHOP,
    STORIES,
    Step,
    frame,
    image,
    link,
    typed,
)


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
        headers=context_headers(headers)[0],
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


@pytest.mark.parametrize(("story", "steps", "expected"), STORIES, ids=[s[0] for s in STORIES])
def test_the_pages_seen_so_far_decide(story: str, steps: tuple[Step, ...], expected: str) -> None:
    """Address bar, frames in between and redirects make a request same-site or cross-site."""
    _, _, context = play(steps)
    assert told(context) == expected


ALL_STEPS = [step for _, steps, _ in STORIES for step in steps]


@given(st.lists(st.sampled_from(ALL_STEPS), max_size=30), st.sampled_from(sorted(PROFILES)))
def test_what_is_remembered_is_what_would_be_worked_out_anew(
    steps: list[Step], profile: str
) -> None:
    """Whatever the pages seen change, no request is told by what was known before."""
    quick, slow = (PageHistory(PROFILES[profile], SUFFIXES) for _ in range(2))
    at = NOW
    for number, step in enumerate(steps):
        at += step.after
        request = facts(number, step, at)
        context = quick.context(request)
        with patch.object(pages, "LONGEST_CACHED", -1):
            assert slow.context(request) == context
            slow.request(request, context)
        quick.request(request, context)
        status = step.status or (302 if step.location is not None else 200)
        for history in (quick, slow):
            history.response(request.exchange_id, status, step.location, step.content_type)


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
    ("no redirect", (typed(ADS + "/r", location="/t", status=300), link(ADS + "/t", "")), set()),
    ("a page that names another", (
        typed(SHOP + "/p", location="/t", status=201), image(SHOP + "/i", SHOP + "/p"),
    ), {"x0"}),
    ("a redirect to nowhere", (
        typed(SHOP + "/p", status=302), image(SHOP + "/i", SHOP + "/p"),
    ), {"x0"}),
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
