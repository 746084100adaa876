"""Mode 8, the transcript: the trace in prose."""

from __future__ import annotations

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.lesson.mask import masked
from cookietrace.lesson.server_prose import server_sentences
from cookietrace.lesson.stripped_cookies import NO_COOKIES
from cookietrace.lesson.transcript import (
    WIDTH,
    Opening,
    opening,
    paragraph,
    paragraphs,
    story_paragraphs,
    transcript,
)
from cookietrace.trace import Trace, fold
from tests.lesson.random_traces import random_story
from tests.lesson.visits import CLICK, OWN_IMAGE, WITHIN, Visit, story_of
from tests.story import START, seed_story


def test_seed() -> None:
    """The seed has an opening, then one paragraph per exchange, which includes its storing."""
    assert list(paragraphs(seed_story().trace())) == [
        "This transcript covers 2 requests from 1 client to 127.0.0.1:5000.",
        "Steps 1–2. The client requests / from 127.0.0.1:5000 and sends no cookies. On "
        "the server, the view index reads 'user' and gets None, then sets 'user' to 'Alice'. "
        "The response is “Hello None”. The client stores 'user' with the value 'Alice', for "
        "127.0.0.1 only, all paths, until the browser closes.",
        "Step 3. The client requests / from 127.0.0.1:5000 and sends the cookie 'user' with "
        "the value 'Alice'. On the server, the view index reads 'user' and gets 'Alice', then "
        "sets 'user' to 'Alice'. The response is “Hello Alice”. The response sets 'user' again "
        "with the same value, and the client keeps it until the browser closes.",
    ]


def test_lines_are_the_paragraphs_broken() -> None:
    """Lines fit the width, a blank line ends each paragraph, and no word is lost."""
    trace = seed_story().trace()
    lines = list(transcript(trace))
    assert all(len(line) <= WIDTH for line in lines)
    rebuilt = " ".join(lines).split()
    assert rebuilt == " ".join(paragraphs(trace)).split()
    assert lines[-1] == ""


