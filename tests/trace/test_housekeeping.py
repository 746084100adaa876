"""A browser's own requests, and those that only look like them."""

from __future__ import annotations

import pytest

from cookietrace.fold.housekeeping import DOCTOR_AGENT
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.focus_choices import choices, client_name
from cookietrace.lesson.numbered_client import numbered_client
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import opening, transcript
from tests.story import TYPED, Story

OWN = (("Sec-Fetch-Site", "none"), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "empty"))
NAVIGATION = (("Upgrade-Insecure-Requests", "1"),)
BY_A_PAGE = (*OWN[1:], ("Referer", "https://www.mozilla.org/"))


@pytest.mark.parametrize(
    ("url", "headers", "own"),
    [
        ("https://shop.test/favicon.ico", BY_A_PAGE, True),
        ("https://shop.test/", TYPED, False),
        ("https://update.googleapis.com/service/update2/json", OWN, True),
        ("https://accounts.google.com/ListAccounts", OWN, True),
        ("https://accounts.google.com/o/oauth2/v2/auth", TYPED, False),
        ("https://ads.mozilla.org/v1/ads", OWN, True),
        ("http://detectportal.firefox.com/canonical.html", (), True),
        ("https://firefox.settings.services.mozilla.com/v1/", OWN, True),
        ("https://content-signature-2.cdn.mozilla.net/g/chains/1", OWN, True),
        ("https://incoming.telemetry.mozilla.org/submit/x", OWN, True),
        ("https://aus5.mozilla.org/update/6/Firefox/", OWN, True),
        ("https://push.services.mozilla.com/", OWN, True),
        ("https://spocs.getpocket.com/spocs", OWN, True),
        ("http://ciscobinary.openh264.org/openh264.zip", (), True),
        ("http://r11.o.lencr.org/", (), True),
        ("https://archive.mozilla.org/pub/", NAVIGATION, False),
        ("https://services.addons.mozilla.org/api/v4/addons/search/", OWN, True),
        ("https://services.addons.mozilla.org/api/v4/addons/search/", BY_A_PAGE, False),
        ("https://addons.mozilla.org/en-US/firefox/", OWN, False),
        ("https://notads.mozilla.org.test/", OWN, False),
    ],
)
def test_what_a_browser_requests_by_itself(
    url: str, headers: tuple[tuple[str, str], ...], own: bool
) -> None:
    """Its own hosts, without the navigations and the requests of pages to them; icons anywhere."""
    story = Story()
    story.ask(url, headers=headers)
    (exchange,) = story.trace().exchanges
    assert exchange.request.housekeeping is own


@pytest.mark.parametrize(
    ("method", "agent", "own"),
    [
        ("HEAD", f"{DOCTOR_AGENT}1.0", True),
        ("GET", f"{DOCTOR_AGENT}1.0", False),
        ("HEAD", "curl/8.5.0", False),
    ],
)
def test_what_the_doctor_requests(method: str, agent: str, own: bool) -> None:
    """It is none of the user's requests: no row and no step, unless somebody asks for it."""
    story = Story()
    story.ask("https://shop.test/", method=method, headers=(("User-Agent", agent),))
    assert story.trace().exchanges[0].request.housekeeping is own
    assert len(Table(story.trace())) == (0 if own else 1)


@pytest.mark.parametrize("first", [True, False])
def test_the_doctor_is_no_client_of_the_user(first: bool) -> None:
    """No view counts or tells of it, even if it got cookies, unless one asks for that."""
    story = Story("https://shop.test")
    doctor = (("User-Agent", f"{DOCTOR_AGENT}1.0"),)

    def diagnose() -> None:
        story.client("doctor", user_agent=f"{DOCTOR_AGENT}1.0")
        asked = story.ask("/", method="HEAD", headers=doctor, client_id="doctor")
        story.respond(asked, "sid=of-the-doctor")

    if first:
        diagnose()
    story.visit("/a", None, "x=1")
    if not first:
        diagnose()
    trace = story.trace()
    (user,) = trace.clients
    assert (user.client_id, user.ordinal, client_name(user)) == ("c1", 1, "Client 1")
    told = "\n".join(transcript(trace))
    assert opening(trace) in told
    assert "HEAD" not in told
    assert "of-the-doctor" not in told
    assert "The client requests /a" in told
    assert [one.label for one in choices(trace) if one.kind == "client"] == [
        "1 · Chrome 156 · 127.0.0.1"
    ]
    assert numbered_client(story.events, 1) == "c1"
    shown = Table(trace, Focus(housekeeping=True))
    actions = [row.action for row in map(shown.row, range(1, len(shown) + 1))]
    assert [each for each in actions if each.startswith("The doctor: HEAD")], actions
