"""Problems that a change by hand (``--edit``) made say so, and are no problems of the app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from cookietrace import events as ev
from cookietrace.checking import check
from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.problems import problems, ranked
from cookietrace.lesson.table import Table
from cookietrace.redact import redacted
from cookietrace.trace import fold
from tests.lesson.moments.test_grades import POST
from tests.story import TYPED, Story

MINE = "; HttpOnly; Secure; Path=/"


def edited(
    story: Story,
    exchange_id: str,
    of: Literal["request", "response"],
    before: str,
    after: str | None,
) -> None:
    """Record a change by hand."""
    name = before.partition("=")[0]
    story.events.append(
        ev.Edited(
            exchange_id=exchange_id, at=story.now, of=of, name=name, before=before, after=after
        )
    )


def set_as(before: str, after: str, headers: tuple[tuple[str, str], ...] = TYPED) -> Story:
    """A line that may have been changed by hand, then a request that is refused."""
    story = Story("https://shop.test")
    first = story.ask("/")
    if before != after:
        edited(story, first, "response", before, after)
    story.respond(first, after)
    second = story.ask("/a", method="GET" if headers is TYPED else "POST", headers=headers)
    story.respond(second, status=403)
    return story


def sent_as(after: str) -> Story:
    """A request with two cookies of a name, one of them changed by hand before the app got it."""
    story = Story("https://shop.test")
    story.visit("/start", None, f"sid=old{MINE}")
    story.visit("/start", "sid=old", f"sid=new{MINE}; Domain=shop.test")
    third = story.ask("/account", "sid=old; sid=new")
    edited(story, third, "request", "sid=new", after)
    story.respond(third, status=401)
    return story


REFUSED = "sid=1; SameSite=None; HttpOnly; Path=/"
GOOD = f"sid=1; SameSite=None{MINE}"
LAX = f"sid=1; SameSite=Lax{MINE}"

CASES: dict[str, tuple[Callable[[], Story], str, str, str]] = {
    "the browser refuses what was changed": (
        lambda: set_as(GOOD, REFUSED),
        "warning",
        "same-site-none-insecure",
        "The Set-Cookie of 'sid' in step 1 was changed by hand (--edit), before the browser got "
        "it. So this may not be a problem of the app.",
    ),
    "it would be refused without the change, too": (
        lambda: set_as(REFUSED, f"{REFUSED}; Max-Age=9"),
        "problem",
        "same-site-none-insecure",
        "But the line that the app sent would be refused too.",
    ),
    "a later request lacks what was changed": (
        lambda: set_as(GOOD, LAX, POST),
        "warning",
        "same-site-lax",
        "The Set-Cookie of 'sid' in step 1 was changed by hand (--edit)",
    ),
    "the app got something other than what was sent": (
        lambda: sent_as("sid=other"),
        "warning",
        "duplicate-name",
        "In the request in step 5, 'sid' was changed by hand (--edit), before the app got it.",
    ),
    "nothing was changed": (
        lambda: set_as(LAX, LAX, POST),
        "problem",
        "same-site-lax",
        "is SameSite=Lax",
    ),
}


@pytest.mark.parametrize("about", CASES)
def test_the_first_problem(about: str) -> None:
    """It says what was changed, also in a redacted capture, and a check is not failed by it."""
    make, severity, code, words = CASES[about]
    events = make().events
    for told in (events, list(redacted(events))):
        table = Table(fold(told))
        found = problems(table)
        assert found == ranked(key_moments(table))
        assert (found[0].severity.value, found[0].grade.code) == (severity, code)
        assert words in found[0].answer
        assert ("--edit" in found[0].answer) is (about != "nothing was changed")
        assert ("undo the change of 'sid'" in found[0].advice) is (severity == "warning")
    report = check(events, source="x")
    assert report.entries[0].severity.value == severity
