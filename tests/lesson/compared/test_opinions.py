"""What each browser does with one line, its versions, and what that rests on."""

from __future__ import annotations

import json

import pytest

from cookietrace.cookies import Outcome, default_public_suffixes, parse_set_cookie
from cookietrace.lesson.compared import (
    BROWSERS,
    Basis,
    Circumstance,
    Comparison,
    Opinion,
    comparison_entry,
    comparison_lines,
    comparisons,
    opinions,
    step_lines,
)
from cookietrace.lesson.compared.at_step import MOST
from cookietrace.lesson.compared.circumstance import OTHER_SITE
from cookietrace.lesson.compared.wording import UNKNOWN_ATTRIBUTES
from cookietrace.lesson.mask import masked
from cookietrace.lesson.table import Table
from tests.lesson.what_if.test_what_if import CROSS, sign_in
from tests.story import Story
from tests.work import lines_run

APP = "https://app.example/"
EMBEDDED = Circumstance(APP, "https://shop.example/", top_level=False)
LINKED = Circumstance(APP, "https://shop.example/")
VISITED = Circumstance(APP)
NOW = 1_700_000_000.0


def found(line: str, circumstance: Circumstance = VISITED) -> tuple[Opinion, ...]:
    """Return the opinions on a line."""
    return opinions(line, circumstance, default_public_suffixes(), NOW)


def newest(line: str, circumstance: Circumstance = VISITED) -> dict[str, Opinion]:
    """Return each browser's opinion in its newest version."""
    return {each.browser: each for each in found(line, circumstance) if each.until is None}


def sent(opinion: Opinion) -> str:
    """Return the requests that send the cookie, by their first letters."""
    return "".join(each.request[0] for each in opinion.sendings if each.sent)


@pytest.mark.parametrize(
    ("line", "circumstance", "expected"),
    [
        # again, own site, link, POST, embedded; "-" is not stored
        ("a=1", VISITED, ("aolp", "aolp", "aolp", "aol")),
        ("a=1; SameSite=Lax", VISITED, ("aol", "aol", "aol", "aol")),
        ("a=1; SameSite=Strict", VISITED, ("ao", "ao", "ao", "ao")),
        ("a=1; SameSite=None; Secure", VISITED, ("aolpe", "aolp", "aolp", "aolpe")),
        ("a=1; SameSite=None", VISITED, ("-", "-", "aolp", "-")),
        ("a=1; SameSite=None; Secure", EMBEDDED, ("aolpe", "a", "-", "aolpe")),
        ("a=1; SameSite=Lax", EMBEDDED, ("-", "-", "-", "-")),
        ("a=1; SameSite=Strict", LINKED, ("o", "o", "o", "o")),
        ("a=1; Secure; Partitioned; SameSite=None", EMBEDDED, ("a", "a", "a", "aolpe")),
        ("a=1; Domain=example", VISITED, ("-", "-", "-", "-")),
        ("a=1; Path=/admin", VISITED, ("", "", "", "")),
        ("__Host-a=1; Secure", VISITED, ("-", "aolp", "-", "-")),
    ],
)
def test_newest_versions(line: str, circumstance: Circumstance, expected: tuple[str, ...]) -> None:
    """Each browser stores and sends by its own rules."""
    by_browser = newest(line, circumstance)
    said = tuple(
        sent(by_browser[name]) if by_browser[name].stored is not None else "-" for name in BROWSERS
    )
    assert said == expected


def test_versions_are_told_apart() -> None:
    """A range ends where a version does something else, and only there."""
    ranges = [
        (each.since, each.until, each.result.outcome)
        for each in found("a=1; SameSite=None", EMBEDDED)
        if each.browser == "chromium"
    ]
    assert ranges == [
        (80.0, None, Outcome.REJECTED),
        (67.0, 80.0, Outcome.CREATED),
        (51.0, 67.0, Outcome.REJECTED),
    ]


def test_what_an_opinion_rests_on() -> None:
    """Only what a browser was seen to do, in that version, counts as tried."""
    by_browser = newest("a=1; SameSite=None", EMBEDDED)
    assert [by_browser[name].basis for name in BROWSERS] == [
        Basis.TRIED,
        Basis.TRIED,
        Basis.DOCUMENTS,
        Basis.SPECIFICATION,
    ]
    older = [each for each in found("a=1; SameSite=None", EMBEDDED) if each.until is not None]
    assert {each.basis for each in older} == {Basis.DOCUMENTS}