@pytest.mark.parametrize(
    ("visits", "words"),
    [
        ((Visit(sets=("a=1", "a=2")),), "changes the value of 'a' from '1' to '2'"),
        ((Visit(sets=("a=1", "a=1; HttpOnly")),), "same value, but from now on"),
        (
            (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=; Max-Age=0",))),
            "deletes 'a', as the response asks",
        ),
        ((Visit(sets=("a=; Max-Age=0",)),), "has no such cookie"),
        (
            (Visit(sets=("a=1; Domain=other.test",)),),
            "refuses 'a' with the value '1': 'Domain=other.test' does not cover the host "
            "shop.test. Fix:",
        ),
        (
            (Visit(sets=("a=1; Path=/x",)), Visit()),
            "One cookie is withheld: 'a' is for paths under /x, and / is not one of them.",
        ),
        (
            (Visit(sets=("a=1",)), Visit(cookie="b=1")),
            "'a' is missing: 'a' should have been sent with this request",
        ),
        ((Visit(cookie="b=1"),), "No recorded response set 'b'"),
        (
            (Visit(sets=("b=1; Domain=other.test",)), Visit(cookie="b=1")),
            "The response in step 1 set 'b', which should have been refused under the rules. "
            "This client kept it",
        ),
        ((Visit(sets=("b=1",)), Visit(cookie="b=2")), "The jar held '1' for 'b', so a script"),
        (
            (Visit(sets=("b=1", "b=2; Path=/x")), Visit("/x", "b=2; b=1")),
            "The request contains 'b' twice",
        ),
        ((Visit(sets=("a=1; Max-Age=5",)), Visit()), "'a' has expired"),
        ((Visit(status=302, location="/y"),), "The response, 302, redirects the client to /y."),
        ((Visit(status=0),), "There is no response yet."),
        ((Visit(headers=CLICK),), "requests / from shop.test on behalf of another site"),
        (
            (Visit(headers=(*CLICK, ("Referer", "http://shop.test/"))),),
            "another site (http and https count as different sites) and sends no cookies",
        ),
        (
            (Visit(sets=("a=1; Path=/x",)), Visit(sets=("a=; Path=/; Max-Age=0",))),
            "tries to delete 'a' but misses it. The jar holds 'a' for shop.test only, path /x",
        ),
        (
            (
                Visit(sets=tuple(f"{name}=1; SameSite=Strict" for name in "abc")),
                Visit(headers=WITHIN),
            ),
            "3 cookies are withheld: 'a', 'b' and 'c', each because it is SameSite=Strict and",
        ),
        (
            (
                Visit("/x/y", sets=("a=1; SameSite=Lax", *(f"b={n}; Path=/x/{n}" for n in "123"))),
                Visit("/x", "", headers=WITHIN),
            ),
            "'a' is SameSite=Lax, and this request was made inside a page of another site. "
            "'b' (3 times) are withheld, each because its Path does not cover the address.",
        ),
        (
            (Visit("/x/y", sets=("a=1",)),),
            "paths under /x, until the browser closes. The response gives no Path for 'a', so the "
            "folder of the requested address applies.",
        ),
        (
            (Visit(sets=("a=; Max-Age=0; Domain=other.test",)),),
            "The client refuses to delete 'a': 'Domain=other.test' does not cover the host",
        ),
        (
            (Visit(sets=("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=other.test",)),),
            "The client refuses to delete 'a': 'Domain",
        ),
        (
            (Visit(sets=("a=; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=b.test",)),),
            "The client refuses 'a' with an empty value: 'Domain",
        ),
        ((Visit(method="POST"),), "makes a POST request to shop.test/"),
        ((Visit(sets=("a=1; Max-Age=90061; Secure",)),), "for 1 day 1 hour 1 minute 1 second (Sec"),
        ((Visit(headers=WITHIN, sets=("a=",)),), "refuses 'a' with an empty value"),
        (
            (Visit(reads=(("a", None), ("b", None))),),
            "reads 'a' and 'b', and gets None each time",
        ),
        (
            (Visit(sets=("b=1",)), Visit(cookie="b=1", reads=(("a", None), ("b", "1")))),
            "reads 'a' and 'b', and gets None and '1'.",
        ),
        (
            (
                Visit(sets=("a=1; Path=/", "a=2; Path=/x")),
                Visit(sets=("a=; Path=/; Max-Age=0", "a=; Path=/x; Max-Age=0"), cookie="a=1"),
            ),
            "deletes the 'a' for shop.test only, paths under /x, as the response asks",
        ),
        (
            (Visit(sets=tuple(f"n{number}=1" for number in range(9))), Visit(cookie="n0=1")),
            "'n1' is missing",
        ),
    ],
)
def test_each_case_has_its_sentence(visits: tuple[Visit, ...], words: str) -> None:
    """The last exchange's paragraph describes what happened in it."""
    trace = story_of(*visits).trace()
    assert words in paragraph(trace, trace.exchanges[-1])


def test_long_lists_are_counted() -> None:
    """If there are very many cookies, some are named and the others counted."""
    many = "; ".join(f"n{number}=1" for number in range(40))
    trace = story_of(Visit(cookie=many)).trace()
    text = paragraph(trace, trace.exchanges[0])
    assert "sends 40 cookies: 'n0' with the value '1'" in text
    assert "and 34 more" in text


def test_icons_are_skipped() -> None:
    """Automatic requests appear only if they do something to a cookie."""
    story = story_of(Visit(sets=("a=1",)), Visit("/favicon.ico", "a=1"), Visit(cookie="a=1"))
    assert "favicon" not in " ".join(transcript(story.trace()))
    assert opening(story.trace()).startswith("This transcript covers 2 requests")
    story = story_of(Visit(), Visit("/favicon.ico", sets=("a=1",)), Visit(cookie="a=1"))
    assert [part.number for part in story_paragraphs(story.trace())] == [1, 2, 3]


def test_an_expired_cookie_is_mentioned_once() -> None:
    """An expired cookie is not counted again among the withheld ones."""
    trace = story_of(Visit(sets=("a=1; Max-Age=5",)), Visit()).trace()
    text = paragraph(trace, trace.exchanges[-1])
    assert "By now, 'a' has expired, and the jar drops it." in text
    assert "withheld" not in text


def test_what_the_app_sets_is_one_sentence() -> None:
    """Cookies set and deleted in one request make one sentence; equal ones are counted."""
    story = story_of(Visit(reads=(("a", None),)))
    trace = story.trace()
    server = trace.exchanges[0].server
    assert server is not None
    writes = [("b", "1"), ("c", ""), ("", "2"), ("d", None), ("d", None), ("e", None)]
    seen = msgspec.structs.replace(
        server,
        writes=tuple(
            ev.CookieWrite(name=name, value=value, where="view", line=None)
            for name, value in writes
        ),
    )
    (text,) = server_sentences(seen, masked)
    assert text.endswith(
        "gets None, then sets 'b' to '•••"
        + masked("1")[3:]
        + "', 'c' to an empty value and the nameless cookie to '"
        + masked("2")
        + "', then deletes 'd' twice and 'e'."
    )


def test_notes_appear_where_they_were_made() -> None:
    """A note on the trace is between the exchanges that it was made between."""
    story = seed_story()
    story.events.insert(-4, ev.Recorder(at=story.now, state="gap", message="2 events lost"))
    assert list(paragraphs(story.trace()))[2] == "Note: 2 events lost"


def test_a_failed_connection_is_noted_once() -> None:
    """However often a client tries a host again, and whatever else is noted in between."""
    story = seed_story()
    failure = ev.Failure(
        client_id="c1", at=story.now, host="a.test", kind="tls-client", message="no trust"
    )
    for at in (-4, -3, -1):
        story.events.insert(at, failure)
    story.events.append(msgspec.structs.replace(failure, host="b.test"))
    notes = [text for text in paragraphs(story.trace()) if text.startswith("Note: ")]
    assert notes == ["Note: no trust", "Note: no trust"]


@pytest.mark.parametrize(
    ("message", "end"),
    [("gone", "gone."), ("gone.", "gone."), ("is it running?", "is it running?")],
)
def test_failure_and_error(message: str, end: str) -> None:
    """A failed request is one sentence with one full stop."""
    story = story_of(Visit(status=0))
    story.events.append(
        ev.Failure(
            exchange_id="x1",
            client_id="c1",
            at=story.now,
            host="h",
            kind="upstream",
            message=message,
        )
    )
    trace = story.trace()
    assert paragraph(trace, trace.exchanges[0]).endswith(f"The request fails: {end}")


def test_empty() -> None:
    """Before the first request there is only the opening."""
    assert opening(Trace()).startswith("Nothing has happened yet")
    assert len(list(transcript(Trace()))) == 2


def test_mask_and_hostile_text() -> None:
    """Masked values are hidden, and control characters are made visible."""
    trace = story_of(Visit(sets=("a=hunter2hunter2",)), Visit(cookie="a=hunter2hunter2")).trace()
    assert "hunter2" not in " ".join(transcript(trace, masked))
    evil = story_of(Visit("/\x9b31m", "a\x9b=\x9b")).trace()
    assert "\x9b" not in paragraph(evil, evil.exchanges[0])


@pytest.mark.parametrize("seed", range(0, 40, 8))
def test_the_transcript_can_be_read_in_pieces(seed: int) -> None:
    """Pieces of the transcript, including notes, add up to the whole."""
    trace = Trace()
    for number, event in enumerate(random_story(seed).events):
        trace.apply(event)
        if number % 3 == 1:
            trace.apply(ev.Recorder(at=START, state="gap", message=f"gap {number}"))
    assert len(trace.notes) > 5
    pieces = [
        part
        for first in range(1, len(trace.exchanges) + 1, 3)
        for part in story_paragraphs(trace, first, first + 2)
    ]
    assert [piece.text for piece in pieces] == list(paragraphs(trace))[1:]
    numbers = [piece.number for piece in pieces if piece.number]
    assert numbers == [exchange.number for exchange in trace.exchanges]


def test_the_opening_of_a_growing_transcript() -> None:
    """Each time it is read, it describes the trace at that time."""
    story = story_of(Visit(), Visit("https://other.test/"))
    trace = Trace()
    growing = Opening(trace)
    for event in story.events:
        trace.apply(event)
        assert growing.text() == opening(trace)
    assert growing.text().endswith("to 2 hosts.")


CLOCK = "; Expires=Sun, 15 Jun 2025 14:40:10 GMT"
TELLING: list[tuple[str, tuple[Visit, ...], str]] = [
    (
        "joined by a comma",
        (Visit(sets=("a=1; Path=/, b=2",)),),
        "looks like several cookies joined by a comma: a browser reads only the first as a "
        "cookie, and never stores 'b'. Fix: Send one Set-Cookie header field for each cookie.",
    ),
    (
        "joined by a semicolon",
        (Visit(sets=("a=1; Path=/; b=; Max-Age=0; Path=/",)),),
        "The client does not keep 'a' with the value '1', which expires at once. This line looks",
    ),
    (
        "joined by the recording",
        (Visit(sets=("a=1; Path=/, b=2",)), Visit(cookie="a=1; b=2")),
        "The response in step 1 has 'b' in one line with another cookie. Since it came back, the "
        "client had received it on a line of its own: it was the recording that joined the lines.",
    ),
    (
        "miswritten",
        (Visit(sets=("a=1; Secure: true",)),),
        "Secure is followed by a colon, so a browser does not recognise it. Fix: Write an equals",
    ),
    (
        "born expired",
        (Visit(sets=(f"a=abcdef{CLOCK}",)),),
        "'a' had expired 26 minutes before it arrived, so a browser drops it at once.",
    ),
    (
        "born expired, and one was there",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=(f"a=abcdef{CLOCK}",))),
        "', and drops '1', which it held. 'a' had expired",
    ),
    (
        "a deletion",
        (Visit(sets=(f"a={CLOCK}",)),),
        "The response asks to delete 'a', but the client has no such cookie.",
    ),
    (
        "two names of this machine",
        (
            Visit("http://127.0.0.1:1/", sets=("a=1",), status=302, location="http://localhost:2/"),
            Visit("http://localhost:2/", headers=CLICK),
        ),
        "'a' belongs to 127.0.0.1 only; localhost:2 is another host, and shares no domain",
    ),
    (
        "two minutes",
        (Visit(sets=("a=1",)), Visit(cookie="a=1", headers=CLICK, method="POST")),
        "sent with another site's POST only because it was set 10 seconds ago",
    ),
    (
        "secure on this machine",
        (Visit("http://localhost:1/", sets=("a=1; Secure",)),),
        "keeps it only because localhost is this machine",
    ),
    (
        "too large",
        (Visit(cookie=f"a={'x' * 5000}", status=431),),
        "refuses the request with 431, because its headers are too large: the Cookie header alone "
        "has 5,002 bytes. Most of it: 'a' (5,002 bytes). Fix: Delete cookies",
    ),
    (
        "from a cache",
        (Visit(sets=("sid=1",), answer=(("X-Cache", "HIT"),)),),
        "The response came from a cache (x-cache: HIT), and its Set-Cookie with it",
    ),
    (
        "a request that crossed a response",
        (
            Visit(sets=("a=1",)),
            Visit(cookie="a=1", sets=("a=; Max-Age=0",), late=1),
            Visit("/other", "b=1"),
        ),
        "'a' is not sent, and there is no verdict on that: a response that changes it was in",
    ),
]


