"""The problems of many recorders: the same one once, and in groups."""

from __future__ import annotations

import pytest

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.focus_choices import choices, client_name, client_text
from cookietrace.lesson.problem_groups import By, distinct, grouped
from cookietrace.lesson.problem_texts import problem_entry, problem_lines, summary_lines
from cookietrace.lesson.problems import ProblemBoard, problems
from cookietrace.lesson.table import Table
from cookietrace.recorders import JoinedStore
from cookietrace.stores import StoredEvents
from cookietrace.trace import Trace, fold
from tests.checking.sign_ins import broken_sign_in, working_sign_in
from tests.recorders.lab import recording
from tests.recorders.test_joined_store import lab_of


def lab_trace(count: int) -> Trace:
    """Return the story of some recorders: every third one has no problem, one has another."""
    captures = []
    for number in range(1, count + 1):
        events = broken_sign_in() if number % 3 else working_sign_in()
        if number == 1:
            events = broken_sign_in(cookie="other_state")
        captures.append(recording(events, f"{number:032x}"))
    return fold(StoredEvents(JoinedStore(lab_of(*captures), follows=False)))


TRACE = lab_trace(12)
TABLE = Table(TRACE)
FOUND = problems(TABLE)
BROKEN = ("lab-10", "lab-11", "lab-2", "lab-4", "lab-5", "lab-7", "lab-8")


def test_what_many_recorders_have_is_one_problem() -> None:
    """With a count, the recorders by name, and the place where it is worst."""
    by_code = {(one.moment.grade.code, one.moment.grade.cookies): one for one in distinct(FOUND)}
    assert {key: one.recorders for key, one in by_code.items()} == {
        ("same-site-lax", ("oauth_state",)): BROKEN,
        ("same-site-lax", ("other_state",)): ("lab-1",),
        ("without-credentials", ("cart",)): tuple(sorted(("lab-1", *BROKEN))),
    }
    shared = by_code["same-site-lax", ("oauth_state",)]
    assert shared.count == len(BROKEN)
    assert shared.who == "7 recorders: lab-10, lab-11, lab-2, lab-4, lab-5, lab-7 and lab-8"
    assert by_code["same-site-lax", ("other_state",)].who == "lab-1"
    lines = "\n".join(problem_lines(TABLE, shared, 200))
    assert "  Seen at: 7 recorders: lab-10" in lines
    assert "(7 times)" in lines
    assert problem_entry(TABLE, shared)["recorders"] == list(BROKEN)
    first, *_ = summary_lines(TABLE, FOUND, 200)
    assert first == "2 problems · 1 warning"


@pytest.mark.parametrize(
    ("by", "names"),
    [
        (By.RECORDER, ["lab-1", *sorted(BROKEN)]),
        (By.HOST, ["shop.test"]),
        (By.COOKIE, ["oauth_state", "other_state", "cart"]),
    ],
)
def test_groups(by: By, names: list[str]) -> None:
    """Each group has its own problems; the group with the worst one comes first."""
    groups = grouped(FOUND, by)
    assert sorted(group.name for group in groups) == sorted(names)
    assert groups[-1].problems[0].moment.rank >= groups[0].problems[0].moment.rank
    if by is By.RECORDER:
        for group in groups:
            assert [one.recorders for one in group.problems] == [(group.name,)] * 2
            assert group.tally.text == "1 problem · 1 warning"
            assert [one.count for one in group.problems] == [1, 1]


def test_a_capture_of_one_recorder_is_as_before() -> None:
    """Nothing is put together that was apart, and the group of no name says what it is."""
    table = Table(fold(broken_sign_in()))
    found = problems(table)
    assert [one.moment for one in distinct(found)] == list(found)
    assert [one.count for one in distinct(found)] == [moment.count for moment in found]
    (group,) = grouped(found, By.RECORDER)
    assert group.title(By.RECORDER) == "without a recorder"
    assert group.problems[0].who == ""


def test_recorders_have_no_problem_less_or_more_than_alone() -> None:
    """Read at once or bit by bit."""
    for number in (1, 2, 3):
        name = f"lab-{number}"
        events = working_sign_in() if number == 3 else broken_sign_in()
        if number == 1:
            events = broken_sign_in(cookie="other_state")
        alone = [(one.grade.code, one.count) for one in problems(Table(fold(events)))]
        here = [(one.grade.code, one.count) for one in FOUND if one.recorder == name]
        assert here == alone
    board = ProblemBoard(TABLE)
    while not board.update(limit=3):
        pass
    assert board.problems() == FOUND


def test_a_recorder_can_be_focused_on() -> None:
    """It is offered by name, and rows then call its clients as one recording does."""
    offered = [choice for choice in choices(TRACE) if choice.kind == "recorder"]
    assert [(choice.value, choice.count) for choice in offered[:2]] == [("lab-1", 4), ("lab-10", 4)]
    focus = offered[0].toggled(Focus())
    assert focus == Focus(recorder="lab-1")
    assert offered[0].chosen(focus)
    assert focus.describe() == "recorder lab-1"
    table = Table(TRACE, focus)
    everything = {TABLE.row(step).action for step in range(1, len(TABLE) + 1)}
    assert len(table) < len(TABLE)
    assert table.row(1).action == "GET /login (first request)"
    assert "lab-1: GET /login (first request)" in everything
    assert "lab-2 stores cookie 'oauth_state'='s3cr3t-state-of-the-sign-in'" in everything
    assert client_name(TRACE.clients[0]) == "lab-1"
    assert client_text(TRACE.clients[0]).startswith("lab-1 · ")
