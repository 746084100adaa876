"""What Firefox says about verdicts: outcomes, and reasons only where its console gives one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from cookietrace.events import Browser, BrowserCookie
from cookietrace.formats import outgoing
from cookietrace.lesson.browser_says import Word, statements
from cookietrace.lesson.browser_says.firefox_reasons import LOGGED, REFUSED
from cookietrace.lesson.browser_says.wording import own_word, own_word_lines
from cookietrace.trace import fold
from tests.story import Story

DOMAIN = "cookie has been rejected for invalid domain."
PREFIX = "cookie has been rejected for invalid prefix."
P, C, D = Word.PREDICTED, Word.CONFIRMED, Word.DISPUTED


def said(
    exchange_id: str, sent: Sequence[str] = (), lines: Sequence[BrowserCookie] = ()
) -> Browser:
    """Return what Firefox said about an exchange: the names that it sent, and some of the lines."""
    return Browser(
        at=0.0,
        said_at=0.0,
        said_by="firefox-bidi",
        client_id="c1",
        exchange_id=exchange_id,
        cookies=tuple([BrowserCookie(name=name, taken=True) for name in sent]),
        set_cookies=tuple(lines),
    )


def line(name: str, reason: str | None = None, *, taken: bool = False) -> BrowserCookie:
    """Return what it said about the first line."""
    reasons = () if reason is None else (reason,)
    return BrowserCookie(name=name, taken=taken, reasons=reasons, line=0)


@pytest.mark.parametrize(
    ("cookie", "lines", "sent", "words"),
    [
        ("a=1", ["a=1"], ["a"], [("sent", C)]),
        (None, ["a=1; Path=/sub"], [], [("withheld", C)]),
        # One of two of a name is sent: the other one was not.
        ("a=2", ["a=2", "a=1; Path=/sub"], ["a"], [("sent", C), ("withheld", C)]),
        ("a=1; a=2", ["a=1; Path=/x", "a=2"], ["a", "a"], [("sent", C), ("sent", C)]),
        # That it was not sent is seen on the wire: Firefox adds nothing to that.
        (None, ["a=1"], [], [("missing", P)]),
        ("b=1", [], ["b"], [("sent", C)]),
        ("a=1", ["a=1; Partitioned; Secure"], ["a"], [("sent", C)]),
    ],
)
def test_a_request(
    cookie: str | None, lines: list[str], sent: list[str], words: list[tuple[str, Word]]
) -> None:
    """What it sent is in its header, and what it did not send is not."""
    story = Story()
    story.visit("/", None, *lines)
    name = story.visit("/x", cookie)
    story.events.append(said(name, sent))
    found = statements(story.trace().exchange(name))
    assert [(each.ours, each.word) for each in found] == words


@pytest.mark.parametrize(
    ("wire", "theirs", "word"),
    [
        ("a=1", line("a", taken=True), C),
        ("a=1", line("a"), D),
        ("a=1", line("a", DOMAIN), D),
        ("a=1", None, P),
        ("a=1; Domain=other.test", line("a"), C),
        ("a=1; Domain=other.test", line("a", DOMAIN), C),
        ("a=1; Domain=other.test", line("a", PREFIX), D),
        ("a=1; Domain=other.test", line("a", "cookie is out of fashion."), C),
        ("a=1; Domain=other.test", line("a", taken=True), D),
    ],
)
def test_a_line(wire: str, theirs: BrowserCookie | None, word: Word) -> None:
    """The outcome must be the same, and a reason if it gives one that is known."""
    story = Story()
    name = story.visit("/", None, wire)
    story.events.append(said(name, (), () if theirs is None else (theirs,)))
    [found] = statements(story.trace().exchange(name))
    assert found.word is word


def test_a_dispute_without_a_reason() -> None:
    """Both are told: our reason, and that Firefox gives none."""
    story = Story()
    name = story.visit("/", None, "sid=1")
    story.events.append(said(name, (), (line("sid"),)))
    trace = story.trace()
    assert own_word(trace.exchange(name)) == (
        "Firefox says otherwise: 'sid' was refused (Firefox gives no reason)"
    )
    [dispute] = [each for each in own_word_lines(trace) if "rules say" in each]
    assert dispute.endswith("rules say created, Firefox says refused (Firefox gives no reason)")


@pytest.mark.parametrize("reason", sorted({*REFUSED, *LOGGED}))
def test_its_reasons_outlive_redaction(reason: str) -> None:
    """They hold nothing of a cookie."""
    story = Story()
    name = story.visit("/", None, "sid=1")
    story.events.append(said(name, (), (line("sid", reason),)))
    [found] = statements(fold(outgoing(story.events)).exchange(name))
    assert found.their_reasons == (reason,)


OVERWRITES = (
    "cookie can't save because older cookie is secure cookie but newer cookie is non-secure cookie"
)


@pytest.mark.parametrize(
    ("wire", "theirs", "word"),
    [
        ("a=1", line("a", taken=True), C),
        ("a=1; Domain=other.test", line("a"), C),
        ("a=1; Domain=other.test", line("a", OVERWRITES), D),
        ("a=1", line("a", OVERWRITES), D),
    ],
)
def test_a_line_of_its_log(wire: str, theirs: BrowserCookie, word: Word) -> None:
    """Its log has reasons of its own."""
    story = Story()
    name = story.visit("/", None, wire)
    told = said(name, (), (theirs,))
    story.events.append(msgspec.structs.replace(told, said_by="firefox-log"))
    [found] = statements(story.trace().exchange(name))
    assert found.word is word


def test_a_request_without_credentials() -> None:
    """Its log says so: nothing is sent, and none of the lines is taken."""
    story = Story()
    story.visit("/", None, "a=1; Path=/sub")
    name = story.visit("/x", None, "b=1; Domain=other.test")
    told = msgspec.structs.replace(said(name), said_by="firefox-log", credentials=False)
    story.events.append(told)
    found = statements(story.trace().exchange(name))
    assert [(each.ours, each.word) for each in found] == [("withheld", C), ("rejected", C)]
