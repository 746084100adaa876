"""A refused line that is no problem is said to be refused where no problem is reported."""

from __future__ import annotations

import json

import pytest

from cookietrace.checking import REPORTERS, Severity, check
from cookietrace.lesson.problem_texts import none_text, summary_lines
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.lesson.unneeded_refusals import unneeded_refusals
from tests.story import Story

CLEAN = "No problems, no warnings."
NONE_INSECURE = "theme=1; Path=/; SameSite=None"
WRONG_DOMAIN = "tab=1; Path=/; Domain=elsewhere.test"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ((), CLEAN),
        (("theme=1; Path=/; SameSite=Lax",), CLEAN),
        (
            (NONE_INSECURE,),
            f"{CLEAN} 1 Set-Cookie line was refused; nothing shows that the app needed the cookie "
            "(step 2).",
        ),
        (
            (NONE_INSECURE, WRONG_DOMAIN),
            f"{CLEAN} 2 Set-Cookie lines were refused; nothing shows that the app needed the "
            "cookies (steps 2 and 3).",
        ),
    ],
    ids=["nothing", "stored", "one", "two"],
)
def test_what_is_refused_is_said(lines: tuple[str, ...], text: str) -> None:
    """By explain, the list of problems, and the check, which passes anyway."""
    story = Story("https://shop.test")
    story.respond(story.ask("/"), *lines)
    table = Table(story.trace())
    assert none_text(table) == text
    assert " ".join(summary_lines(table, problems(table), 78)) == text
    report = check(story.events, source="shop")
    refused = [text.removeprefix(f"{CLEAN} ")] if text != CLEAN else []
    assert list(report.remarks) == refused
    assert report.failing(Severity.WARNING) == ()
    assert json.loads(REPORTERS["json"].write(report, Severity.PROBLEM))["remarks"] == refused
    printed = REPORTERS["text"].write(report, Severity.PROBLEM)
    assert " ".join(printed.split()).startswith(" ".join([*refused, "No problems in shop"]))


def test_what_a_problem_tells_of_is_not_said_again() -> None:
    """Only lines that no problem or warning is about are counted."""
    story = Story("https://shop.test")
    story.respond(story.ask("/login"), "sid=1; Path=/; SameSite=None", NONE_INSECURE)
    story.respond(story.ask("/account"), status=401)
    table = Table(story.trace())
    found = problems(table)
    assert [moment.grade.cookies for moment in found] == [("sid",)]
    assert list(map(table.label, unneeded_refusals(table, found))) == ["3"]