def test_the_rows_that_make_the_difference_are_named() -> None:
    """Those of a profile without which the browser would do something else, and no others."""
    by_browser = newest("a=1", Circumstance("http://localhost:5000/"))
    assert {name: [row.switch for row in each.because] for name, each in by_browser.items()} == {
        "chromium": ["lax_post_seconds"],
        "firefox": ["same_site_default_lax", "third_party"],
        "safari": ["same_site_default_lax", "third_party"],
        "spec": [],
    }


def test_a_time_limit_is_said() -> None:
    """Chromium sends a new cookie without SameSite with such a POST for two minutes."""
    (post,) = [each for each in newest("a=1")["chromium"].sendings if each.request == "post"]
    assert (post.sent, post.seconds) == (True, 120.0)


@pytest.mark.parametrize(
    "line",
    ["", "=", ";" * 5000, "a=\x001", "a" * 9000, "\xff=\xfe; Expires=x"],
    ids=("empty", "equals", "semicolons", "nul", "long", "latin-1"),
)
def test_any_line_has_a_report(line: str) -> None:
    """Nothing raises, and no text is unsafe to print."""
    report = "\n".join(comparison_lines(line, EMBEDDED, found(line, EMBEDDED)))
    assert report.isprintable() or all(c.isprintable() or c == "\n" for c in report)
    json.dumps(comparison_entry(line, EMBEDDED, found(line, EMBEDDED)))


def test_every_column_is_explained() -> None:
    """The legend also says what stands under "seen"."""
    report = list(comparison_lines("sid=1", VISITED, found("sid=1")))
    heading = next(line for line in report if line.rstrip().endswith("seen"))
    legend = [line.strip() for line in report]
    for column in heading.split()[1:]:
        assert any(line.startswith(f"{column}:") for line in legend)


