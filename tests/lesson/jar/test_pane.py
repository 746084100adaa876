"""The pane of the cookie jar: one cookie's life, an empty jar, and the refusals."""

from __future__ import annotations

import pytest

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.jar.board import JarBoard, JarView
from cookietrace.lesson.jar.pane import (
    MOST_SHOWN,
    empty_section,
    life_section,
    refusal_section,
    refusals_section,
)
from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.sections import Section
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from tests.lesson.visits import Visit, story_of

REFUSED = "bad=1; Domain=other.test"

SCOPE = "host-only shop.test · path / · session"
LAX = "SameSite Lax (default)"
BAD_LINES = [
    "✗ bad=1 from shop.test · {where}",
    "  'Domain=other.test' does not cover the host shop.test. (RFC 6265bis, section 5.7 step 10)",
    "  → Send it from other.test, or remove Domain.",
]


def look(
    trace: Trace, client_id: str = "c1", focus: Focus | None = None
) -> tuple[JarBoard, JarView]:
    """A board that has read everything, and a client's jar at the end."""
    board = JarBoard(Table(trace, focus))
    assert board.update()
    return board, board.view(client_id, trace.position)


def lines(section: Section) -> list[str]:
    """The lines with indentation and signs."""
    said = []
    for line in section.lines:
        sign = line.sign or (SIGNS[line.mark] if line.mark is not None else "")
        said.append(
            f"{'  ' * line.indent}{sign} {line.text}" if sign else "  " * line.indent + line.text
        )
    return said


@pytest.mark.parametrize(
    ("visits", "said"),
    [
        pytest.param(
            (Visit(sets=("a=1",)), Visit(cookie="a=1"), Visit(cookie="a=1")),
            [
                "a=1",
                "sent 2 times, never withheld",
                "● stored with the value '1' · step 2",
                f"  {SCOPE} · {LAX}",
                "↑ sent 2 times · step 3 to step 4",
            ],
            id="sent",
        ),
        pytest.param(
            (Visit(sets=("a=1; Path=/x",)), Visit("/y")),
            [
                "a=1",
                "never sent, withheld once",
                "● stored with the value '1' · step 2",
                f"  host-only shop.test · path /x · session · {LAX}",
                "⊘ withheld · step 3",
                "  'a' is for paths under /x, and /y is not one of them.",
            ],
            id="withheld",
        ),
        pytest.param(
            (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=2; HttpOnly",))),
            [
                "a=2",
                "sent once, never withheld",
                "● stored with the value '1' · step 2",
                f"  {SCOPE} · {LAX}",
                "↑ sent · step 3",
                "● value '1' replaced with '2' · step 4",
                f"  {SCOPE} · HttpOnly · {LAX}",
            ],
            id="changed",
        ),
        pytest.param(
            (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=; Max-Age=0",))),
            [
                "a=1",
                "sent once, never withheld",
                "● stored with the value '1' · step 2",
                f"  {SCOPE} · {LAX}",
                "↑ sent · step 3",
                "○ deleted by the server · step 4",
            ],
            id="deleted",
        ),
    ],
)
def test_a_life(visits: tuple[Visit, ...], said: list[str]) -> None:
    """The value, how often it was sent and withheld, then every event with its sign."""
    trace = story_of(*visits).trace()
    board, view = look(trace)
    cookie = view.cookies[0] if view.cookies else view.gone[0].cookie
    section = life_section(board, view, trace.position, cookie)
    assert section.title.startswith("Life of a on shop.test/")
    assert lines(section) == said


def test_a_long_life_counts_what_it_leaves_out() -> None:
    """Only the latest of many events are shown, after the number of earlier ones."""
    visits = [Visit(cookie=f"a={n}", sets=(f"a={n + 1}",)) for n in range(1, 30)]
    trace = story_of(Visit(sets=("a=1",)), *visits).trace()
    board, view = look(trace)
    said = lines(life_section(board, view, trace.position, view.cookies[0]))
    assert said[1:3] == ["sent 29 times, never withheld", "19 earlier events not shown"]


@pytest.mark.parametrize(
    ("client_id", "how", "more"),
    [
        ("c1", "turn the page", []),
        ("c2", "", ["Another client has cookies."]),
        ("c2", "turn the page", ["Another client has cookies: turn the page."]),
        ("c3", "turn the page", []),
    ],
    ids=["no other holds any", "another does", "and how to see it", "this one refused some"],
)
def test_an_empty_jar(client_id: str, how: str, more: list[str]) -> None:
    """It says that the jar is empty, and whether to look elsewhere."""
    visits = (Visit(sets=("a=1",)), Visit(client="c2"), Visit(client="c3", sets=(REFUSED,)))
    trace = story_of(*visits).trace()
    board, view = look(trace, client_id)
    section = empty_section(board, view, trace.position, how=how)
    assert section.title == "No cookies"
    assert lines(section) == ["The jar is empty at this step.", *more]


@pytest.mark.parametrize(
    ("count", "how", "last"),
    [
        (MOST_SHOWN, "", []),
        (MOST_SHOWN + 1, "", ["and 1 earlier"]),
        (MOST_SHOWN + 2, "look there", ["and 2 earlier: look there"]),
    ],
)
def test_refusals(count: int, how: str, last: list[str]) -> None:
    """The latest first, each with its reason and fix, then the number of the others."""
    trace = story_of(*(Visit(sets=(REFUSED,)) for _ in range(count))).trace()
    board, view = look(trace)
    section = refusals_section(board, view, how=how)
    steps = [2 * (count - n) for n in range(MOST_SHOWN)]
    expected = [line.format(where=f"step {step}") for step in steps for line in BAD_LINES]
    assert section.title == f"Refused up to this step ({count})"
    assert lines(section) == [*expected, *last]


@pytest.mark.parametrize(("focus", "where"), [(None, "step 2"), (Focus(path="/b"), "step 1, /a")])
def test_one_refusal(focus: Focus | None, where: str) -> None:
    """It is shown in full, with its step and, if that is out of focus, the path."""
    board, view = look(story_of(Visit("/a", sets=(REFUSED,))).trace(), focus=focus)
    section = refusal_section(board, view.refused[0])
    assert section.title == f"Refused at {where}"
    assert lines(section) == [line.format(where=where) for line in BAD_LINES]
