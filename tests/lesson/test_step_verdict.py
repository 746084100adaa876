"""The verdict on a step: the worst problem of its row, or what happened to its cookies."""

from __future__ import annotations

import pytest

from cookietrace.lesson.detail import detail
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.moments.grades import Grade, Severity
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.sections import Weight
from cookietrace.lesson.step_verdict import ROOM, headline, problem_section
from cookietrace.lesson.table import Table
from tests.story import Story


def moment(
    rule: str = "withheld",
    brief: str = "SameSite=Lax: cross-site POST",
    *cookies: str,
    severity: Severity = Severity.PROBLEM,
    answer: str = "Because.",
    advice: str = "",
) -> Moment:
    """A problem."""
    grade = Grade(severity=severity, code=rule, cookies=cookies, brief=brief)
    return Moment(
        rule=rule,
        question="Why?",
        answer=answer,
        advice=advice,
        mark=None,
        step=1,
        steps=(1,),
        count=1,
        exchange_id="x1",
        host="shop.test",
        grade=grade,
    )


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (
            moment("withheld", "SameSite=Lax: cross-site POST", "state"),
            "'state' withheld: SameSite=Lax, cross-site POST",
        ),
        (moment("refused", "Secure over http", "sid"), "'sid' refused: Secure over http"),
        (
            moment("deleted-nothing", "not deleted: stored with Path=/app", "sid"),
            "'sid' not deleted: stored with Path=/app",
        ),
        (
            moment("late-response", "late response deleted it", "a", "b"),
            "'a' and 'b': late response deleted them",
        ),
        (moment("evicted", "evicted", *"abcd"), "'a', 'b' and 2 more evicted"),
        (
            moment("refused", "over 4096 bytes", "x" * 60),
            f"'{'x' * 22}…' refused: over 4096 bytes",
        ),
        (moment("two-jars", "two cookie jars in one client"), "Two cookie jars in one client"),
        (moment("any", ""), "Why?"),
    ],
)
def test_headlines(problem: Moment, line: str) -> None:
    """What happened to which cookie, and why; many names, or a long one, do not hide why."""
    assert headline(problem) == line


def test_the_fix_comes_before_the_rest_of_a_long_answer() -> None:
    """Whole sentences, as many as leave room for the fix; then the fix, then the others."""
    sentences = [f"Sentence {number} {'word ' * 20}is over." for number in range(1, 9)]
    advice = "Do this."
    section = problem_section(moment(answer=" ".join(sentences), advice=advice))
    why, fix, more = section.lines
    assert (section.weight, section.mark) == (Weight.VERDICT, Mark.PROBLEM)
    assert fix.text == "→ Do this."
    assert len(why.text) + len(advice) <= ROOM
    assert f"{why.text} {more.text}" == " ".join(sentences)
    warning = problem_section(moment("a", "b", severity=Severity.WARNING))
    assert (warning.title, warning.mark, len(warning.lines)) == ("Warning: B", Mark.WARNING, 1)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("Because the app sets it.", "The app sets it."),
        ("No. It is another host.", "It is another host."),
        ("It does not look like it. 'a' is cut.", "'a' is cut."),
        ("Nothing more is known. No.", "Nothing more is known. No."),
    ],
)
def test_a_verdict_does_not_reply_to_a_question(answer: str, why: str) -> None:
    """What only makes sense after the question is left out."""
    assert problem_section(moment(answer=answer)).lines[0].text == why


def story() -> Story:
    """A trace with a mishap of each kind that has a sign of its own."""
    told = Story("https://shop.test")
    told.visit("/app/", None, "sid=1; Path=/app", "theme=dark; Path=/")  # steps 1, 2
    told.visit("/app/", "sid=1; theme=dark", "sid=; Path=/; Max-Age=0")  # 3
    told.visit("/app/", "sid=1; theme=dark", "sid=2; Path=/")  # 4, 5
    told.visit("/app/", "sid=1; theme=dark; sid=2", "a=1; Domain=test")  # 6, 7
    late = told.ask("/app/slow", "sid=1; theme=dark; sid=2")  # 8
    told.visit("/app/", "sid=1; theme=dark; sid=2", "theme=new; Path=/")  # 9, 10
    told.respond(late, "theme=old; Path=/")  # 11
    told.visit("/x", "theme=old; sid=2", "b=1, c=2; Path=/")  # 12, 13
    told.visit("/x", "theme=old; sid=2; b=1", "s=Zm9vYmFyYmF6; Max-Age=-3600; Path=/")  # 14
    return told


@pytest.mark.parametrize(
    ("step", "mark"),
    [
        (3, Mark.MISSED),
        (4, Mark.SHADOWS),
        (5, Mark.SHADOWS),
        (6, Mark.SHADOWS),
        (7, Mark.REFUSED),
        (8, Mark.LATE),
        (11, Mark.LATE),
        (12, Mark.JOINED),
        (13, Mark.JOINED),
    ],
)
def test_mishaps_have_signs_of_their_own(step: int, mark: Mark) -> None:
    """On the row of the exchange, and on the row of what was stored."""
    table = Table(story().trace())
    assert mark in table.row(step).marks
    assert len(set(SIGNS.values())) == len(SIGNS) == len(Mark)


@pytest.mark.parametrize(
    ("step", "lines"),
    [
        (1, ["no cookies sent", "● 'sid' and 'theme' stored"]),
        (3, ["↑ 'sid' and 'theme' sent", "¬ 'sid' not deleted: that needs Path=/app"]),
        (6, ["↑ 'sid' and 'theme' sent", "✗ 'a' refused: Domain=test is a public suffix"]),
        (
            12,
            [
                "↑ 'theme' and 'sid' sent",
                "⊘ 'sid' withheld: Path=/app does not cover /x",
                "● 'b' stored",
            ],
        ),
    ],
)
def test_what_happened_in_a_line_or_two(step: int, lines: list[str]) -> None:
    """Without a problem, the details of a request begin with what happened to its cookies."""
    table = Table(story().trace())
    first = detail(table.exchange(step), table.trace_row(step))[0]
    assert (first.title, first.weight) == ("What happened", Weight.VERDICT)
    signs = [f"{SIGNS[line.mark]} " if line.mark else "" for line in first.lines]
    assert [sign + line.text for sign, line in zip(signs, first.lines, strict=True)] == lines


def test_the_verdict_comes_first_and_the_wire_last() -> None:
    """The problem; what the row is about; the exchange; and headers and bodies at the end."""
    table = Table(story().trace())
    sections = detail(table.exchange(7), table.trace_row(7), problem=moment())
    assert [section.title for section in sections[:3]] == [
        "Problem: SameSite=Lax: cross-site POST",
        "Refused",
        "Exchange",
    ]
    weights = [section.weight for section in sections]
    assert weights == sorted(weights, key=list(Weight).index)
