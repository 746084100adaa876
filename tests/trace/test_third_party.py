"""What the cookies of a request show about third-party cookies if no header tells."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from cookietrace.cookies import RestsOn, Standing, ThirdParty
from cookietrace.fold.exchange import NoteKind, ResponsePart, RowKind
from cookietrace.lesson.standing import proviso, refuted_why
from cookietrace.trace import Trace
from tests.story import CHROMIUM, Story
from tests.trace.test_requests import jar, verdicts_of

SHOP, ADS, CDN = "https://shop.test/", "https://ads.test/", "https://cdn.test/"
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.2 Safari/605.1.15"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
NONE = "; SameSite=None; Secure"
PARTITIONED = f"{NONE}; Partitioned"
POLICY = "third-party-seems-blocked"


def image(site: str = "cross-site", access: str = "") -> tuple[tuple[str, str], ...]:
    """Return the headers of an image in a page of ``ads.test``."""
    headers = (
        ("Sec-Fetch-Site", site),
        ("Sec-Fetch-Mode", "no-cors"),
        ("Sec-Fetch-Dest", "image"),
        ("Referer", ADS),
    )
    return (*headers, ("Sec-Fetch-Storage-Access", access)) if access else headers


SOCKET = (("Upgrade", "websocket"), ("Origin", "https://ads.test"))


class Play:
    """A story whose first page is one of ``ads.test``."""

    def __init__(self, user_agent: str = CHROMIUM) -> None:
        self.story = Story(SHOP.rstrip("/"), user_agent=user_agent)
        self.story.visit(ADS)

    def load(self, cookie: str | None, *lines: str, access: str = "", after: float = 10.0) -> str:
        """Load an image of ``shop.test`` in that page."""
        loaded = self.story.ask("/i", cookie, headers=image(access=access), after=after)
        self.story.respond(loaded, *lines)
        return loaded

    def connect(self, cookie: str | None) -> str:
        """Open a WebSocket to ``shop.test`` in that page."""
        return self.story.ask("wss://shop.test/ws", cookie, headers=SOCKET)


def shown(trace: Trace, exchange_id: str) -> str:
    """Return what a request's context says about third-party cookies; ``?`` if uncertain."""
    context = trace.exchange(exchange_id).request.context
    words = context.third_party.value if context.third_party is not None else "told"
    return words if context.certain else f"{words} ?"


def response_of(trace: Trace, exchange_id: str) -> ResponsePart:
    """Return an exchange's response."""
    response = trace.exchange(exchange_id).response
    assert response is not None
    return response


def results(trace: Trace, exchange_id: str) -> str:
    """Return name, outcome, standing and policy of a response's Set-Cookie lines."""
    return "; ".join(
        " ".join(
            [
                result.name,
                result.outcome.value,
                result.standing.value,
                *(str(dict(reason.facts).get("policy", "")) for reason in result.reasons),
            ]
        )
        for result in response_of(trace, exchange_id).set_cookies
    )


def notes(trace: Trace) -> str:
    """Return the notes on third-party cookies, those that have ended in brackets."""
    ended = set(trace.notes_ended)
    kinds = (NoteKind.THIRD_PARTY_BLOCKED, NoteKind.THIRD_PARTY_SENT)
    found = [
        (index, f"{note.kind.value} {' '.join(note.exchanges)}")
        for index, note in enumerate(trace.notes)
        if note.kind in kinds
    ]
    return "; ".join(f"[{text}]" if index in ended else text for index, text in found)


def test_a_cookie_that_does_not_come_back_shows_that_such_cookies_are_blocked() -> None:
    """It was not stored after all, nothing is missing, and from there it is predicted so."""
    play = Play()
    first = play.load(None, f"a=1{NONE}", f"p=1{PARTITIONED}")
    second = play.load("p=1", f"a=2{NONE}", f"p=2{PARTITIONED}", "l=1")
    third = play.load("p=2")
    trace = play.story.trace()
    assert results(trace, first) == "a created refuted; p created certain"
    assert verdicts_of(trace, second) == "sent p=1"
    assert results(trace, second) == (
        f"a rejected unconfirmed {POLICY}; p replaced certain; l rejected certain {POLICY}"
    )
    assert [shown(trace, one) for one in (first, second, third)] == [
        "untold ?",
        "seems-blocked ?",
        "seems-blocked ?",
    ]
    assert trace.exchange(second).request.expected == "a=1; p=1"
    assert trace.exchange(third).request.expected == "p=2"
    assert notes(trace) == f"third-party-blocked {first} {second}"
    refuted = [row for row in trace.rows if row.kind is RowKind.REFUTED]
    assert [(row.exchange_id, row.refutes) for row in refuted] == [(second, first)]


