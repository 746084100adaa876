"""What Sec-Fetch-Storage-Access, and its absence, show about requests and third-party cookies."""

from __future__ import annotations

import pytest

from cookietrace.cookies import (
    PROFILES,
    CookieJar,
    Outcome,
    PageHistory,
    RequestContext,
    Site,
    StorageAccess,
    ThirdParty,
    parse_target,
)
from tests.cookies.contexts import NOW, SUFFIXES, context
from tests.cookies.page_stories import (
    ADS,
    CDN,
    PLAIN_ADS,
    PLAIN_SHOP,
    SHOP,
    Step,
    frame,
    image,
    link,
    script,
    typed,
)
from tests.cookies.test_pages import facts, play, summary

ON_ADS = typed(ADS + "/")
FRAMED = frame(SHOP + "/f", ADS + "/", access="none")
FETCHED = "cross-site/cors/empty"


def told(context: RequestContext) -> str:
    """Summarise a context with its credentials and what is known about third-party cookies."""
    words = [summary(context), context.credentials.value]
    if context.storage_access is not None:
        words.append(context.storage_access.value)
    if context.third_party is not None:
        words.append(context.third_party.value)
    return " ".join(words)


STORIES: list[tuple[str, str, tuple[Step, ...], str]] = [
    (
        "an image in another site's page",
        "chromium",
        (ON_ADS, image(SHOP + "/i", ADS + "/", "cross-site", access="none")),
        f"cross-site {ADS} include none",
    ),
    (
        "a fetch with credentials: the header shows that it has them",
        "chromium",
        (ON_ADS, Step(SHOP + "/a", FETCHED, ADS + "/", access="inactive")),
        f"cross-site {ADS} include inactive",
    ),
    (
        "a fetch without the header has no credentials",
        "chromium",
        (ON_ADS, Step(SHOP + "/a", FETCHED, ADS + "/")),
        f"cross-site {ADS} omit",
    ),
    (
        "other browsers may not send the header at all",
        "firefox",
        (ON_ADS, Step(SHOP + "/a", FETCHED, ADS + "/")),
        f"cross-site {ADS} ? unknown",
    ),
    (
        "unless they have sent it before",
        "firefox",
        (
            ON_ADS,
            image(SHOP + "/i", ADS + "/", "cross-site", access="none"),
            Step(SHOP + "/a", FETCHED, ADS + "/"),
        ),
        f"cross-site {ADS} omit",
    ),
    (
        "a recording without the headers that Chromium must have sent shows nothing",
        "chromium",
        (
            ON_ADS,
            image(SHOP + "/i", ADS + "/", "cross-site", access=""),
            Step(SHOP + "/a", FETCHED, ADS + "/"),
        ),
        f"cross-site {ADS} ? unknown",
    ),
    (
        "until one of them is there",
        "chromium",
        (
            ON_ADS,
            image(SHOP + "/i", ADS + "/", "cross-site", access=""),
            image(SHOP + "/i", ADS + "/", "cross-site", access="active"),
            Step(SHOP + "/a", FETCHED, ADS + "/"),
        ),
        f"cross-site {ADS} omit",
    ),
    (
        "an image without the header, in a page of whose place nothing is known",
        "chromium",
        (image(SHOP + "/i", "", "cross-site", access=""),),
        "cross-site nowhere ? include untold",
    ),
    (
        "a fetch that may be prefetched",
        "chromium",
        (ON_ADS, Step(SHOP + "/a", FETCHED, ADS + "/", purpose="prefetch")),
        f"cross-site {ADS} ? unknown",
    ),
    (
        "a fetch of the page's own site has no such header",
        "chromium",
        (typed(SHOP + "/"), Step(SHOP + "/a", "same-origin/cors/empty", SHOP + "/")),
        f"same-site {SHOP} ? unknown",
    ),
    (
        "a preflight has no credentials, whatever Firefox says in it",
        "firefox",
        (
            ON_ADS,
            Step(SHOP + "/a", FETCHED, ADS + "/", method="OPTIONS", access="none", asks="PUT"),
        ),
        f"cross-site {ADS} omit",
    ),
    (
        "it never applies to a tab",
        "chromium",
        (typed(SHOP + "/"), link(SHOP + "/", ADS + "/", access="none")),
        f"cross-site top {SHOP} include",
    ),
    (
        "an unknown value says nothing",
        "chromium",
        (ON_ADS, Step(SHOP + "/a", FETCHED, ADS + "/", access="maybe", cookie="a=1")),
        f"cross-site {ADS} ? include untold",
    ),
    (
        "what the browser said about a frame holds for scripts in it",
        "chromium",
        (ON_ADS, FRAMED, script(SHOP + "/a", SHOP + "/f")),
        f"cross-site embedded {ADS} include none",
    ),
    (
        "and for a WebSocket to the frame's own host",
        "chromium",
        (ON_ADS, FRAMED, Step("wss://shop.test/ws", "", origin=SHOP, upgrade="websocket")),
        f"cross-site embedded {ADS} include none",
    ),
    (
        "not for requests of the frame to other hosts",
        "chromium",
        (ON_ADS, FRAMED, Step("wss://cdn.test/ws", "", origin=SHOP, upgrade="websocket")),
        f"cross-site embedded {ADS} ? include untold",
    ),
    (
        "the last value counts: a script in the frame asked for access",
        "chromium",
        (
            ON_ADS,
            FRAMED,
            image(SHOP + "/i", SHOP + "/f", access="active"),
            script(SHOP + "/a", SHOP + "/f"),
        ),
        f"cross-site embedded {ADS} include active",
    ),
    (
        "also if a request has no Referer",
        "chromium",
        (
            ON_ADS,
            FRAMED,
            image(SHOP + "/i", "", access="active"),
            script(SHOP + "/a", ""),
        ),
        f"cross-site embedded {ADS} include active",
    ),
    (
        "a value that is repeated changes nothing",
        "chromium",
        (
            ON_ADS,
            FRAMED,
            image(SHOP + "/i", SHOP + "/f", access="none"),
            script(SHOP + "/a", SHOP + "/f"),
        ),
        f"cross-site embedded {ADS} include none",
    ),
    (
        "a page that was shown in a tab and in a frame: the header shows the frame",
        "chromium",
        (typed(SHOP + "/f"), ON_ADS, FRAMED, image(SHOP + "/i", SHOP + "/f", access="none")),
        f"cross-site embedded {ADS} include none",
    ),
    (
        "and its absence the tab",
        "chromium",
        (typed(SHOP + "/f"), ON_ADS, FRAMED, image(SHOP + "/i", SHOP + "/f")),
        f"same-site {SHOP} include unrestricted",
    ),
    (
        "a frame that was sent home by another site in it is no third party's",
        "chromium",
        (
            typed(SHOP + "/"),
            frame(ADS + "/f", SHOP + "/", access="none"),
            frame(SHOP + "/home", ADS + "/f", access=""),
        ),
        f"cross-site {SHOP} include unrestricted",
    ),
    (
        "a third party that a browser treats as none, by an exception for the page's site",
        "firefox",
        (
            typed(CDN + "/"),
            image(SHOP + "/i", CDN + "/", "cross-site", access="none"),
            ON_ADS,
            image(SHOP + "/i", ADS + "/", "cross-site", access=""),
        ),
        f"cross-site {ADS} include unrestricted",
    ),
    (
        "Firefox says nothing after a redirect: what it said before holds",
        "firefox",
        (
            ON_ADS,
            image(CDN + "/r", ADS + "/", "cross-site", access="none", location=CDN + "/s"),
            image(CDN + "/s", ADS + "/", "cross-site", access="", location=SHOP + "/i"),
            image(SHOP + "/i", ADS + "/", "cross-site", access=""),
        ),
        f"cross-site {ADS} include none",
    ),
    (
        "not for a redirect home",
        "firefox",
        (
            ON_ADS,
            image(CDN + "/r", ADS + "/", "cross-site", access="none", location=ADS + "/i"),
            image(ADS + "/i", ADS + "/", "cross-site", access=""),
        ),
        f"same-site {ADS} include",
    ),
    (
        "a redirect that began at home says nothing about third parties",
        "firefox",
        (
            ON_ADS,
            image(CDN + "/i", ADS + "/", "cross-site", access="none"),
            image(ADS + "/r", ADS + "/", location=SHOP + "/i"),
            image(SHOP + "/i", ADS + "/", "cross-site", access=""),
        ),
        f"cross-site {ADS} ? include untold",
    ),
    (
        "nor of the credentials of what follows",
        "firefox",
        (
            ON_ADS,
            image(CDN + "/i", ADS + "/", "cross-site", access="none"),
            Step(ADS + "/r", "same-origin/cors/empty", ADS + "/", location=SHOP + "/a"),
            Step(SHOP + "/a", FETCHED, ADS + "/"),
        ),
        f"cross-site {ADS} ? unknown",
    ),
    (
        "Chromium says it after a redirect too",
        "chromium",
        (
            ON_ADS,
            image(CDN + "/r", ADS + "/", "cross-site", access="none", location=SHOP + "/i"),
            image(SHOP + "/i", ADS + "/", "cross-site", access=""),
        ),
        f"cross-site {ADS} include unrestricted",
    ),
    (
        "an image of a sandboxed frame",
        "chromium",
        (image(SHOP + "/i", "", "cross-site", access="inactive"),),
        "cross-site nowhere include inactive",
    ),
    (
        "an image in a frame that was not recorded",
        "chromium",
        (image(SHOP + "/i", "", access="none"),),
        "cross-site nowhere include none",
    ),
    (
        "in Firefox http and https are one site, but not one partition",
        "firefox",
        (
            Step(PLAIN_SHOP + "/", "page"),
            image(SHOP + "/i", PLAIN_SHOP + "/", "cross-site", access="none"),
        ),
        f"same-site {PLAIN_SHOP} include none",
    ),
    (
        "a WebSocket to another site",
        "chromium",
        (ON_ADS, Step("wss://shop.test/ws", "", origin=ADS, upgrade="websocket")),
        f"cross-site {ADS} ? include untold",
    ),
    (
        "an image on a plain host",
        "chromium",
        (
            Step(PLAIN_ADS + "/", "page"),
            Step(PLAIN_SHOP + "/i", "", PLAIN_ADS + "/", accept="image/avif"),
        ),
        f"cross-site {PLAIN_ADS} ? include untold",
    ),
    (
        "Safari sends no such header",
        "safari",
        (ON_ADS, image(SHOP + "/i", ADS + "/", "cross-site", access="")),
        f"cross-site {ADS} ? include untold",
    ),
]


