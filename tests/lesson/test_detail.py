"""The detail of a step, and the JSON of an exchange."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.lesson.detail import Section, context_text, detail
from cookietrace.lesson.explain import Explainer
from cookietrace.lesson.mask import masked
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.transcript import transcript
from cookietrace.trace import Trace
from tests.story import TYPED, Story, seed_story, witness


def text(sections: tuple[Section, ...], title: str) -> list[str]:
    """The lines of one section, indented as they are shown."""
    return [
        "  " * line.indent + line.text
        for section in sections
        if section.title == title
        for line in section.lines
    ]


def titles(sections: tuple[Section, ...]) -> list[str]:
    """The headings."""
    return [section.title for section in sections]


def of(story: Story, exchange_id: str, row_index: int | None = None) -> tuple[Section, ...]:
    """The detail of an exchange, or of one row."""
    trace = story.trace()
    row = None if row_index is None else trace.rows[row_index]
    return detail(trace.exchange(exchange_id), row)


def test_seed() -> None:
    """The seed's third step says what was sent, read and set, and shows the body."""
    sections = of(seed_story(), "x2", 2)
    assert titles(sections) == [
        "Exchange",
        "Cookies in the request",
        "Set-Cookie",
        "Server's view",
        "Request headers",
        "Response headers",
        "Response body",
    ]
    assert text(sections, "Cookies in the request") == [
        "'user'='Alice' sent: the jar holds it for 127.0.0.1/"
    ]
    assert text(sections, "Set-Cookie")[0] == "'user'='Alice' stored again: nothing changed"
    assert text(sections, "Server's view") == [
        "view index (home.py:10)",
        "view, line 12, read 'user': 'Alice'",
        "view, line 14, set 'user' to 'Alice'",
    ]
    assert text(sections, "Response body") == ["text/html · 11 B", "  Hello Alice"]


def test_refused_row_leads_with_the_reason() -> None:
    """A refused row says first why, by which section, and what to do."""
    story = Story("https://shop.test")
    exchange_id = story.visit("/", None, "bad=1; Domain=other.test")
    lines = text(of(story, exchange_id, 1), "Refused")
    assert lines[0] == "'bad'='1' refused"
    assert "does not cover the host shop.test.  [5.7 step 10]" in lines[1]
    assert lines[2].startswith("  → ")


def test_a_client_that_keeps_what_is_to_be_refused() -> None:
    """The row says where the cookie came from, and then that it is sent as before."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Domain=other.test")
    known = of(story, story.ask("/", "a=1"))
    assert text(known, "Cookies in the request") == [
        "'a'='1' unexplained: it was to be refused when set",
        "  this client kept it: not every one goes by these rules",
    ]
    assert text(of(story, story.ask("/", "a=1")), "Cookies in the request") == [
        "'a'='1' sent, as before; not seen to be stored"
    ]
    assert text(of(story, story.ask("/", "a=2")), "Cookies in the request")[0] == (
        "'a'='2' unexplained: the jar held '1'"
    )


def test_every_status_has_its_words() -> None:
    """Withheld, missing, unexplained, changed, expired: each is told, with its mark."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1", "b=2", "p=3; Path=/admin", "e=5; Max-Age=1")
    exchange_id = story.ask("/", "a=changed; new=1")
    sections = of(story, exchange_id)
    assert text(sections, "Cookies in the request") == [
        "'a'='changed' unexplained: the jar held '1'",
        "  changed by a script, or in a way the proxy did not see",
        "'new'='1' unexplained: never seen set",
        "  set before the capture began, or by a script",
    ]
    withheld = text(sections, "Withheld")
    assert withheld[0] == "'p'='3' of shop.test/admin"
    assert any("expired" in line for line in withheld)
    missing = text(sections, "Missing")
    assert missing[0] == "'b'='2' of shop.test/ should have been sent and was not"
    assert text(sections, "Left the jar") == ["'e'='5' of shop.test expired"]
    marks = {line.mark for section in sections for line in section.lines}
    assert {Mark.UNEXPLAINED, Mark.WITHHELD, Mark.MISSING} <= marks


def test_mask_covers_headers_too() -> None:
    """Masked, a value shows neither in the verdicts nor in the raw headers."""
    story = Story()
    story.visit("/", None, "sid=hunter2hunter2; Path=/")
    exchange_id = story.visit("/", "sid=hunter2hunter2", "sid=swordfish99; Path=/")
    sections = detail(story.trace().exchange(exchange_id), mask=masked)
    told = "\n".join(line.text for section in sections for line in section.lines)
    assert "hunter2" not in told
    assert "swordfish" not in told
    assert "Cookie: sid=•••" in told


def test_failed_and_waiting_exchanges() -> None:
    """Without an answer the detail says so, and which failure it was."""
    story = Story()
    exchange_id = story.ask("/")
    assert text(of(story, exchange_id), "Exchange")[1] == "no answer yet"
    story.events.append(
        ev.Failure(
            exchange_id=exchange_id,
            client_id="c1",
            at=story.now,
            host="h",
            kind="upstream",
            message="reset \x1b[31m",
        )
    )
    assert text(of(story, exchange_id), "Exchange")[1] == "failed (upstream): reset \\x1b[31m"


def session_read(value: str | None) -> ev.CookieRead:
    """Flask looking for its session."""
    return ev.CookieRead(name="session", value=value, where="session")


