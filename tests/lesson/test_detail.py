"""The detail of a step, and the JSON of an exchange."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.lesson.detail import context_text, detail
from cookietrace.lesson.explain import Explainer
from cookietrace.lesson.mask import masked
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.sections import Section
from cookietrace.lesson.transcript import transcript
from cookietrace.trace import Trace
from tests.story import TYPED, Story, seed_story, witness


def text(sections: tuple[Section, ...], title: str) -> list[str]:
    """The lines of one section, with their indentation."""
    return [
        "  " * line.indent + line.text
        for section in sections
        if section.title == title
        for line in section.lines
    ]


def titles(sections: tuple[Section, ...]) -> list[str]:
    """The sections' titles."""
    return [section.title for section in sections]


def of(story: Story, exchange_id: str, row_index: int | None = None) -> tuple[Section, ...]:
    """The detail of an exchange or, with an index, of one row."""
    trace = story.trace()
    row = None if row_index is None else trace.rows[row_index]
    return detail(trace.exchange(exchange_id), row)


def test_seed() -> None:
    """The seed's third step shows what was sent, read and set, and the body."""
    sections = of(seed_story(), "x2", 2)
    assert titles(sections) == [
        "What happened",
        "On the server",
        "Exchange",
        "Cookies in the request",
        "Set-Cookie",
        "Request headers",
        "Response headers",
        "Response body",
    ]
    assert text(sections, "Cookies in the request") == [
        "'user'='Alice' sent: the jar holds it for 127.0.0.1/"
    ]
    assert text(sections, "Set-Cookie")[0] == "'user'='Alice' stored again, unchanged"
    assert text(sections, "On the server") == [
        "view index (home.py:10)",
        "view, line 12, read 'user': 'Alice'",
        "view, line 14, set 'user' to 'Alice'",
    ]
    assert text(sections, "Response body") == ["text/html · 11 B", "  Hello Alice"]


def test_refused_row_leads_with_the_reason() -> None:
    """A refused row starts with the reason, its section, and what to do."""
    story = Story("https://shop.test")
    exchange_id = story.visit("/", None, "bad=1; Domain=other.test")
    lines = text(of(story, exchange_id, 1), "Refused")
    assert lines[0] == "'bad'='1' refused"
    assert "does not cover the host shop.test. (RFC 6265bis, section 5.7 step 10)" in lines[1]
    assert lines[2].startswith("  → ")


def test_a_client_that_keeps_what_should_be_refused() -> None:
    """The first request says where the cookie came from; later ones, that it is sent again."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Domain=other.test")
    known = of(story, story.ask("/", "a=1"))
    assert text(known, "Cookies in the request") == [
        "'a'='1' unexplained: should have been refused",
        "  this client kept it: not all clients follow these rules",
    ]
    assert text(of(story, story.ask("/", "a=1")), "Cookies in the request") == [
        "'a'='1' sent again; never seen being stored"
    ]
    assert text(of(story, story.ask("/", "a=2")), "Cookies in the request")[0] == (
        "'a'='2' unexplained: the jar held '1'"
    )


def test_every_status_has_its_text() -> None:
    """Withheld, missing, unexplained, changed and expired cookies each have a text and a mark."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1", "b=2", "p=3; Path=/admin", "e=5; Max-Age=1")
    exchange_id = story.ask("/", "a=changed; new=1")
    sections = of(story, exchange_id)
    assert text(sections, "Cookies in the request") == [
        "'a'='changed' unexplained: the jar held '1'",
        "  changed by a script, or in a way that the proxy did not see",
        "'new'='1' unexplained: never seen being set",
        "  set before the capture began, or by a script",
    ]
    withheld = text(sections, "Withheld")
    assert withheld[0] == "'p'='3' for shop.test/admin"
    assert any("expired" in line for line in withheld)
    missing = text(sections, "Missing")
    assert missing[0] == "'b'='2' for shop.test/ should have been sent but was not"
    assert text(sections, "Removed from the jar") == ["'e'='5' for shop.test expired"]
    marks = {line.mark for section in sections for line in section.lines}
    assert {Mark.UNEXPLAINED, Mark.WITHHELD, Mark.MISSING} <= marks


def test_mask_covers_headers_too() -> None:
    """With a mask, a value is hidden in the verdicts and in the raw headers."""
    story = Story()
    story.visit("/", None, "sid=hunter2hunter2; Path=/")
    exchange_id = story.visit("/", "sid=hunter2hunter2", "sid=swordfish99; Path=/")
    sections = detail(story.trace().exchange(exchange_id), mask=masked)
    shown = "\n".join(line.text for section in sections for line in section.lines)
    assert "hunter2" not in shown
    assert "swordfish" not in shown
    assert "Cookie: sid=•••" in shown


def test_failed_and_waiting_exchanges() -> None:
    """Without a response the detail says so; a failure is named."""
    story = Story()
    exchange_id = story.ask("/")
    assert text(of(story, exchange_id), "Exchange")[1] == "no response yet"
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


