"""The tracker's pane: a variable's whole value, and the changes that led to it."""

from __future__ import annotations

import pytest

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import History, TrackerBoard
from cookietrace.lesson.tracker.pane import value_sections
from tests.story import seed_story

ONE = ((2, "'Alice'"),)


@pytest.mark.parametrize(
    ("history", "step", "first", "second"),
    [
        pytest.param(
            History("user", "None", 0, ()),
            0,
            ("user at the start", "None", "unchanged since the start"),
            ("Changed 0 times so far", "start: None"),
            id="before any step",
        ),
        pytest.param(
            History("user", "None", 0, ()),
            4,
            ("user after step 4", "None", "unchanged since the start"),
            ("Changed 0 times so far", "start: None"),
            id="never changed",
        ),
        pytest.param(
            History("user", "None", 1, ONE),
            2,
            ("user after step 2", "'Alice'", "changed by this step"),
            ("Changed 1 time so far", "step 2: 'Alice'", "start: None"),
            id="changed here",
        ),
        pytest.param(
            History("user", "None", 1, ONE),
            3,
            ("user after step 3", "'Alice'", "unchanged since step 2"),
            ("Changed 1 time so far", "step 2: 'Alice'", "start: None"),
            id="changed before",
        ),
        pytest.param(
            History("user", "None", 3, ((1200, "c"), (1100, "b"))),
            1300,
            ("user after step 1,300", "c", "unchanged since step 1,200"),
            (
                "Changed 3 times so far",
                "step 1,200: c",
                "step 1,100: b",
                "and 1 earlier change",
            ),
            id="more than is shown",
        ),
    ],
)
def test_a_value(
    history: History, step: int, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    """The value and its age, then the changes, latest first, back to the start."""
    now, before = value_sections(history, step, lambda at: f"{at:,}")
    assert (now.title, *(line.text for line in now.lines)) == first
    assert (before.title, *(line.text for line in before.lines)) == second


@pytest.mark.parametrize(("step", "marks"), [(0, None), (1, None), (2, Mark.CHANGED), (3, None)])
def test_the_step_that_changes_it_is_marked(step: int, marks: Mark | None) -> None:
    """The value has the mark of a change only at the step that made it."""
    table = Table(seed_story().trace(), Focus(path="/", cookies=("user",)))
    board = TrackerBoard(table, jar=True)
    assert board.update()
    history = board.history("jar: 'user' for 127.0.0.1/", step)
    now, _ = value_sections(history, step, table.label)
    assert [line.mark for line in now.lines] == [marks, None]
