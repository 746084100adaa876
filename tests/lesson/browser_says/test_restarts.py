"""A browser that was started again: what is known about the cookies that it no longer sends."""

from __future__ import annotations

import msgspec
import pytest

from cookietrace.events import Browser, BrowserChange
from cookietrace.fold.browser_word import MOST_RESTARTS
from cookietrace.fold.exchange import NoteKind
from cookietrace.lesson.browser_says.wording import restarted
from cookietrace.lesson.detail import detail
from cookietrace.lesson.happenings import of_request
from cookietrace.lesson.transcript import transcript
from cookietrace.trace import Trace
from tests.story import Story

SINCE = "the browser has been restarted since: "
SESSION = (
    SINCE
    + "without Expires or Max-Age, a cookie is then gone unless the browser restores its session"
)
LASTING = SINCE + "a cookie with a lifetime is then kept, if the profile is the same"


def again(at: float, client_id: str | None = "c1") -> Browser:
    """Return that a browser was gone, and was found again."""
    return Browser(
        at=at, said_at=at, said_by="chromium-devtools", client_id=client_id, restarted=True
    )


def perhaps(trace: Trace) -> list[str]:
    """Return what is said about the cookies that the last request lacks."""
    part = trace.exchanges[-1].request
    return [restarted(trace.browser, part, absent.cookie) for absent in part.missing]


@pytest.mark.parametrize(
    ("line", "said", "told"),
    [
        ("a=1", SESSION, ": the browser was restarted"),
        ("a=1; Max-Age=9999", LASTING, " (the browser has been restarted since)"),
    ],
    ids=["session", "lasting"],
)
def test_a_cookie_that_is_not_sent_any_more(line: str, said: str, told: str) -> None:
    """It is missing as before, and what a restart means for it is told beside."""
    story = Story()
    story.visit("/", None, line)
    story.events.append(again(story.now))
    name = story.visit("/y")
    trace = story.trace()
    exchange = trace.exchange(name)
    assert perhaps(trace) == [said]
    lines = [each.text for one in detail(exchange, word=trace.browser) for each in one.lines]
    assert said in lines
    happened = [each.text for each in of_request(exchange.request, lambda _: True, trace.browser)]
    assert f"'a' expected, but not sent{told}" in happened
    text = " ".join(" ".join(transcript(trace)).split())
    assert f"{said[0].upper()}{said[1:]}." in text
    story.events = [each for each in story.events if not isinstance(each, Browser)]
    assert exchange.request.missing == story.trace().exchange(name).request.missing


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (["a=1", "b=1"], [], ": the browser was restarted"),
        (["a=1", "b=1; Max-Age=9999"], [], " (the browser has been restarted since)"),
        (["a=1"], ["b=1"], " (the browser has been restarted since)"),
        ([], ["a=1", "b=1"], ""),
    ],
    ids=["each", "one has a lifetime", "one was set after it", "none"],
)
def test_several_cookies(before: list[str], after: list[str], told: str) -> None:
    """The restart is told as the reason only if it is one for each of them."""
    story = Story()
    for line in before:
        story.visit("/", None, line)
    story.events.append(again(story.now))
    for line in after:
        story.visit("/", None, line)
    name = story.visit("/y")
    trace = story.trace()
    part = trace.exchange(name).request
    happened = [each.text for each in of_request(part, lambda _: True, trace.browser)]
    assert f"'a' and 'b' expected, but not sent{told}" in happened


def test_a_restart_that_explains_nothing() -> None:
    """Of a cookie that was there afterwards, or another client's, nothing is told."""
    story = Story()
    story.events.append(again(story.now))
    story.visit("/", None, "a=1")
    story.events += [again(story.now, "c2"), again(story.now, None)]
    story.visit("/x")
    story.events.append(again(story.now + 100))
    assert perhaps(story.trace()) == [""]


def test_it_is_known_later_than_the_next_request() -> None:
    """The browser is looked for now and then: the request that lacks the cookie is told anew."""
    story = Story()
    story.visit("/", None, "a=1")
    story.visit("/x", "a=1")
    gone = story.now
    name = story.visit("/y")
    trace = story.trace()
    update = trace.apply(again(gone))
    assert update.exchanges == (name,)
    assert [(each.kind, each.client_id) for each in update.notes] == [(NoteKind.RESTARTED, "c1")]
    assert update.notes[0].message.startswith(
        "The browser of client 1 is gone, and another was started in its place. Cookies "
    )
    assert perhaps(trace) == [SESSION]
    assert trace.apply(again(gone, "unknown")).notes == ()


def test_what_is_kept_is_bounded() -> None:
    """The latest are."""
    story = Story()
    story.visit("/")
    trace = story.trace()
    for _ in range(MOST_RESTARTS + 1):
        trace.apply(again(story.now))
    assert len(trace.browser._restarts) == MOST_RESTARTS


def test_a_restart_may_tell_of_other_requests_too() -> None:
    """What a script had tried to store is told with a request that has all of its cookies."""
    story = Story()
    name = story.visit("/")
    trace = story.trace()
    tried = BrowserChange(kind="added", name="q", value="1", domain="127.0.0.1", path="/")
    told = msgspec.structs.replace(again(story.now - 60), tried=(tried,))
    assert trace.apply(told).exchanges == (name,)