@pytest.mark.parametrize(
    ("line", "said", "unsaid"),
    [
        (
            "sid=1; SameSite=None",
            (
                "Firefox 153+      ✗",
                "Firefox 103-?     ✓",
                "Firefox 103-?: the last such version is not known, but is older than 153",
                "Seen only in a newer version: Firefox 153, Debian 12.)",
            ),
            ("152", "not looked up", "Seen on Firefox 153", " min"),
        ),
        (
            "sid=1",
            (
                "Firefox 103+ ",
                "2 min: yes, for that long after it was set; then no",
                "(RFC 6265bis, draft 22, section 5.6.7.2 leaves it open; ",
                "Seen on Firefox 153, Debian 12.)",
            ),
            ("(-22", "-?", "is not known"),
        ),
    ],
)
def test_no_more_is_said_than_is_known(
    line: str, said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    """A last version that is not known is no number; what a newer version did is said to be so."""
    where = Circumstance("http://localhost:3000/")
    opinions_ = found(line, where)
    report = "\n".join(comparison_lines(line, where, opinions_))
    assert [text for text in said if text not in report] == []
    assert [text for text in unsaid if text in report] == []
    unknown = [
        each["until"]
        for each in comparison_entry(line, where, opinions_)["browsers"]
        if not each["until_known"]
    ]
    assert unknown == ([153.0] if "None" in line else [])


@pytest.mark.parametrize(
    ("circumstance", "words"),
    [
        (VISITED, "GET from its own site"),
        (LINKED, "a link from a page of https://shop.example"),
        (Circumstance(APP, OTHER_SITE, method="POST"), "a POST from a page of another site"),
        (
            EMBEDDED,
            "GET within a page of https://shop.example, as from a frame or fetch()",
        ),
    ],
)
def test_a_circumstance_in_words(circumstance: Circumstance, words: str) -> None:
    """The report begins with how the request was made."""
    assert circumstance.words == words


def test_a_step_of_a_story() -> None:
    """Lines that a response sets are compared; without any, the cookies of its request."""
    table = Table(sign_in().trace())
    ((set_at,), _) = comparisons(table, 1)
    assert (set_at.line, set_at.held) == ("sid=1; Path=/; Secure; HttpOnly", False)
    ((stores,), _) = comparisons(table, 2)
    assert stores.line == set_at.line
    ((held,), _) = comparisons(table, 3)
    assert (held.held, held.circumstance.words) == (True, "a POST from a page of another site")
    by_browser = {each.browser: each for each in held.opinions if each.until is None}
    assert {name: sent(each)[:1] == "a" for name, each in by_browser.items()} == {
        "chromium": True,
        "firefox": True,
        "safari": True,
        "spec": False,
    }
    lines = list(step_lines(held, masked))
    assert lines[:2] == [
        f"Set-Cookie: sid={masked('1')}; Path=/; Secure; HttpOnly",
        "This request: a POST from a page of another site",
    ]
    assert max(map(len, lines[3:10])) <= 66


def test_a_line_that_deletes() -> None:
    """It stores nothing, and the report says why."""
    line = "a=; Max-Age=0"
    report = " ".join(comparison_lines(line, VISITED, found(line)))
    assert (
        "and specification: it has already expired when it arrives, so nothing is stored" in report
    )


def test_a_short_life_is_long_enough_to_be_sent() -> None:
    """The requests follow at once."""
    assert sent(newest("a=1; Max-Age=1; SameSite=Lax")["chromium"]) == "aol"


NAVIGATED = (
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
)


def held_cookie(line: str, first: str, then: str, cookie: str | None, after: float) -> Comparison:
    """Return the comparison of a cookie of the jar that a later request sends or withholds."""
    story = Story(first)
    story.respond(story.ask("/"), line)
    headers = CROSS if after > 60 else NAVIGATED
    method = "POST" if after > 60 else "GET"
    story.respond(story.ask(then, cookie, after=after, headers=headers, method=method))
    ((held,), _) = comparisons(Table(story.trace()), 3)
    return held


@pytest.mark.parametrize(
    ("line", "first", "then", "cookie", "after", "expected"),
    [
        ("a=1; Secure", "https://app.example", "http://app.example/", None, 1, (True, False)),
        ("a=1", "https://app.example", "https://www.app.example/", None, 1, (True, False)),
        ("a=1; Path=/x", "https://app.example", "https://app.example/y", None, 1, (True, False)),
        ("a=1", "https://app.example", "https://app.example/", "a=1", 100, (True, True)),
        ("a=1", "https://app.example", "https://app.example/", None, 300, (True, False)),
    ],
    ids=("secure", "another host", "another path", "new", "older than two minutes"),
)
def test_a_cookie_that_this_request_withholds(
    line: str,
    first: str,
    then: str,
    cookie: str | None,
    after: float,
    expected: tuple[bool, bool],
) -> None:
    """It is stored where and when it was set, and asked for by the request as it was made."""
    held = held_cookie(line, first, then, cookie, after)
    chromium = next(each for each in held.opinions if each.browser == "chromium")
    assert (chromium.stored is not None, chromium.sendings[0].sent) == expected


def test_a_cookie_of_unknown_attributes() -> None:
    """The report does not claim to know what no response was seen to set."""
    story = Story("https://app.example")
    story.respond(story.ask("/", "theme=dark"))
    ((held,), _) = comparisons(Table(story.trace()), 1)
    assert (held.known, list(step_lines(held, masked))[2]) == (False, UNKNOWN_ATTRIBUTES)


def test_a_page_of_another_scheme() -> None:
    """What one browser counts as its own site is asked of the others as it was made."""
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
    story = Story("http://app.example", user_agent=firefox)
    story.visit("/")
    fetched = (
        ("Origin", "http://app.example"),
        ("Referer", "http://app.example/"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Mode", "cors"),
        ("Sec-Fetch-Dest", "empty"),
    )
    asked = story.ask("https://app.example/api", headers=fetched)
    story.respond(asked, "a=1; SameSite=Lax")
    ((compared,), _) = comparisons(Table(story.trace()), 2)
    newest_ones = {each.browser: each for each in compared.opinions if each.until is None}
    outcomes = {name: each.stored is not None for name, each in newest_ones.items()}
    assert outcomes == {"chromium": False, "firefox": True, "safari": True, "spec": False}


def test_a_long_line_is_read_once() -> None:
    """However many browsers and versions are asked: 13,000 attributes take as long as one parse."""
    line = "sid=1" + "; x=1" * 13_000
    once = lines_run(lambda: parse_set_cookie(line))
    all_of_them = lines_run(lambda: found(line))
    assert all_of_them < 1.2 * once + 2 * lines_run(lambda: found("sid=1"))
    shown = next(comparison_lines(line, VISITED, found(line)))
    assert len(shown) < 1_100
    assert shown.endswith(" (65,005 bytes)")


def test_thousands_of_lines_in_one_response() -> None:
    """The first of them are compared, and how many are left out is known."""
    story = Story("https://app.example")
    story.respond(story.ask("/"), *(f"a{number}=1" for number in range(3_000)))
    shown, left_out = comparisons(Table(story.trace()), 1)
    assert (len(shown), left_out) == (MOST, 3_000 - MOST)
    assert shown[-1].line == f"a{MOST - 1}=1"


def test_a_line_that_every_browser_refuses() -> None:
    """The table has no columns about requests: nothing is sent."""
    line = "sid=1; Domain=other.test"
    report = list(comparison_lines(line, VISITED, found(line)))
    assert report[3].split() == ["stored", "seen"]
    assert "\u2717 no" in report
    assert not [each for each in report if "embedded" in each]