@pytest.mark.parametrize(("name", "visits", "words"), TELLING, ids=[row[0] for row in TELLING])
def test_the_cause_is_told(name: str, visits: tuple[Visit, ...], words: str) -> None:
    """The story says what really happened, and what to do about it."""
    trace = story_of(*visits).trace()
    assert words in " ".join(paragraphs(trace)), name


def test_effects_are_told_in_the_order_of_the_responses() -> None:
    """What a late response did is told after the requests and effects that came before it."""
    trace = story_of(
        Visit(sets=("a=old",)),
        Visit("/first", "a=old", sets=("a=new",), late=1),
        Visit("/second", "a=old", sets=("a=; Max-Age=0",), late=1),
        Visit("/third"),
    ).trace()
    parts = list(story_paragraphs(trace))
    assert [(part.number, part.continued) for part in parts] == [
        (1, False), (2, False), (3, False), (2, True), (4, False), (3, True),
    ]  # fmt: skip
    assert "The response comes later." in parts[1].text
    assert "changes the value of 'a' from 'old' to 'new'" in parts[3].text
    assert "made with 'old', was in progress, the response in step 3" in (parts[5].text)
    assert "Fix: Let one request at a time renew 'a'" in parts[5].text


def test_any_part_of_a_story_with_late_responses() -> None:
    """Every paragraph is in exactly one part of the story."""
    trace = story_of(
        Visit(sets=("a=1",), late=2), Visit(sets=("b=1",), late=2), Visit(), Visit(), Visit()
    ).trace()
    whole = list(story_paragraphs(trace))
    pieces = [part for n in range(1, 6) for part in story_paragraphs(trace, n, n)]
    assert [part.text for part in pieces] == [part.text for part in whole]