def test_a_cookie_that_is_sent_says_otherwise() -> None:
    """The note ends, what was refused turns out to be stored, and predictions are certain."""
    play = Play()
    play.load(None, f"a=1{NONE}")
    blocked = play.load(None, f"a=2{NONE}")
    sent = play.load("a=2", f"b=1{NONE}")
    after = play.load("a=2; b=1")
    trace = play.story.trace()
    assert results(trace, blocked) == f"a rejected refuted {POLICY}"
    assert verdicts_of(trace, sent) == "sent a=2"
    assert results(trace, sent) == "b created certain"
    assert [shown(trace, one) for one in (sent, after)] == ["sent ?", "sent"]
    assert notes(trace) == f"[third-party-blocked x2 {blocked}]; third-party-sent {blocked} {sent}"


def test_what_the_site_itself_has_set_is_evidence_too() -> None:
    """A cookie of the site itself stays in the jar, and is withheld in other sites' pages."""
    play = Play()
    play.story.visit(SHOP, None, f"a=1{NONE}")
    lacking = play.load(None)
    again = play.load(None)
    own = play.story.visit(SHOP, "a=1")
    trace = play.story.trace()
    for request in (lacking, again):
        assert verdicts_of(trace, request) == "withheld a=1 (client-policy)"
        (held,) = trace.exchange(request).request.withheld
        assert dict(held.reasons[0].facts)["policy"] == POLICY
    assert verdicts_of(trace, own) == "sent a=1"
    assert notes(trace) == f"third-party-blocked {lacking}"


def test_the_tab_shows_what_was_stored_in_a_page_of_another_site() -> None:
    """A navigation to the site settles whether the response stored its cookie."""
    for carried, standing, note in (
        ("a=1", "confirmed", ""),
        (None, "refuted", "third-party-blocked x2 x3"),
    ):
        play = Play()
        first = play.load(None, f"a=1{NONE}")
        play.story.visit(SHOP, carried)
        trace = play.story.trace()
        assert results(trace, first) == f"a created {standing}"
        assert notes(trace) == note


SCRIPT = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
    ("Referer", SHOP),
)


class Doubt(NamedTuple):
    """A story that shows nothing: how the request differs, and what its context says."""

    story: str
    cookie: str | None
    access: str = ""
    first: str = f"a=1{NONE}"
    after: float = 10.0


NOTHING_SHOWN = [
    Doubt("the cookie's value changed, which a script can do", "a=9"),
    Doubt("the cookie is there", "a=1"),
    Doubt("it may not have arrived yet", None, after=0.1),
    Doubt("it is partitioned", "a=1", first=f"a=1{PARTITIONED}"),
    Doubt("the browser says what is in reach", None, access="none"),
]


@pytest.mark.parametrize("row", NOTHING_SHOWN, ids=lambda row: row.story)
def test_other_differences_do_not_show_it(row: Doubt) -> None:
    """Only a predicted cookie that is absent altogether is evidence."""
    play = Play()
    play.load(None, row.first)
    play.load(row.cookie, access=row.access, after=row.after)
    assert notes(play.story.trace()) == ""


def test_a_partitioned_cookie_with_the_same_name_and_value_explains_what_is_sent() -> None:
    """It does not show that the unpartitioned one is sent."""
    play = Play()
    play.story.visit(SHOP, None, f"a=1{NONE}")
    lacking = play.load(None, f"a=1{PARTITIONED}")
    again = play.load("a=1")
    trace = play.story.trace()
    assert verdicts_of(trace, again) == "sent a=1; withheld a=1 (client-policy)"
    assert notes(trace) == f"third-party-blocked {lacking}"


def test_a_blocked_cookie_says_nothing_of_a_request_without_credentials() -> None:
    """What rests on a script's credentials stays unconfirmed where such cookies are blocked."""
    play = Play()
    play.story.visit(SHOP, None, f"a=1{NONE}")
    unknown = play.story.ask("/api", None, headers=SCRIPT)
    play.story.respond(unknown, f"b=1{NONE}")
    lacking = play.load(None)
    assert notes(play.story.trace()) == f"third-party-blocked {lacking}"
    assert results(play.story.trace(), unknown) == "b created unconfirmed"
    play.story.visit(SHOP, "a=1; b=1")
    assert results(play.story.trace(), unknown) == "b created confirmed"