@pytest.mark.parametrize(
    ("story", "profile", "steps", "expected"), STORIES, ids=[f"{s[1]}: {s[0]}" for s in STORIES]
)
def test_what_the_browser_said(
    story: str, profile: str, steps: tuple[Step, ...], expected: str
) -> None:
    """The header shows credentials, the place in the page and access; so may its absence."""
    assert told(play(steps, profile)[2]) == expected


def test_the_value_of_a_frame_is_kept_up_to_date_however_often_it_was_loaded() -> None:
    """Of several loads of a frame, the latest one takes the new value."""
    history = PageHistory(PROFILES["chromium"], SUFFIXES)
    steps = (ON_ADS, FRAMED, FRAMED, image(SHOP + "/i", SHOP + "/f", access="active"))
    for number, step in enumerate(steps):
        request = facts(number, step, NOW + number)
        history.request(request, history.context(request))
        history.response(request.exchange_id, 200, None, step.content_type)
    for referer in (SHOP + "/f", ""):
        request = facts(9, script(SHOP + "/a", referer), NOW + 9)
        assert told(history.context(request)) == f"cross-site embedded {ADS} include active"


NONE, INACTIVE, ACTIVE = StorageAccess.NONE, StorageAccess.INACTIVE, StorageAccess.ACTIVE
EVERY_LINE = (
    "a=1",
    "b=1; SameSite=Lax",
    "c=1; SameSite=None",
    "d=1; SameSite=None; Secure",
    "e=1; SameSite=None; Secure; Partitioned",
)
OF_PROFILE = "a same-site-from-cross-site b same-site-from-cross-site"

