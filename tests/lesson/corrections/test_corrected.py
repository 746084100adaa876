"""What a Set-Cookie line should have been; every correction is tried with the engine."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from cookietrace.cookies import TABLE, Outcome
from cookietrace.lesson.corrections import (
    Correction,
    corrected_for_request,
    corrected_result,
    corrections_at,
)
from cookietrace.lesson.corrections.corrected import BY_PROBLEM, REFUSED, WITHHELD
from cookietrace.lesson.moments.rules import GRADED
from cookietrace.lesson.problems import ProblemBoard
from cookietrace.lesson.sibling_cookies import siblings_of
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from tests.story import TYPED, Story

SHOP = "https://www.shop.example"
WWW = "Domain=www.shop.example"
HTTP = "http://www.shop.example"
FRAME = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Dest", "image"),
)
FORM = (
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
)


def response(
    line: str, url: str = SHOP, headers: Iterable[tuple[str, str]] = TYPED, *before: str
) -> Trace:
    """Return a trace whose last response sets one line, after others were set."""
    story = Story(url.split("/", 3)[0] + "//" + url.split("/", 3)[2])
    if before:
        story.visit(url, None, *before)
    story.respond(story.ask(url, headers=headers), line)
    return story.trace()


def corrected(trace: Trace) -> Correction | None:
    """Return the correction of the last response's line."""
    exchange = trace.exchanges[-1]
    assert exchange.response is not None
    (result,) = exchange.response.set_cookies
    return corrected_result(result, exchange.request.target, exchange.response.at)


@pytest.mark.parametrize(
    ("line", "url", "headers", "wanted", "needs"),
    [
        (
            "sid=a; SameSite=None; Path=/; HttpOnly; Max-Age=60",
            SHOP,
            TYPED,
            "sid=a; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=None",
            "",
        ),
        ("sid=a; SameSite=None", HTTP, TYPED, "sid=a; Path=/; Secure; SameSite=None", "https"),
        ("sid=a; Domain=api.shop.example", SHOP, TYPED, "sid=a; Path=/; Domain=shop.example", ""),
        ("sid=a; Domain=other.example", SHOP, TYPED, "sid=a; Path=/", ""),
        ("sid=a; Domain=https://www.shop.example/", SHOP, TYPED, f"sid=a; Path=/; {WWW}", ""),
        ("sid=a; Domain=co.uk", "https://a.b.co.uk", TYPED, "sid=a; Path=/", ""),
        ("__Secure-s=a; Path=/", SHOP, TYPED, "__Secure-s=a; Path=/; Secure", ""),
        (
            "__Host-s=a; Domain=shop.example; Path=/x",
            SHOP,
            TYPED,
            "__Host-s=a; Path=/; Secure",
            "",
        ),
        ("__Host-s=a; Path=/", HTTP, TYPED, "__Host-s=a; Path=/; Secure", "https"),
        ("sid=a; Partitioned", SHOP, TYPED, "sid=a; Path=/; Secure; Partitioned", ""),
        ("sid=a; Path=/x", SHOP, FRAME, "sid=a; Path=/x; Secure; SameSite=None", ""),
        ("sid=a; SameSite=Lax", SHOP, FRAME, "sid=a; Path=/; Secure; SameSite=None", ""),
        ("sid=a; Secure", HTTP, TYPED, None, ""),
        (f"sid={'a' * 5000}", SHOP, TYPED, None, ""),
        ("sid=a\x01", SHOP, TYPED, None, ""),
        ("=", SHOP, TYPED, None, ""),
        ("sid=a; SameSite=None; Secure", SHOP, TYPED, None, ""),
    ],
)
def test_a_refused_line(
    line: str, url: str, headers: tuple[tuple[str, str], ...], wanted: str | None, needs: str
) -> None:
    """Each reason that attributes settle has its line, which the client then takes."""
    correction = corrected(response(line, url, headers))
    if wanted is None:
        assert correction is None
        return
    assert correction is not None
    assert correction.line.text() == wanted
    assert needs in correction.needs
    assert bool(correction.needs) is bool(needs)
    where = url.replace("http:", "https:") if needs else url
    again = response(correction.line.text(), where, headers).exchanges[-1]
    assert again.response is not None
    assert again.response.set_cookies[0].outcome is Outcome.CREATED