def test_two_reasons_for_a_cookie_that_was_not_stored_are_both_told() -> None:
    """A script's request of unknown credentials in another site's page may be blocked as well."""
    story = Story(SHOP.rstrip("/"), user_agent=CHROMIUM.replace("156", "110"))
    story.visit(ADS)
    script = (("Sec-Fetch-Site", "cross-site"), *SCRIPT[1:3], ("Origin", ADS.rstrip("/")))
    fetched = story.ask("/api", None, headers=script)
    story.respond(fetched, f"a=1{NONE}")
    (result,) = response_of(story.trace(), fetched).set_cookies
    assert proviso([result]) == (
        ", if the request was made with credentials and the client accepts third-party cookies"
    )
    story.visit(SHOP)
    (result,) = response_of(story.trace(), fetched).set_cookies
    assert refuted_why(result) == (
        "that request was made without credentials, or the client blocks third-party cookies"
    )
    assert notes(story.trace()) == ""


def test_a_cookie_that_may_not_have_been_stored_for_another_reason_shows_nothing() -> None:
    """If it is unknown whether the request that set it had credentials, its absence is no proof."""
    play = Play()
    play.story.respond(play.story.ask("/api", None, headers=SCRIPT), f"a=1{NONE}")
    play.story.visit(ADS)
    play.load(None)
    assert notes(play.story.trace()) == ""


def test_what_the_browser_said_elsewhere_holds_where_it_says_nothing() -> None:
    """A WebSocket says nothing; if images said ``none``, its cookies are taken to be blocked."""
    play = Play()
    before = play.connect(None)
    play.story.visit(SHOP, None, f"a=1{NONE}")
    play.load(None, access="none")
    after = play.connect(None)
    play.load("a=1", access="active")
    granted = play.connect("a=1")
    trace = play.story.trace()
    assert [shown(trace, one) for one in (before, after, granted)] == [
        "untold ?",
        "seems-blocked ?",
        "sent ?",
    ]
    assert [trace.exchange(one).request.expected for one in (before, after, granted)] == [
        "",
        "",
        "a=1",
    ]
    assert notes(trace) == ""


def test_safari_is_taken_at_its_documents_until_it_sends_a_cookie() -> None:
    """A refusal is unconfirmed; a cookie that is sent refutes it, and is predicted from there."""
    play = Play(SAFARI)
    first = play.load(None, f"a=1{NONE}", f"p=1{PARTITIONED}")
    second = play.load("a=1; p=1")
    third = play.load("a=1; p=1", f"b=1{NONE}")
    trace = play.story.trace()
    assert results(trace, first) == ("a rejected refuted third-party-blocked; p created certain")
    assert trace.exchange(second).request.expected == "p=1"
    assert trace.exchange(third).request.expected == "a=1; p=1"
    assert results(trace, third) == "b created certain"
    assert notes(trace) == f"third-party-sent {first} {second}"


FROM_ADS = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
    ("Origin", ADS.rstrip("/")),
    ("Referer", ADS),
)
"""The headers of a script's request to ``shop.test`` in a page of ``ads.test``."""
OLD = CHROMIUM.replace("156.0", "118.0")
"""A browser that does not send Sec-Fetch-Storage-Access."""


def test_a_connection_with_credentials_does_not_show_that_such_cookies_are_accepted() -> None:
    """What rests on both stays unconfirmed; a Partitioned cookie rests on the credentials."""
    play = Play(OLD)
    lines = (f"a=1{NONE}", f"p=1{PARTITIONED}")
    fetched = play.story.ask(SHOP, None, headers=FROM_ADS, connection="k")
    play.story.respond(fetched, *lines)
    play.story.ask("/", None, connection="k")
    response = play.story.trace().exchange(fetched).response
    assert response is not None
    standings = [one.standing for one in response.set_cookies]
    assert standings == [Standing.REFUTED, Standing.CONFIRMED]


def test_a_script_of_a_blocking_client_is_refused_with_doubt_and_refuted() -> None:
    """Safari's documents are a guess for scripts too, whose credentials are unknown besides."""
    play = Play(SAFARI)
    fetched = play.story.ask(SHOP, None, headers=FROM_ADS)
    play.story.respond(fetched, f"a=1{NONE}")
    assert results(play.story.trace(), fetched).startswith("a rejected unconfirmed")
    play.story.ask(SHOP, "a=1", headers=FROM_ADS)
    assert results(play.story.trace(), fetched).startswith("a rejected refuted")