STORING: list[tuple[str, RequestContext, str, str]] = [
    ("chromium", context(Site.CROSS, access=NONE), "a {} b {} c {} d {} e created", "none"),
    ("chromium", context(Site.CROSS, access=INACTIVE), "a {} b {} c {} d {} e created", "inactive"),
    (
        "chromium",
        context(Site.CROSS, access=ACTIVE),
        f"{OF_PROFILE} c same-site-none-insecure d created e created",
        "",
    ),
    (
        "chromium",
        context(Site.CROSS, third_party=ThirdParty.SEEMS_BLOCKED),
        "a {} b {} c {} d {} e created",
        "seems",
    ),
    (
        "safari",
        context(Site.CROSS, third_party=ThirdParty.SENT),
        "a created b same-site-from-cross-site c created d created e created",
        "",
    ),
    ("safari", context(Site.CROSS), "a {} b {} c {} d {} e created", "profile"),
]
POLICIES = {
    "none": "storage-access-none",
    "inactive": "storage-access-inactive",
    "seems": "third-party-seems-blocked",
    "profile": "third-party-blocked",
}


@pytest.mark.parametrize(("profile", "where", "expected", "policy"), STORING)
def test_out_of_reach_an_unpartitioned_cookie_is_refused_for_that_reason_alone(
    profile: str, where: RequestContext, expected: str, policy: str
) -> None:
    """The one reason is ``client-policy``, which names what the browser said or seems to do."""
    jar, target = CookieJar(PROFILES[profile], SUFFIXES), parse_target(SHOP + "/")
    words = []
    for line in EVERY_LINE:
        result = jar.store(line, target, where, NOW)
        words.append(result.name)
        if result.outcome is Outcome.CREATED:
            words.append("created")
        elif result.reasons[0].code == "client-policy":
            assert dict(result.reasons[0].facts)["policy"] == POLICIES[policy]
            words.append("{}")
        else:
            words.append(result.reasons[0].code.value)
        assert len(result.reasons) == (result.outcome is Outcome.REJECTED)
    assert " ".join(words) == expected


