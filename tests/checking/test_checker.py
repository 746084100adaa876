"""A check finds the problems of a capture, says where to look, and shows no cookie value."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from cookietrace.checking import REPORTERS, CheckReport, CodePlace, Ignore, Severity, check
from cookietrace.events import Body, Response
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.stripped_cookies import NO_COOKIES
from tests.checking.sign_ins import FILE, SECRET, broken_sign_in, secret, working_sign_in
from tests.lesson import random_traces
from tests.story import seed_story
from tests.verdict_stories import rich


def found(report: CheckReport) -> list[tuple[str, str, tuple[str, ...], int]]:
    """What a report lists, in short."""
    return [
        (entry.severity.value, entry.code, entry.cookies, entry.step) for entry in report.entries
    ]


LAX = ("problem", "same-site-lax", ("oauth_state",), 3)
FETCHED = ("warning", "without-credentials", ("cart",), 6)


def test_the_problems_then_the_warnings() -> None:
    """The withheld cookie of the request that failed is the problem; an uncertain one warns."""
    report = check(broken_sign_in(), source="shop")
    assert found(report) == [LAX, FETCHED]
    assert (report.requests, report.tally.text) == (4, "1 problem · 1 warning")
    problem, warning = report.entries
    assert (problem.host, problem.request) == ("shop.test", "POST shop.test/callback")
    assert "SameSite=Lax" in problem.cause
    assert "SameSite=None; Secure" in problem.fix
    assert (problem.row, warning.row) == (3, 6)
    assert problem.code_place == CodePlace(file=FILE, line=12, function="sign_in")
    assert warning.code_place is None


@pytest.mark.parametrize(
    ("fail_on", "codes"),
    [
        (Severity.PROBLEM, ["same-site-lax"]),
        (Severity.WARNING, ["same-site-lax", "without-credentials"]),
    ],
)
def test_what_fails(fail_on: Severity, codes: list[str]) -> None:
    """Warnings fail a check only if they are asked to."""
    report = check(broken_sign_in(), source="shop")
    assert [entry.code for entry in report.failing(fail_on)] == codes


def test_nothing_is_wrong() -> None:
    """A working sign-in and the seed trace are clean, warnings included."""
    assert check(working_sign_in(), source="shop").entries == ()
    assert check(seed_story().events, source="seed").entries == ()


@pytest.mark.parametrize(
    ("focus", "expected"),
    [
        (Focus(cookies=("cart",)), ["without-credentials"]),
        (Focus(path="/callback"), ["same-site-lax"]),
        (Focus(host="other.test"), []),
    ],
)
def test_a_focus(focus: Focus, expected: list[str]) -> None:
    """Only what is in focus is reported; what matches nothing was not checked, which is said."""
    report = check(broken_sign_in(), source="shop", focus=focus)
    assert [entry.code for entry in report.entries] == expected
    nothing = "Nothing was checked: no request in shop matches host other.test."
    assert report.remarks == report.unchecked == (() if expected else (nothing,))
    assert bool(report.requests) is bool(expected)


def test_one_of_several_cookies_may_be_misspelled() -> None:
    """It is named, although the other one was checked."""
    focus = Focus(cookies=("cart", "carts"))
    assert check(broken_sign_in(), source="shop", focus=focus).unchecked == (
        "The cookie 'carts' was not checked: no request in shop matches cookie carts.",
    )


def test_an_app_that_did_not_run() -> None:
    """Without any response nothing can be wrong, and nothing was checked."""
    events = [event for event in working_sign_in() if not isinstance(event, Response | Body)]
    (line,) = check(events, source="shop").unchecked
    assert line.startswith("Nothing was checked: ")
    assert line.endswith(" requests in shop, and no response: did the app run?")


def test_remarks() -> None:
    """A capture without requests, and one whose cookies may be stripped, are not just clean."""
    empty = working_sign_in()[:1]
    nothing = "Nothing was checked: there are no requests in shop."
    assert check(empty, source="shop").remarks == (nothing,)
    assert NO_COOKIES.startswith("This HAR")


@pytest.mark.parametrize("reporter", REPORTERS)
@pytest.mark.parametrize("path", [f"/callback/{SECRET}/", f"/{'x' * 30}/{SECRET}"])
def test_no_value_is_written_unless_asked_for(reporter: str, path: str) -> None:
    """Neither a value in a text nor one in an address, nor what is left of it when it is cut."""
    events = broken_sign_in(path=path)
    write = REPORTERS[reporter].write
    hidden = write(check(events, source="shop"), Severity.WARNING)
    shown = write(check(events, source="shop", show_values=True), Severity.WARNING)
    assert SECRET[:6] in shown
    assert SECRET[:6] not in hidden
    assert "redacted-" in hidden


SECRETS = ("secret-one-1111", 'secret-two%20x y"z', "eyJhbGciOi.secret3.sig", "secret4-caf\xc3\xa9")


@pytest.mark.parametrize("seed", range(0, 60, 4))
def test_no_value_of_any_trace(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever went wrong, no report holds a value, plain or in an address."""
    addresses = tuple(f"/app/{quote(value, encoding='latin-1')}" for value in SECRETS)
    monkeypatch.setattr(random_traces, "VALUES", SECRETS)
    monkeypatch.setattr(random_traces, "PATHS", (*random_traces.PATHS, *addresses))
    story = random_traces.random_story(seed, 20)
    fields = [field for event in story.events for _, field in getattr(event, "headers", ())]
    known = [value for value in SECRETS if any(value in field for field in fields)]
    assert known
    report = check(secret(story), source="shop")
    for reporter in REPORTERS.values():
        text = reporter.write(report, Severity.WARNING)
        for value in known:
            assert value.split()[0] not in text
            assert quote(value, encoding="latin-1") not in text


def test_the_tokens_are_those_of_an_export() -> None:
    """A check's token for a value is the one that other exports of the capture have."""
    from cookietrace.formats import export

    events = broken_sign_in()
    lines = b"".join(export(events, "jsonl")).decode()
    cause = check(events, source="shop").entries[0].cause
    token = cause.partition("'redacted-")[2].partition("'")[0]
    assert f"redacted-{token}" in lines


def test_a_capture_without_secrets_is_shown_as_it_is() -> None:
    """The demo's own capture needs no tokens."""
    texts = str(check(rich().events, source="rich", ignores=()))
    assert "redacted-" not in texts


def test_unused_ignores_in_a_focus() -> None:
    """What matches nothing in a part of the capture may match elsewhere, so it is not named."""
    ignores = (Ignore(code="same-site-lax", reason="May"),)
    focus = Focus(cookies=("cart",))
    assert check(broken_sign_in(), source="shop", focus=focus, ignores=ignores).unused == ()


def test_what_is_ignored() -> None:
    """An ignored problem does not fail the check, and its reason is kept; the unused are named."""
    used = Ignore(code="same-site-*", reason="the provider changes in May")
    unused = Ignore(cookie="gone", reason="old")
    report = check(broken_sign_in(), source="shop", ignores=(used, unused))
    assert found(report) == [FETCHED]
    assert [entry.ignored for entry in report.ignored] == [("the provider changes in May",)]
    assert report.unused == (unused,)
    assert not report.failing()
