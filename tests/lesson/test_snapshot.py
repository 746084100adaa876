"""Mode 7, the concept snapshot: counts that stand up to recounting, at every step."""

from __future__ import annotations

import pytest

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.snapshot import CONCEPTS, Snapshot, snapshot
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from tests.lesson.visits import CLICK, Visit, story_of
from tests.story import seed_story

SEED = Focus(path="/", cookies=("user",))

EVERYTHING = (
    Visit(sets=("a=1", "t=1", "e=1; Max-Age=5"), reads=(("a", None), ("session", None))),
    Visit(cookie="a=1; t=1", sets=("a=1", "t=2", "x=1; Domain=other.test"), reads=(("a", "1"),)),
    Visit(cookie="a=1; t=2", sets=("q=; Max-Age=0", "a=2; Path=/p", "n=1; SameSite=Strict")),
    Visit("/p", "a=2; a=1; t=2; n=1", sets=("t=; Max-Age=0",), reads=(("a", "2"),)),
    Visit(cookie="a=1; new=1", headers=CLICK),
    Visit(cookie="n=1; new=2"),
)


def test_seed() -> None:
    """The seed has shown the whole circle: nothing, set, stored, brought back, read, set again."""
    lines = snapshot(Table(seed_story().trace(), SEED))
    assert [(line.concept, line.count, line.step, line.latest) for line in lines] == [
        ("without-cookies", 1, 1, 1),
        ("read-none", 1, 1, 1),
        ("set", 1, 2, 2),
        ("sent", 1, 3, 3),
        ("read", 1, 3, 3),
        ("refreshed", 1, 3, 3),
    ]
    assert lines[0].text == "A request came without any cookie."


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_concept_can_be_shown(concept: str) -> None:
    """A rich story shows every concept; the first step to show it shows it alone, too."""
    table = Table(story_of(*EVERYTHING).trace())
    (line,) = (line for line in snapshot(table) if line.concept == concept)
    (at_first,) = (told for told in snapshot(table, line.step) if told.concept == concept)
    assert (at_first.step, at_first.latest) == (line.step, line.step)
    assert concept not in {told.concept for told in snapshot(table, line.step - 1)}


def test_counts_only_grow_with_the_steps() -> None:
    """At a later step nothing has been shown less often; lines say their count."""
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
    assert counts["changed"] == 1
    assert counts["unexplained"] == 2
    assert counts["read"] == 2


def test_what_became_of_a_cookie_is_counted_where_the_table_tells_it() -> None:
    """A step before the row that stores or refuses, it was not yet to be seen."""
    table = Table(story_of(Visit(sets=("a=1", "x=1; Domain=other.test"))).trace())
    kinds = [table.trace_row(step).kind.value for step in (1, 2, 3)]
    assert kinds == ["exchange", "stores", "refused"]
    steps = {line.concept: line.step for line in snapshot(table)}
    assert (steps["set"], steps["refused"]) == (2, 3)


def test_live_and_at_once_are_the_same() -> None:
    """Fed event by event, and read in between, it ends as one that saw all at once."""
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
    """Looked at two steps at a time, a table gives the same lines in the end."""
    table = Table(story_of(*EVERYTHING).trace())
    board = Snapshot(table)
    rounds = 1
    while not board.update(limit=2):
        rounds += 1
    assert rounds > 2
    assert board.lines() == snapshot(table)


def test_focus_and_empty() -> None:
    """Cookies out of focus are not counted; a table without steps has shown nothing."""
    lines = snapshot(Table(story_of(*EVERYTHING).trace(), Focus(cookies=("t",))))
    assert {line.concept: line.count for line in lines}["set"] == 1
    assert snapshot(Table(Trace())) == ()
