"""A redacted capture has the problems of the original: the rules ask for what its verdicts tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from cookietrace.events import Event
from cookietrace.fold.told import LEAST_SIZE, LEAST_TOLD
from cookietrace.lesson.moments import Moment, key_moments
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.redact import redacted
from cookietrace.trace import Trace, fold
from tests.lesson.moments import test_grades, test_rules
from tests.lesson.test_problems import troubled
from tests.lesson.visits import CLICK, Visit, story_of
from tests.story import Story
from tests.verdict_stories import anew, full, late, rich, settled

KEY = b"k" * 32
QUOTED = {"domain-not-ascii"}
"""The codes whose briefs quote what redaction takes for a value."""


def hidden(value: str) -> str:
    """A mask that makes values and tokens look the same."""
    return "…" if value else ""


def told(moments: Sequence[Moment]) -> list[object]:
    """What a moment says, without its texts."""
    return [
        (
            *(one.rule, one.severity.value, one.step, one.steps, one.row, one.count),
            *(one.exchange_id, one.host, one.grade.code, one.grade.cookies),
            "" if one.grade.code in QUOTED else one.grade.brief,
        )
        for one in moments
    ]


def both(events: Sequence[Event]) -> tuple[Table, Table]:
    """The tables of a capture and of its redacted copy."""
    copy = fold(list(redacted(events, key=KEY)))
    return Table(fold(events), mask=hidden), Table(copy, mask=hidden)


def assert_same(events: Sequence[Event]) -> None:
    """The problems and the notes of a capture and of its redacted copy are the same."""
    original, copy = both(events)
    assert told(problems(copy)) == told(problems(original))
    assert told(key_moments(copy)) == told(key_moments(original))


STORIES: dict[str, Callable[[], Story]] = {
    f"{case.rule} {index} {number}": partial(story_of, *visits)
    for index, case in enumerate(test_rules.CASES)
    for number, visits in enumerate((case.matches, case.near_miss))
}
STORIES |= {case.about: partial(story_of, *case.visits) for case in test_grades.CASES}
STORIES |= {make.__name__: make for make in (rich, late, full, anew, settled)}
STORIES |= {f"random {seed}": partial(troubled, seed) for seed in range(0, 40, 4)}


@pytest.mark.parametrize("first", [*"0123456789"])
def test_a_redacted_copy_has_the_same_problems(first: str) -> None:
    """Titles, steps and severity, whatever the values are like; in one of ten stories each."""
    for name in list(STORIES)[int(first) :: 10]:
        assert_same(STORIES[name]().events)


@pytest.mark.parametrize(
    ("visits", "codes"),
    [
        pytest.param(
            (
                Visit(sets=("next=/account; Path=/", "sid=1; Path=/app; HttpOnly; Secure")),
                Visit("/account", "next=/account", status=302, location="/login?next=/account"),
            ),
            [("problem", "path-mismatch")],
            id="a value is a path of the app",
        ),
        pytest.param(
            (
                Visit(sets=("last=/login; Path=/", "sid=1; SameSite=Strict; HttpOnly; Secure")),
                Visit("/", "last=/login", status=302, location="/login", headers=CLICK),
            ),
            [("problem", "same-site-strict")],
            id="a value is the path of the sign-in page",
        ),
    ],
)
def test_values_that_are_paths(visits: tuple[Visit, ...], codes: list[tuple[str, str]]) -> None:
    """They do not hide the host that comes before a path, nor that a page is for signing in."""
    original, copy = (problems(table) for table in both(story_of(*visits).events))
    for found in (original, copy):
        assert [(one.severity.value, one.grade.code) for one in found] == codes
        assert {one.host for one in found} == {"shop.test"}


def test_the_length_of_a_short_value_is_not_told() -> None:
    """Nor that of a short Cookie header: either would give away whether it is yes or no."""

    def verdicts(value: str) -> Trace:
        story = story_of(Visit(sets=(f"a={value}",)), Visit(cookie=f"a={value}"))
        return fold(list(redacted(story.events, key=KEY)))

    for one, other in (("yes", "no"), ("x" * 12, "x" * (LEAST_TOLD - 1))):
        parts = [verdicts(value).exchanges[1].request for value in (one, other)]
        facts = [part.facts("a", part.pairs[0][1]) for part in parts]
        assert facts[0] == facts[1]
        assert [part.header_size for part in parts] == [None, None]
    assert verdicts("x" * LEAST_SIZE).exchanges[1].request.header_size == LEAST_SIZE + 2
