"""Request contexts (5.2) that depend on pages, frames and redirects seen before."""

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
    profile_for,
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
    for name, value in (
        ("Referer", step.referer),
        ("Origin", step.origin),
        ("Cookie", step.cookie),
        ("Sec-Fetch-Storage-Access", step.access),
        ("Sec-Purpose", step.purpose),
        ("Access-Control-Request-Method", step.asks),
        ("Upgrade", step.upgrade),
        ("Accept", step.accept),
    ):
        if value:
            headers.append((name, value))
    return RequestFacts(
        exchange_id=f"x{number}",
        at=at,
        method=step.method,
        target=parse_target(step.url),
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


def summary(context: RequestContext) -> str:
    """Summarise a context: site, kind, top-level site, and a question mark if uncertain."""
    words = [context.site.value]
    if context.top_level:
        words.append("top")
    if context.embedded:
        words.append("embedded")
    words.append(context.top_level_site or "nowhere")
    return " ".join(words) + ("" if context.certain else " ?")


@pytest.mark.parametrize(("story", "steps", "expected"), STORIES, ids=[s[0] for s in STORIES])
def test_the_pages_seen_so_far_decide(story: str, steps: tuple[Step, ...], expected: str) -> None:
    """The top-level site, frames and redirects make a request same-site or cross-site."""
    _, _, context = play(steps)
    assert summary(context) == expected


ALL_STEPS = [step for _, steps, _ in STORIES for step in steps]


@given(
    st.lists(st.sampled_from(ALL_STEPS), max_size=30),
    st.sampled_from(sorted(PROFILES)),
    st.sampled_from([2, 4, pages.REMEMBERED]),
)
def test_cached_contexts_are_never_stale(steps: list[Step], profile: str, remembered: int) -> None:
    """A history with a cache gives the same contexts as one without, also if it forgets."""
    with patch.object(pages, "REMEMBERED", remembered):
        compare_with_an_uncached_one(steps, profile)


def compare_with_an_uncached_one(steps: list[Step], profile: str) -> None:
    """Play steps to two histories, and compare the contexts."""
    cached, uncached = (PageHistory(PROFILES[profile], SUFFIXES) for _ in range(2))
    at = NOW
    for number, step in enumerate(steps):
        at += step.after
        request = facts(number, step, at)
        context = cached.context(request)
        with patch.object(pages, "LONGEST_CACHED", -1):
            assert uncached.context(request) == context
            uncached.request(request, context)
        cached.request(request, context)
        status = step.status or (302 if step.location is not None else 200)
        for history in (cached, uncached):
            history.response(request.exchange_id, status, step.location, step.content_type)


def test_schemes_do_not_separate_sites_in_every_profile() -> None:
    """An upgrade to https within one domain is same-site in Firefox, but not in Chromium."""
    within = (Step(SHOP + "/api", "cross-site/no-cors/image", PLAIN_SHOP + "/"),)
    to_tab = (link(SHOP + "/", PLAIN_SHOP + "/"),)
    for steps in (within, to_tab):
        assert play(steps, "firefox")[2].site.value == "same-site"
        assert play(steps, "chromium")[2].site.value == "cross-site"
    assert play((image(SHOP + "/", ADS + "/", "cross-site"),), "firefox")[2].site == "cross-site"


def test_unsafe_methods_are_marked() -> None:
    """GET, HEAD, OPTIONS and TRACE are safe; all other methods are not."""
    assert not play((typed(SHOP + "/", method="HEAD"),))[2].unsafe
    assert play((typed(SHOP + "/", method="POST"),))[2].unsafe


def test_the_source_headers_are_named() -> None:
    """``sources`` lists the headers that the context is derived from."""
    assert play((Step(PLAIN_SHOP + "/", "page", PLAIN_ADS + "/"),))[2].sources == (
        "Upgrade-Insecure-Requests",
        "Referer",
    )
    assert play((Step(SHOP + "/", "", "", ADS),))[2].sources == ("Origin",)


FOLLOWS: list[tuple[str, tuple[Step, ...], set[str]]] = [
    ("the page in its Referer", (typed(SHOP + "/"), image(SHOP + "/i", SHOP + "/")), {"x0"}),
    ("a redirect", (typed(ADS + "/r", location="/t"), link(ADS + "/t", "")), {"x0"}),
    ("no redirect", (typed(ADS + "/r", location="/t", status=300), link(ADS + "/t", "")), set()),
    ("a page that names another", (
        typed(SHOP + "/p", location="/t", status=201), image(SHOP + "/i", SHOP + "/p"),
    ), {"x0"}),
    ("a redirect without Location", (
        typed(SHOP + "/p", status=302), image(SHOP + "/i", SHOP + "/p"),
    ), {"x0"}),
    ("a Location with odd characters", (
        typed(ADS + "/r", location="/t \xe9"), link(ADS + "/t%20%E9", "")), {"x0"}),
    ("nothing", (typed(SHOP + "/"), typed(SHOP + "/x")), set()),
    ("an unseen page in its Referer", (image(SHOP + "/i", SHOP + "/"),), set()),
    ("only the first of two loads, however far apart", (
        typed(SHOP + "/"), typed(SHOP + "/", after=60.0), image(SHOP + "/i", SHOP + "/")),
        {"x0"}),
    ("only the first of two loads close together", (
        typed(SHOP + "/"), typed(SHOP + "/"), image(SHOP + "/i", SHOP + "/")), {"x0"}),
    ("the older of two redirects", (
        typed(ADS + "/r", location="/t"), typed(ADS + "/r", location="/t"), link(ADS + "/t", "")),
        {"x0"}),
    ("the newer one once the older was followed", (
        typed(ADS + "/r", location="/t"), typed(ADS + "/r", location="/t"), link(ADS + "/t", ""),
        link(ADS + "/t", "")), {"x1"}),
]  # fmt: skip


@pytest.mark.parametrize(("story", "steps", "expected"), FOLLOWS, ids=[s[0] for s in FOLLOWS])
def test_what_a_request_demonstrably_follows(
    story: str, steps: tuple[Step, ...], expected: set[str]
) -> None:
    """The page in its Referer, and the redirect that leads to it."""
    history, request, _ = play(steps)
    assert history.follows(request) == expected


def test_a_corrected_context_is_remembered() -> None:
    """A caller that knows more than the headers can pass its own context to ``request``."""
    history = PageHistory(PROFILES["chromium"], SUFFIXES)
    request = facts(0, frame(SHOP + "/f", ""), NOW)
    known = history.context(facts(1, frame(SHOP + "/f", ADS + "/"), NOW))
    history.request(request, known)
    history.response("x0", 200, None, "text/html")
    history.response("x0", 200, None, "text/html")
    assert summary(
        history.context(facts(2, image(SHOP + "/i", SHOP + "/f", access="active"), NOW))
    ) == (f"cross-site embedded {ADS}")


def test_an_informational_response_shows_no_page() -> None:
    """A 1xx response shows no page, and ends the exchange for the history."""
    history = PageHistory(PROFILES["chromium"], SUFFIXES)
    request = facts(0, typed(SHOP + "/"), NOW)
    history.request(request, history.context(request))
    history.response("x0", 101, None, None)
    assert history.follows(facts(1, image(SHOP + "/i", SHOP + "/"), NOW)) == frozenset()


def test_memory_is_bounded() -> None:
    """Only the latest pages of a client are kept."""
    history = PageHistory(PROFILES["chromium"], SUFFIXES)
    for number in range(pages.REMEMBERED + 10):
        request = facts(number, typed(f"https://h{number}.test/"), NOW)
        history.request(request, history.context(request))
        history.response(request.exchange_id, 200, None, None)
    assert len(history._pages) == len(history._origins) == pages.REMEMBERED


REPORTS = [
    ("chromium", "cross-site/no-cors", "omit"),
    ("chromium", "same-origin/cors", "unknown"),
    ("firefox", "cross-site/no-cors", "omit"),
    ("firefox", "same-origin/no-cors", "omit"),
    ("spec", "same-origin/cors", "unknown"),
]


@pytest.mark.parametrize(("profile", "how", "credentials"), REPORTS)
def test_the_browser_decides_the_credentials_of_its_reports(
    profile: str, how: str, credentials: str
) -> None:
    """A report to another origin has none in Chromium; in Firefox no report has any."""
    report = Step(SHOP + "/report", f"{how}/report", method="POST")
    assert play((typed(SHOP + "/"), report), profile)[2].credentials.value == credentials


CHAINS = [
    ((typed(ADS + "/r", location=SHOP + "/"), typed(SHOP + "/")), True),
    ((typed(SHOP + "/r", location=SHOP + "/"), typed(SHOP + "/")), False),
    ((typed("https://www.shop.test/r", location=SHOP + "/"), typed(SHOP + "/")), False),
    (
        (
            typed(SHOP + "/r", location=ADS + "/r"),
            typed(ADS + "/r", location=SHOP + "/"),
            typed(SHOP + "/"),
        ),
        True,
    ),
    ((typed(SHOP + "/"), link(SHOP + "/x", SHOP + "/", "cross-site")), True),
    ((typed(SHOP + "/"), link(SHOP + "/x", SHOP + "/", "same-origin")), False),
]


@pytest.mark.parametrize(("steps", "expected"), CHAINS)
def test_a_chain_of_redirects_is_remembered(steps: tuple[Step, ...], expected: bool) -> None:
    """A hop to another site shows, also at one remove; one to a sibling host does not."""
    context = play(steps, "firefox")[2]
    assert (context.redirected, context.site.value) == (expected, "same-site")


def test_a_browser_of_which_little_is_known_is_judged_with_doubt() -> None:
    """No context of a browser that is older than anything known is certain."""
    history = PageHistory(profile_for("Chrome/47"), SUFFIXES)
    assert not history.context(facts(0, typed(SHOP + "/"), NOW)).certain