def test_a_search_for_a_session_that_is_not_there_is_no_news() -> None:
    """What a framework asks of every request, and never finds, is left out."""
    story = Story()
    exchange_id = story.ask("/")
    server = msgspec.structs.replace(witness(exchange_id, None), reads=(session_read(None),))
    story.respond(exchange_id, server=server, body=None)
    told = text(of(story, exchange_id), "Server's view")
    assert not any("session" in line for line in told)


def test_witness_that_dropped_everything_or_raised() -> None:
    """A report that was too large says so; an error is told."""
    story = Story()
    exchange_id = story.ask("/")
    seen = witness(exchange_id, None)
    story.respond(exchange_id, status=500, body=None)
    trace = story.trace()
    assert isinstance(seen, ev.Server)
    for change, words in (
        ({"dropped": ("all",)}, "too large"),
        ({"error": ev.ServerError(kind="KeyError", message="'user'")}, "raised KeyError: 'user'"),
        ({"dropped": ("locals",)}, "left out to keep the report small: locals"),
        ({"function": None}, "no view answered"),
        ({"reads": (session_read("abc"),)}, "session read 'session': 'abc'"),
    ):
        server = msgspec.structs.replace(seen, **change)
        exchange = msgspec.structs.replace(trace.exchanges[0], server=server)
        assert any(words in line for line in text(detail(exchange), "Server's view"))


def test_explanation_has_these_keys() -> None:
    """One JSON object per exchange, with exactly these keys."""
    story = Story()
    story.visit("/", None, "a=1")
    exchange_id = story.ask("/", "a=2", headers=TYPED)
    trace: Trace = story.trace()
    told = Explainer(trace).explanation(trace.exchange(exchange_id))
    assert list(told) == [
        "number",
        "step",
        "exchange_id",
        "client_id",
        "at",
        "method",
        "url",
        "status_code",
        "failure",
        "profile",
        "context",
        "observed_cookie_header",
        "expected_cookie_header",
        "request_cookies",
        "withheld",
        "missing",
        "removed",
        "set_cookies",
    ]
    assert list(told["context"]) == [
        "site",
        "top_level",
        "unsafe",
        "credentials",
        "storage_access",
        "top_level_site",
        "certain",
        "from",
    ]
    assert (told["number"], told["step"]) == (2, 3)
    assert told["observed_cookie_header"] == "a=2"
    assert told["expected_cookie_header"] == "a=1"
    assert told["request_cookies"] == [
        {"name": "a", "value": "2", "domain": "127.0.0.1", "path": "/", "status": "unexplained"}
    ]
    assert (told["missing"], told["status_code"], told["failure"]) == ([], None, None)


def test_explanation_with_jar() -> None:
    """With the jar asked for, each object ends with the jar after the exchange."""
    story = Story("https://shop.test")
    exchange_id = story.visit("/x/y", None, "a=1; Secure; HttpOnly; SameSite=Lax; Max-Age=60")
    trace = story.trace()
    (entry,) = Explainer(trace).explanation(trace.exchange(exchange_id), jar=True)["jar"]
    assert entry == {
        "name": "a",
        "value": "1",
        "domain": "shop.test",
        "host_only": True,
        "path": "/x",
        "secure": True,
        "http_only": True,
        "same_site": "lax",
        "expires_at": story.now + 60,
        "partition_key": None,
        "inferred": False,
        "doubtful": False,
    }


def test_a_deletion_that_missed_names_what_it_missed() -> None:
    """A deletion with the wrong path says which cookie stays, and how to reach it."""
    story = Story("https://shop.test")
    story.visit("/app/page", None, "keep=1; Path=/app")
    exchange_id = story.visit("/app/page", "keep=1", "keep=; Path=/; Max-Age=0")
    sections = of(story, exchange_id)
    lines = text(sections, "Set-Cookie")
    assert lines[0] == "'keep' a deletion that found nothing to delete"
    assert lines[1] == (
        "  The jar holds 'keep' for shop.test alone and path /app, and this deletes 'keep' for "
        "shop.test alone and path /: to a browser those are two cookies."
    )
    assert lines[2] == "  → Delete it with Path=/app, just as it was set."
    assert all(
        line.mark is None
        for section in sections
        if section.title == "Set-Cookie"
        for line in section.lines
    )
    prose = " ".join(" ".join(transcript(story.trace())).split())
    assert "Delete it with Path=/app, just as it was set." in prose


def test_a_deletion_that_had_nothing_to_miss_says_no_more() -> None:
    """Where the jar holds nothing of that name there is nothing to add."""
    story = Story("https://shop.test")
    exchange_id = story.visit("/", None, "gone=; Max-Age=0")
    assert len([line for line in text(of(story, exchange_id), "Set-Cookie") if "jar" in line]) == 0


@pytest.mark.parametrize(
    ("headers", "cookie", "words"),
    [
        ((), None, "same-site or cross-site: nothing tells, credentials unknown; uncertain"),
        (
            (),
            "a=1",
            "same-site or cross-site: nothing tells, with credentials (by Cookie); uncertain",
        ),
        (TYPED, "a=1", "same-site request, top-level navigation (by Sec-Fetch-"),
        (
            (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "cors")),
            None,
            "cross-site request",
        ),
    ],
)
def test_how_a_request_came_about(
    headers: Iterable[tuple[str, str]], cookie: str | None, words: str
) -> None:
    """What is known is told with the fields that tell it, and what is not is called uncertain."""
    story = Story("https://shop.test")
    exchange_id = story.ask("/", cookie, headers=headers)
    assert context_text(story.trace().exchange(exchange_id)).startswith(words)