@pytest.mark.parametrize("user_agent", [OLD, SAFARI], ids=["seems to block", "documented"])
def test_a_refusal_for_two_reasons_is_unconfirmed_while_both_are_guesses(user_agent: str) -> None:
    """A script's request that lacks a partitioned cookie may have credentials anyway."""
    for carried, standing in ((None, "confirmed"), ("a=2", "refuted")):
        play = Play(user_agent)
        play.load(None, f"a=1{NONE}", f"p=1{PARTITIONED}")
        play.load("p=1")
        fetched = play.story.ask(SHOP, None, headers=FROM_ADS)
        play.story.respond(fetched, f"a=2{NONE}")
        assert "a rejected unconfirmed" in results(play.story.trace(), fetched)
        (result,) = response_of(play.story.trace(), fetched).set_cookies
        assert proviso((result,)) == (
            ", if the request was made without credentials or the client blocks third-party cookies"
        )
        play.story.visit(SHOP, carried)
        assert f"a rejected {standing}" in results(play.story.trace(), fetched)


ANCIENT = CHROMIUM.replace("156.0", "47.0")
"""A browser of which too little is known for a context to be certain."""
BEFORE_METADATA = (("Origin", ADS.rstrip("/")), ("Referer", ADS))


@pytest.mark.parametrize(
    ("carried", "rests_on"),
    [("z=1", RestsOn.THIRD_PARTY), (None, RestsOn.BOTH)],
    ids=["the connection shows them", "nothing does"],
)
def test_credentials_that_only_the_connection_shows_leave_the_policy_in_doubt(
    carried: str | None, rests_on: RestsOn
) -> None:
    """What shows the credentials of a request says nothing about the client's policy."""
    play = Play(ANCIENT)
    play.story.respond(play.story.ask("/", carried, connection="k"))
    fetched = play.story.ask(SHOP, None, headers=BEFORE_METADATA, connection="k")
    play.story.respond(fetched, f"a=1{NONE}")
    (result,) = response_of(play.story.trace(), fetched).set_cookies
    assert (result.standing, result.rests_on) == (Standing.UNCONFIRMED, rests_on)
    play.story.visit(SHOP, "z=1; a=1")
    (result,) = response_of(play.story.trace(), fetched).set_cookies
    assert result.standing is Standing.CONFIRMED


def test_a_request_that_may_be_no_third_partys_shows_no_policy() -> None:
    """Where only a guess makes it cross-site, a cookie that was stored is no news of the client."""
    play = Play(SAFARI.replace("Version/26.2", "Version/3.0"))
    loaded = play.story.ask("/i", None, headers=(("Referer", ADS), ("Accept", "image/webp")))
    play.story.respond(loaded, f"a=1{NONE}")
    play.story.visit(SHOP, "a=1")
    assert notes(play.story.trace()) == ""


def test_a_refused_line_is_under_way_as_a_stored_one_is() -> None:
    """A navigation right after it shows nothing: the cookie may not have arrived."""
    play = Play(SAFARI)
    loaded = play.load(None, f"a=1{NONE}")
    play.story.ask(SHOP, None, after=0.3)
    assert results(play.story.trace(), loaded).startswith("a rejected unconfirmed")
    play.story.ask(SHOP, "a=1")
    assert results(play.story.trace(), loaded).startswith("a rejected refuted")


def test_safari_that_stores_nothing_confirms_it() -> None:
    """The tab shows that the cookie was not stored: from there, the client seems to block them."""
    play = Play(SAFARI)
    first = play.load(None, f"a=1{NONE}")
    play.story.visit(SHOP)
    play.load(None, f"b=1{NONE}")
    trace = play.story.trace()
    assert results(trace, first) == "a rejected confirmed third-party-blocked"
    assert notes(trace) == "third-party-blocked x2 x3"


def test_a_firefox_that_keeps_no_partitions_shows_it() -> None:
    """Without the header it is taken to keep third-party cookies apart, until it does not."""
    play = Play(FIREFOX)
    play.story.visit(SHOP, None, f"a=1{NONE}")
    first = play.load("a=1")
    second = play.load("a=1", f"b=1{NONE}")
    third = play.load("a=1; b=1")
    trace = play.story.trace()
    assert [shown(trace, one) for one in (first, second, third)] == ["sent ?", "sent", "sent"]
    assert verdicts_of(trace, third) == "sent a=1; sent b=1"
    assert jar(trace) == "a=1 b=1"


def test_a_client_that_sends_them_is_not_doubted_again() -> None:
    """A cookie that was sent is the better evidence: one that is absent later is missing."""
    play = Play()
    play.story.visit(SHOP, None, f"a=1{NONE}", f"b=1{NONE}")
    play.load("a=1")
    play.load("a=1; b=1")
    lacking = play.load(None)
    trace = play.story.trace()
    assert shown(trace, lacking) == ThirdParty.SENT.value
    assert verdicts_of(trace, lacking) == "missing a=1; missing b=1"
    assert Standing.UNCONFIRMED.value not in results(trace, "x2")
