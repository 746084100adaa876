"""What is told of requests whose kind, or whose client's policy, is only a guess."""

from __future__ import annotations

import pytest

from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.detail import detail
from cookietrace.lesson.explain import explanations
from cookietrace.lesson.guesses import guess
from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.notices import NoticeBoard
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import transcript
from tests.story import CHROMIUM, Story
from tests.trace.test_third_party import ADS, NONE, SAFARI, SHOP, Play

FORM = (("Upgrade-Insecure-Requests", "1"), ("Origin", "https://ads.test"))
OLD_SAFARI = SAFARI.replace("Version/26.2", "Version/15.6")
TAKEN = "It is assumed to be a frame's, because it lacks cookies that the tab would have sent."


def told(story: Story) -> str:
    """Return the transcript as one line."""
    return " ".join(" ".join(transcript(story.trace())).split())


def posted(cookie: str | None) -> tuple[Story, str]:
    """Return a story in which a form of another site is posted, in a browser of few words."""
    story = Story(SHOP.rstrip("/"), user_agent=OLD_SAFARI)
    story.respond(story.ask("/", None, headers=FORM[:1]), f"a=1{NONE}")
    story.respond(story.ask(ADS, None, headers=FORM[:1]))
    post = story.ask("/login", cookie, method="POST", headers=FORM)
    story.respond(post)
    return story, post


def test_what_was_assumed_of_a_form_or_a_frame_is_told_as_a_guess() -> None:
    """Without cookies a cross-site POST is taken for a frame's: story, detail and moment say so."""
    story, post = posted(None)
    trace = story.trace()
    exchange: Exchange = trace.exchange(post)
    context = exchange.request.context
    assert (context.guessed_frame, context.certain, context.top_level) == (True, False, False)
    (held,) = exchange.request.withheld
    assert dict(held.reasons[0].facts)["policy"] == "third-party-if-frame"
    assert TAKEN in told(story)
    assert "documented to block third-party cookies there" in told(story)
    table = Table(trace)
    assert "assumed to be a frame's" in str(detail(exchange, table.trace_row(3)))
    assert any(TAKEN in moment.answer for moment in key_moments(table))


def test_a_form_that_carries_its_cookies_is_no_guess() -> None:
    """With its cookies it is the tab's, and nothing is said about frames."""
    story, post = posted("a=1")
    assert guess(story.trace().exchange(post).request) == ""
    assert "frame" not in told(story)


@pytest.mark.parametrize(
    ("lines", "cookie"),
    [(("b=2",), "b=2"), (("b=2", "c=3"), "b=2; c=3")],
    ids=["one", "several"],
)
def test_a_guess_is_told_beside_the_cookies_of_the_request(
    lines: tuple[str, ...], cookie: str
) -> None:
    """The sentence follows what the request carries."""
    story = Story("http://shop.test", user_agent=CHROMIUM.replace("156", "70"))
    plain = FORM[:1]
    story.respond(story.ask("/", None, headers=plain), "a=1; SameSite=Lax", *lines)
    story.respond(story.ask("http://ads.test/", None, headers=plain))
    framed = (*plain, ("Referer", "http://ads.test/"))
    story.respond(story.ask("/", cookie, headers=framed))
    assert ". Its headers do not show whether it was made for the tab" in told(story)
    assert TAKEN in told(story)


def test_the_notice_ends_when_a_cookie_is_sent() -> None:
    """The notice of a client that seems to block them says why it is over."""
    play = Play()
    play.load(None, f"a=1{NONE}")
    play.load(None, f"a=2{NONE}")
    board = NoticeBoard(play.story.trace())
    board.update()
    assert board.newest is not None
    assert board.newest.line.startswith(
        "This client seems to block third-party cookies: the response in step 2 set one inside "
        "a page of another site, and the request in step 4 did not carry it."
    )
    play.load("a=2")
    board = NoticeBoard(play.story.trace())
    board.update()
    newest, ended = board.all()
    assert newest.line == "This client sends third-party cookies: the request in step 7 shows it."
    assert ended.line.endswith(" · over: such cookies were sent since")


def test_a_missing_third_party_cookie_is_missing_with_doubt() -> None:
    """If no header tells, story and moment say what is not known."""
    play = Play()
    play.story.visit(SHOP, None, f"a=1{NONE}", f"b=1{NONE}")
    play.load("b=2")
    table = Table(play.story.trace())
    (moment,) = (one for one in key_moments(table) if one.rule == "missing")
    assert "not certain whether this client sends third-party cookies" in moment.answer


@pytest.mark.parametrize("access", ["none", "inactive", "active", ""])
def test_what_the_browser_said_is_in_the_json(access: str) -> None:
    """``explain --json`` has it in the context, and null if it said nothing."""
    play = Play()
    play.load(None, access=access)
    *_, last = explanations(play.story.trace())
    assert last["context"]["storage_access"] == (access or None)
    assert ("Sec-Fetch-Storage-Access" in last["context"]["from"]) is bool(access)