@pytest.mark.parametrize(("access", "policy"), [(NONE, "none"), (INACTIVE, "inactive")])
def test_out_of_reach_an_unpartitioned_cookie_is_withheld(
    access: StorageAccess, policy: str
) -> None:
    """Chromium withholds it, Firefox keeps it in another partition, and partitioned ones pass."""
    target = parse_target(SHOP + "/")
    for profile, expected in (("chromium", "client-policy"), ("firefox", "partition-mismatch")):
        jar = CookieJar(PROFILES[profile], SUFFIXES)
        jar.store("u=1; SameSite=None; Secure", target, context(top_level=True), NOW)
        where = context(Site.CROSS, top_level_site=ADS, access=access)
        jar.store("p=1; SameSite=None; Secure; Partitioned", target, where, NOW)
        selection = jar.select(target, where, NOW)
        assert selection.header == "p=1"
        (withheld,) = selection.withheld
        (reason,) = withheld.reasons
        assert reason.code == expected
        if profile == "chromium":
            assert dict(reason.facts)["policy"] == f"storage-access-{policy}"


def test_in_reach_it_is_sent_and_stored() -> None:
    """With access, Firefox too uses the cookies of the site itself."""
    target, where = parse_target(SHOP + "/"), context(Site.CROSS, access=ACTIVE)
    jar = CookieJar(PROFILES["firefox"], SUFFIXES)
    jar.store("u=1; SameSite=None; Secure", target, context(top_level=True), NOW)
    jar.store("v=1; SameSite=None; Secure", target, where, NOW)
    assert jar.select(target, where, NOW).header == "u=1; v=1"


def test_what_a_request_shows_counts_when_it_is_made() -> None:
    """Asking for a context teaches nothing, and takes nothing away from the request itself."""
    history = PageHistory(PROFILES["chromium"], SUFFIXES)
    silent = image(SHOP + "/i", ADS + "/", "cross-site", access="")
    fetch = Step(SHOP + "/a", FETCHED, ADS + "/")
    shown = []
    for number, step in enumerate((ON_ADS, silent, fetch)):
        for _ in range(2):
            asked = history.context(facts(number, step, NOW + number))
            fetched = history.context(facts(9, fetch, NOW + number))
        shown.append(fetched.credentials.value)
        request = facts(number, step, NOW + number)
        history.request(request, asked)
        history.response(request.exchange_id, 200, None, "text/html")
    assert shown == ["omit", "omit", "unknown"]


def test_access_replaces_what_was_kept_apart() -> None:
    """With access, Firefox sends no cookie that it put into the partition by itself."""
    target = parse_target(SHOP + "/")
    jar = CookieJar(PROFILES["firefox"], SUFFIXES)
    before = context(Site.CROSS, top_level_site=ADS, access=NONE)
    jar.store("apart=1; SameSite=None; Secure", target, before, NOW)
    jar.store("chosen=1; SameSite=None; Secure; Partitioned", target, before, NOW)
    assert jar.select(target, before, NOW).header == "apart=1; chosen=1"
    selection = jar.select(target, context(Site.CROSS, top_level_site=ADS, access=ACTIVE), NOW)
    assert selection.header == "chosen=1"
    (withheld,) = selection.withheld
    assert [dict(reason.facts)["policy"] for reason in withheld.reasons] == [
        "storage-access-active"
    ]
