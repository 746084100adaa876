"""What a live view may show of events: nothing in it turns out to be a secret later."""

from __future__ import annotations

import pytest

from cookietrace.events import Body, Event, Failure, Recorder, Request, Response
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.redact.sealing import Sealer, Tokens
from cookietrace.trace import fold
from tests.lesson.moments.test_rules import CASES, IDS, Case
from tests.lesson.visits import story_of

TOKENS = Tokens(b"key")
SEALER = Sealer(TOKENS)
SECRET = "Zq001k7f3aQ9xZq001e"


@pytest.mark.parametrize(
    ("address", "sealed"),
    [
        ("http://shop.test/", "http://shop.test/"),
        ("http://shop.test:8080/a/b-c/login.php", "http://shop.test:8080/a/b-c/login.php"),
        ("https://[::1]:3000/v2/users/12", "https://[::1]:3000/v2/users/12"),
        ("http://me:pw@shop.test/x", "http://shop.test/x"),
        ("/favicon.ico", "/favicon.ico"),
        ("", ""),
        ("/a?", "/a?"),
        ("/a?q", "/a?q"),
    ],
)
def test_addresses_that_are_kept(address: str, sealed: str) -> None:
    """A host and words of a path are kept; users never are."""
    assert SEALER.address(address) == sealed


@pytest.mark.parametrize(
    "address",
    [
        f"http://shop.test/{SECRET}",
        f"http://shop.test/a/{SECRET}/b",
        f"http://shop.test/a.{SECRET}",
        f"http://shop.test/?x={SECRET}",
        f"http://shop.test/?{SECRET}",
        f"http://shop.test/?{SECRET}=1",
        f"http://shop.test/?a=1&b={SECRET};c=2",
        f"http://shop.test/#{SECRET}",
        f"http://{SECRET}@shop.test/",
        f"http://shop.test@{SECRET}!/",
        f"//shop.test/{SECRET}",
        f"{SECRET}",
        f"{SECRET}://x/",
        f"javascript:{SECRET}",
    ],
)
def test_addresses_with_what_may_be_secret(address: str) -> None:
    """Any other piece stands as a token; equal pieces are equal, so addresses stay comparable."""
    sealed = SEALER.address(address)
    assert SECRET not in sealed
    assert SEALER.address(address) == sealed


def test_the_same_path_stays_a_prefix() -> None:
    """A cookie's Path still matches the requests that it matched."""
    line = SEALER._set_cookie(f"a=b; Path=/reset/{SECRET}; Secure; HttpOnly")
    path = line.partition("Path=")[2].partition(";")[0]
    assert SEALER.address(f"http://shop.test/reset/{SECRET}/done").endswith(f"{path}/done")
    assert line.startswith("a=b; ")
    assert line.endswith("; Secure; HttpOnly")


@pytest.mark.parametrize(
    "event",
    [
        Request(exchange_id="x", client_id="c", at=1.0, method="GET", url="http://a.test/",
                headers=(("Authorization", SECRET), ("X-Token", SECRET), ("User-Agent", "U"))),
        Request(exchange_id="x", client_id="c", at=1.0, method=SECRET, url="http://a.test/"),
        Response(exchange_id="x", at=1.0, status_code=200, reason=SECRET,
                 headers=(("Set-Cookie", f"a=b; x={SECRET}"), ("Set-Cookie", f"a=b; {SECRET}"))),
        Body(exchange_id="x", at=1.0, of="response", content_type=f"a/b;{SECRET}", size=3,
             content=SECRET, base64=None),
        Body(exchange_id="x", at=1.0, of="request", content_type=None, size=3, content=None,
             base64=SECRET),
        Failure(at=1.0, kind="connect", message=SECRET, host="a.test"),
        Recorder(at=1.0, state="started", listeners=()),
    ],
)  # fmt: skip
def test_events_without_what_may_be_secret(event: Event) -> None:
    """Nothing but cookie fields keeps a value; the same event always becomes the same."""
    sealed = SEALER.event(event)
    assert SECRET not in repr(sealed)
    assert type(sealed) is type(event)
    assert SEALER.event(event) == sealed


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_problems_are_the_same(case: Case) -> None:
    """What is left out changes no problem or warning: none is lost, and none is new."""
    for visits in (case.matches, case.near_miss):
        events = story_of(*visits).events
        sealed = [SEALER.event(event) for event in events]
        assert found(Table(fold(sealed), mask=TOKENS)) == found(Table(fold(events)))


def found(table: Table) -> list[tuple[object, ...]]:
    """Return what is wrong in a table, without the texts."""
    return [(one.rule, one.severity, one.step, one.row, one.grade.code) for one in problems(table)]


def test_tokens_need_the_key() -> None:
    """Equal values have equal tokens; with another key they have others, and nothing stays so."""
    assert TOKENS(SECRET) == TOKENS(SECRET) != Tokens(b"other")(SECRET)
    assert TOKENS("") == ""
    assert SECRET not in TOKENS(SECRET)