@pytest.mark.parametrize(
    ("held", "line", "url", "wanted"),
    [
        ("sid=a; Path=/app", "sid=; Max-Age=0", f"{SHOP}/app/x", None),
        (
            "sid=a; Path=/app",
            "sid=; Max-Age=0; Path=/",
            f"{SHOP}/app/x",
            "sid=; Max-Age=0; Path=/app",
        ),
        (
            "sid=a; Domain=shop.example; Path=/",
            "sid=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
            SHOP,
            "sid=; Max-Age=0; Path=/; Domain=shop.example",
        ),
        (
            "sid=a; Path=/",
            "sid=; Max-Age=0; Path=/; Domain=shop.example",
            SHOP,
            "sid=; Max-Age=0; Path=/",
        ),
        (
            "sid=a; Path=/; Secure; HttpOnly",
            "sid=; Max-Age=0; Path=/x",
            SHOP,
            "sid=; Max-Age=0; Path=/; Secure",
        ),
    ],
)
def test_a_deletion_that_missed(held: str, line: str, url: str, wanted: str | None) -> None:
    """It is sent with the Path and Domain of the cookie that is there, and then deletes it."""
    correction = corrected(response(line, url, TYPED, held))
    if wanted is None:
        assert correction is None
        return
    assert correction is not None
    assert correction.line.text() == wanted
    again = response(wanted, url, TYPED, held).exchanges[-1].response
    assert again is not None
    assert again.set_cookies[0].outcome is Outcome.DELETED


@pytest.mark.parametrize(
    ("line", "url", "method", "headers", "wanted"),
    [
        ("sid=a; SameSite=Lax; Path=/", SHOP, "POST", FORM, "sid=a; Path=/; Secure; SameSite=None"),
        ("sid=a; SameSite=Lax; Path=/", SHOP, "GET", FRAME, "sid=a; Path=/; Secure; SameSite=None"),
        ("sid=a; Path=/; HttpOnly", SHOP, "GET", FRAME, "Secure; HttpOnly; SameSite=None"),
        ("sid=a; SameSite=Strict; Path=/", SHOP, "GET", FORM, "sid=a; Path=/; SameSite=Lax"),
        ("sid=a; Path=/app", SHOP, "GET", TYPED, "sid=a; Path=/"),
        ("sid=a; Path=/", "https://api.shop.example", "GET", TYPED, "Domain=shop.example"),
        ("__Host-sid=a; Path=/; Secure", "https://api.shop.example", "GET", TYPED, None),
        ("sid=a; Path=/; Secure", HTTP, "GET", TYPED, None),
    ],
)
def test_a_withheld_cookie(
    line: str, url: str, method: str, headers: tuple[tuple[str, str], ...], wanted: str | None
) -> None:
    """It is set so that the request has it, if attributes can do that."""
    story = Story(SHOP)
    story.visit("/app/x", None, line)
    story.respond(story.ask(f"{url}/", method=method, headers=headers))
    trace = story.trace()
    part = trace.exchanges[-1].request
    (held,) = (*part.withheld, *siblings_of(trace, trace.exchanges[-1]))
    correction = corrected_for_request(held, part.target, part.context)
    if wanted is None:
        assert correction is None
        return
    assert correction is not None
    assert correction.line.text().endswith(wanted)
    again = Story(SHOP)
    again.visit("/app/x", None, correction.line.text())
    again.respond(again.ask(f"{url}/", "sid=a", method=method, headers=headers))
    assert again.trace().exchanges[-1].request.expected == "sid=a"


def test_the_corrections_of_a_step() -> None:
    """A step offers those of its own lines, and of cookies that its problem is about."""
    story = Story(SHOP)
    story.visit(
        "/", None, "sid=a; SameSite=Lax; Path=/", "ad=b; SameSite=Lax", "x=1; SameSite=None"
    )
    story.respond(story.ask("/pay", method="POST", headers=FORM), status=403)
    table = Table(story.trace())
    board = ProblemBoard(table)
    board.update()
    found = {
        step: tuple(each.line.name for each in corrections_at(table, step, board.at(step)))
        for step in range(1, len(table) + 1)
    }
    assert found == {1: ("sid", "x"), 2: (), 3: ("x",), 4: ("sid",)}
    assert corrections_at(table, 1, board.at(1))[0].line.http_only
    assert corrections_at(table, 4) == ()


def test_the_codes_exist() -> None:
    """Each correction belongs to a reason of its kind, or to a rule that grades."""
    assert all("rejected" in TABLE[code].where for code in REFUSED)
    assert all("withheld" in TABLE[code].where for code in WITHHELD)
    assert set(BY_PROBLEM) <= set(GRADED)