def test_a_session_read_that_finds_nothing_is_left_out() -> None:
    """A framework looks for its session in every request; that is not worth showing."""
    story = Story()
    exchange_id = story.ask("/")
    server = msgspec.structs.replace(witness(exchange_id, None), reads=(session_read(None),))
    story.respond(exchange_id, server=server, body=None)
    lines = text(of(story, exchange_id), "On the server")
    assert not any("session" in line for line in lines)


def test_witness_that_dropped_everything_or_raised() -> None:
    """A report that was too large is named as such; an error is shown."""
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
        ({"function": None}, "no view handled the request"),
        ({"reads": (session_read("abc"),)}, "session read 'session': 'abc'"),
    ):
        server = msgspec.structs.replace(seen, **change)
        exchange = msgspec.structs.replace(trace.exchanges[0], server=server)
        assert any(words in line for line in text(detail(exchange), "On the server"))


def test_explanation_has_these_keys() -> None:
    """One JSON object per exchange, with exactly these keys."""
    story = Story()
    story.visit("/", None, "a=1")
    exchange_id = story.ask("/", "a=2", headers=TYPED)
    trace: Trace = story.trace()
    explained = Explainer(trace).explanation(trace.exchange(exchange_id))
    assert list(explained) == [
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
        "withheld_elsewhere",
        "set_cookies",
    ]
    assert list(explained["context"]) == [
        "site",
        "top_level",
        "unsafe",
        "credentials",
        "storage_access",
        "top_level_site",
        "certain",
        "from",
    ]
    assert (explained["number"], explained["step"]) == (2, 3)
    assert explained["observed_cookie_header"] == "a=2"
    assert explained["expected_cookie_header"] == "a=1"
    assert explained["request_cookies"] == [
        {"name": "a", "value": "2", "domain": "127.0.0.1", "path": "/", "status": "unexplained"}
    ]
    assert (explained["missing"], explained["status_code"], explained["failure"]) == (
        [],
        None,
        None,
    )


def test_explanation_with_jar() -> None:
    """With the jar, each object ends with the jar after the exchange."""
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
    """A deletion with the wrong path names the cookie that stays, and how to delete it."""
    story = Story("https://shop.test")
    story.visit("/app/page", None, "keep=1; Path=/app")
    exchange_id = story.visit("/app/page", "keep=1", "keep=; Path=/; Max-Age=0")
    sections = of(story, exchange_id)
    lines = text(sections, "Set-Cookie")
    assert lines[0] == "'keep' not deleted: no such cookie"
    assert lines[1] == (
        "  The jar holds 'keep' for shop.test only, path /app, but this deletes 'keep' for "
        "shop.test only, path /: to a browser, these are two different cookies."
    )
    assert lines[2] == "  → Delete it with Path=/app, exactly as it was set."
    (line,) = (line for line in sections[0].lines if line.mark is Mark.MISSED)
    assert line.text == "'keep' not deleted: that needs Path=/app"
    prose = " ".join(" ".join(transcript(story.trace())).split())
    assert "Delete it with Path=/app, exactly as it was set." in prose


def test_a_deletion_that_missed_nothing_has_no_explanation() -> None:
    """If the jar holds no cookie of that name, there is nothing to explain."""
    story = Story("https://shop.test")
    exchange_id = story.visit("/", None, "gone=; Max-Age=0")
    assert len([line for line in text(of(story, exchange_id), "Set-Cookie") if "jar" in line]) == 0


@pytest.mark.parametrize(
    ("headers", "cookie", "words"),
    [
        ((), None, "same-site or cross-site: unknown, credentials unknown; uncertain"),
        (
            (),
            "a=1",
            "same-site or cross-site: unknown, with credentials (by Cookie); uncertain",
        ),
        (TYPED, "a=1", "same-site request, top-level navigation (by Sec-Fetch-"),
        (
            (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "cors")),
            None,
            "cross-site request",
        ),
    ],
)
def test_context_of_a_request(
    headers: Iterable[tuple[str, str]], cookie: str | None, words: str
) -> None:
    """What is known is shown with the headers it comes from; the rest is called uncertain."""
    story = Story("https://shop.test")
    exchange_id = story.ask("/", cookie, headers=headers)
    assert context_text(story.trace().exchange(exchange_id)).startswith(words)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (
            (("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "cors")),
            "same-site request (by Sec-Fetch-Site, Sec-Fetch-Mode), "
            "without credentials (the browser says so)",
        ),
        (
            (),
            "same-site or cross-site: unknown, without credentials (the browser says so); "
            "uncertain",
        ),
    ],
)
def test_the_browser_says_that_there_are_no_credentials(
    headers: Iterable[tuple[str, str]], words: str
) -> None:
    """Then credentials are not unknown; what else is unknown stays uncertain."""
    story = Story("https://shop.test")
    exchange_id = story.ask("/", None, headers=headers)
    story.events.append(
        ev.Browser(
            at=0.0,
            said_at=0.0,
            said_by="chromium-net-log",
            client_id="c1",
            exchange_id=exchange_id,
            credentials=False,
        )
    )
    assert context_text(story.trace().exchange(exchange_id)) == words