@pytest.mark.parametrize(
    "between",
    [Visit("/other", client="c2"), Visit("/favicon.ico", headers=OWN_IMAGE)],
    ids=["another client's request", "a request for an icon"],
)
def test_only_what_its_own_client_does_makes_a_response_late(between: Visit) -> None:
    """Other clients and automatic requests leave a paragraph in one piece."""
    trace = story_of(Visit(sets=("a=1",), late=1), between).trace()
    parts = [part for part in story_paragraphs(trace) if part.number == 1]
    assert [part.continued for part in parts] == [False]
    assert "stores 'a'" in parts[0].text


def test_a_file_that_shows_no_cookies_is_told_with_doubt() -> None:
    """An export may have taken them out, so the story does not say that none were sent."""
    story = story_of(Visit())
    gap = ev.Recorder(at=START, state="gap", message=NO_COOKIES)
    text = list(paragraphs(fold([gap, *story.events])))
    assert "requests / from shop.test and, as far as this file shows, sends no cookies." in text[2]
    assert "and sends no cookies." in list(paragraphs(story.trace()))[1]


def test_a_paragraph_has_each_fix_once() -> None:
    """Two cookies with one cause do not need the same advice twice."""
    trace = story_of(Visit(sets=("a=1; SameSite=None", "b=1; SameSite=None"))).trace()
    text = list(paragraphs(trace))[1]
    assert text.count("refuses") == 2
    assert text.count("Fix: Add Secure and serve over https") == 1
