"""Mode 7, the concept snapshot: the counts at every step."""

from __future__ import annotations

import pytest

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.snapshot import CONCEPTS, Snapshot, snapshot
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from tests.lesson.visits import CLICK, SCRIPT, Visit, story_of
from tests.story import seed_story

SEED = Focus(path="/", cookies=("user",))

EVERYTHING = (
    Visit(sets=("a=1", "t=1", "e=1; Max-Age=5"), reads=(("a", None), ("session", None))),
    Visit(cookie="a=1; t=1", sets=("a=1", "t=2", "x=1; Domain=other.test"), reads=(("a", "1"),)),
    Visit(cookie="a=1; t=2", sets=("q=; Max-Age=0", "a=2; Path=/p", "n=1; SameSite=Strict")),
    Visit("/p", "a=2; a=1; t=2; n=1", sets=("t=; Max-Age=0",), reads=(("a", "2"),)),
    Visit(cookie="a=1; new=1", headers=CLICK),
    Visit(cookie="n=1; new=2"),
    Visit("/slow", "n=1; new=2", sets=("new=3",), late=1),
    Visit("/out", "n=1; new=3", sets=("late=value; Expires=Sun, 15 Jun 2025 15:00:00 GMT",)),
    Visit(headers=SCRIPT, sets=("s=1",)),
    Visit(cookie="n=1; new=3"),
    Visit(headers=SCRIPT, sets=("s=1",)),
)


def test_seed() -> None:
    """The seed shows the whole cycle: nothing, set, stored, sent back, read, set again."""
    lines = snapshot(Table(seed_story().trace(), SEED))
    assert [(line.concept, line.count, line.step, line.latest) for line in lines] == [
        ("without-cookies", 1, 1, 1),
        ("read-none", 1, 1, 1),
        ("set", 1, 2, 2),
        ("sent", 1, 3, 3),
        ("read", 1, 3, 3),
        ("refreshed", 1, 3, 3),
    ]
    assert [line.text for line in lines] == [
        "A request arrived without cookies.",
        "The server read a cookie that was not in the request, and got None.",
        "A response set a cookie that the client did not have, and the client stored it.",
        "The client sent a stored cookie back by itself.",
        "The server read a cookie that the client had sent.",
        "A response set a cookie that the client already had, and nothing changed.",
    ]


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_concept_can_be_shown(concept: str) -> None:
    """A rich story shows every concept, from its first step on and not before."""
    table = Table(story_of(*EVERYTHING).trace())
    (line,) = (line for line in snapshot(table) if line.concept == concept)
    (at_first,) = (other for other in snapshot(table, line.step) if other.concept == concept)
    assert (at_first.step, at_first.latest) == (line.step, line.step)
    assert concept not in {other.concept for other in snapshot(table, line.step - 1)}


def test_counts_only_grow_with_the_steps() -> None:
    """Counts never fall at a later step, and each line contains its count."""
    board = Snapshot(Table(story_of(*EVERYTHING).trace()))
    board.update()
    before: dict[str, int] = {}
    for step in range(len(Table(story_of(*EVERYTHING).trace())) + 1):
        now = {line.concept: line.count for line in board.lines(step)}
        assert all(now[concept] >= count for concept, count in before.items())
        before = now
        for line in board.lines(step):
            assert line.count == 1 or str(line.count) in line.text


def test_counts() -> None:
    """The counts are those of the story."""
    counts = {line.concept: line.count for line in snapshot(Table(story_of(*EVERYTHING).trace()))}
    assert counts["set"] == 5
    assert counts["refused"] == 1
    assert counts["deleted"] == 1
    assert counts["changed"] == 2
    assert counts["unexplained"] == 2
    assert counts["read"] == 2


def test_an_outcome_is_counted_at_its_own_row() -> None:
    """Stored and refused cookies are counted at the rows that show it, not before."""
    table = Table(story_of(Visit(sets=("a=1", "x=1; Domain=other.test"))).trace())
    kinds = [table.trace_row(step).kind.value for step in (1, 2, 3)]
    assert kinds == ["exchange", "stores", "refused"]
    steps = {line.concept: line.step for line in snapshot(table)}
    assert (steps["set"], steps["refused"]) == (2, 3)


def test_live_and_at_once_are_the_same() -> None:
    """A snapshot that is fed event by event ends like one that read everything at once."""
    story = story_of(*EVERYTHING)
    trace = Trace()
    table = Table(trace)
    board = Snapshot(table)
    for event in story.events:
        update = trace.apply(event)
        table.update(update)
        board.update(update)
        board.lines()
    assert board.lines() == snapshot(Table(story.trace()))


def test_catching_up_bit_by_bit() -> None:
    """Reading two steps at a time gives the same lines in the end."""
    table = Table(story_of(*EVERYTHING).trace())
    board = Snapshot(table)
    rounds = 1
    while not board.update(limit=2):
        rounds += 1
    assert rounds > 2
    assert board.lines() == snapshot(table)


def test_focus_and_empty() -> None:
    """Cookies out of focus are not counted; an empty table shows nothing."""
    lines = snapshot(Table(story_of(*EVERYTHING).trace(), Focus(cookies=("t",))))
    assert {line.concept: line.count for line in lines}["set"] == 1
    assert snapshot(Table(Trace())) == ()
