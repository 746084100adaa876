"""The two tables of the seed trace, from events as the recorder writes them."""

from __future__ import annotations

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import track
from cookietrace.trace import Trace
from tests.story import seed_story

FOCUS = Focus(path="/", cookies=("user",))

EXECUTION_TABLE = [
    (
        "1",
        "Client sends first request",
        "{}",
        "None",
        "Set 'user'='Alice'",
        "Hello None",
    ),
    ("2", "Client stores cookie 'user'='Alice'", "{}", "N/A", "N/A", "N/A"),
    (
        "3",
        "Client sends second request with cookie",
        "{'user': 'Alice'}",
        "Alice",
        "Set 'user'='Alice'",
        "Hello Alice",
    ),
]

TRACKER = [
    ("request.cookies", "{}", "{}", "{}", "{'user': 'Alice'}"),
    ("user", "None", "None", "None", "Alice"),
    ("response cookie 'user'", "None", "Alice", "Alice", "Alice"),
]


def test_execution_table_of_the_seed() -> None:
    """The execution table is as designed, cell for cell."""
    table = Table(seed_story().trace(), FOCUS)
    assert table.headings == (
        "Step",
        "Action",
        "Request Cookies",
        "Read Cookie 'user'",
        "Set Cookie 'user'",
        "Response Content",
    )
    assert [table.row(step).cells for step in range(1, len(table) + 1)] == EXECUTION_TABLE


def test_execution_table_grows_event_by_event() -> None:
    """A table that is fed event by event ends like one read at once, and no row moves."""
    story = seed_story()
    whole = story.trace()

    live = Trace()
    table = Table(live, FOCUS)
    seen: list[int] = []
    for event in story.events:
        table.update(live.apply(event))
        order = [table.trace_row(step).index for step in range(1, len(table) + 1)]
        assert order[: len(seen)] == seen
        seen = order
    assert [table.row(step).cells for step in range(1, 4)] == EXECUTION_TABLE
    assert len(Table(whole, FOCUS)) == len(table)


def test_tracker_of_the_seed() -> None:
    """The variable tracker is as designed, cell for cell."""
    tracker = track(Table(seed_story().trace(), FOCUS))
    assert tracker.columns == ("Start", "After Step 1", "After Step 2", "After Step 3")
    assert [(row.name, *tracker.cells(row)) for row in tracker.rows] == TRACKER
