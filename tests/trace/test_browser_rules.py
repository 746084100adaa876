"""Clients are judged by the rules of their own browser and its version."""

from __future__ import annotations

import msgspec

from cookietrace import events as ev
from cookietrace.fold.exchange import NoteKind
from cookietrace.lesson.cookie_rules import rules_name
from cookietrace.lesson.transcript import transcript
from tests.story import CHROMIUM, TYPED, Story

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
CHROME_60 = CHROMIUM.replace("156.0.0.0", "60.0.3112.113")
IOS_12 = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1"
)
PAGE = (("Upgrade-Insecure-Requests", "1"),)


def test_a_browser_from_before_lax_by_default_is_not_judged_by_it() -> None:
    """Chromium 60 keeps a widget's cookie without SameSite, and sends it along."""
    story = Story("https://widget.test", user_agent=CHROME_60)
    inside = (("Referer", "https://news.test/"),)
    story.respond(story.ask("https://news.test/", headers=PAGE))
    story.respond(story.ask("/w.js", headers=inside), "wid=1; Path=/")
    story.respond(story.ask("/beat", "wid=1", headers=inside))
    trace = story.trace()
    assert (trace.clients[0].profile, trace.clients[0].version) == ("chromium", 60)
    response, last = trace.exchanges[1].response, trace.exchanges[2].request
    assert response is not None
    assert response.set_cookies[0].outcome.value == "created"
    assert last.expected == last.observed == "wid=1"
    assert rules_name(last.profile, last.version) == "chromium 60"


def test_a_browser_that_takes_none_for_strict_is_judged_so_and_with_doubt() -> None:
    """IOS 12 withholds SameSite=None like Strict; the story says that it is a guess."""
    story = Story("https://sp.test", user_agent=IOS_12)
    story.respond(
        story.ask("/start", headers=PAGE),
        "oidc=1; Path=/; Secure; SameSite=None",
        status=302,
        headers=(("Location", "https://idp.test/auth"),),
    )
    story.respond(story.ask("https://idp.test/auth", headers=PAGE))
    headers = (*PAGE, ("Origin", "https://idp.test"), ("Referer", "https://idp.test/auth"))
    story.respond(story.ask("/callback", method="POST", headers=headers), status=400)
    trace = story.trace()
    last = trace.exchanges[-1].request
    codes = [reason.code.value for held in last.withheld for reason in held.reasons]
    assert codes == ["same-site-strict"]
    assert not last.context.certain
    assert [note.kind for note in trace.notes] == [NoteKind.OLD_BROWSER]
    assert rules_name(last.profile, last.version) == "safari 12.1, with doubt"
    told = " ".join(transcript(trace))
    assert "(safari 12.1), about which too little is known" in told
    assert "SameSite has for 'oidc', and treats it as Strict" in told


def test_an_unknown_old_browser_is_judged_with_doubt() -> None:
    """A browser without a profile of its own gets a note, and no version."""
    story = Story(user_agent="Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko")
    story.visit()
    note = story.trace().notes[0]
    assert note.message.startswith(
        "What is said about client 1's cookies is a guess: it is an old browser, about which"
    )


def test_a_firefox_story() -> None:
    """A bare name, a chain of redirects over another site, and clearing the host's own cookies."""
    story = Story("https://www.shop.test", user_agent=FIREFOX)
    story.visit("/", None, "bare", "s=1; SameSite=Strict", "wide=1; Domain=shop.test")
    story.respond(
        story.ask("https://ads.test/hop"),
        status=302,
        headers=(("Location", "https://www.shop.test/back"),),
    )
    story.respond(story.ask("/back", "bare=; wide=1", after=0.1))
    story.respond(
        story.ask("/out", "bare=; s=1; wide=1"),
        "own=1",
        headers=(("Clear-Site-Data", '"cookies"'),),
    )
    story.respond(story.ask("/end", "wide=1"))
    trace = story.trace()
    requests = [exchange.request for exchange in trace.exchanges]
    assert all(request.context.certain for request in requests)
    assert [request.expected for request in requests] == [request.observed for request in requests]
    held = requests[2].withheld[0].reasons[0]
    assert held.facts == (("cookie", "s"), ("cause", "redirect"))
    cleared = trace.exchanges[3].response
    assert cleared is not None
    assert cleared.set_cookies[0].outcome.value == "created"


def test_a_dropped_response_stores_nothing() -> None:
    """A NUL in any field loses the response; over HTTP/2 Chromium drops it for any control."""
    for agent, version, kept in (
        (CHROMIUM, "HTTP/1.1", True),
        (CHROMIUM, "HTTP/2.0", False),
        (FIREFOX, "HTTP/2.0", True),
    ):
        story = Story("https://shop.test", user_agent=agent)
        asked = story.ask("/", headers=TYPED)
        last = story.events[-1]
        assert isinstance(last, ev.Request)
        story.events[-1] = msgspec.structs.replace(last, http_version=version)
        story.respond(asked, "a=1", headers=(("X-Note", "a\x01b"),))
        response = story.trace().exchanges[0].response
        assert response is not None
        result = response.set_cookies[0]
        assert (result.outcome.value == "created") is kept
        if not kept:
            assert dict(result.reasons[-1].facts)["policy"] == "response-dropped"


def test_a_folded_line_is_unfolded() -> None:
    """A line break inside a field is a space, as a browser reads it."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1;\r\n Path=/x; Secure")
    cookies = story.trace().jar_at("c1", 99)
    assert [(cookie.name, cookie.path, cookie.secure) for cookie in cookies] == [("a", "/x", True)]
