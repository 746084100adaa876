"""Mode 4, the variable tracker beyond the seed: jar rows, windows, changes, live updates."""

from __future__ import annotations

import pytest

from cookietrace import events as ev
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.mask import masked
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import Tracker, TrackerBoard, track
from cookietrace.safe_text import safe
from cookietrace.trace import Trace
from tests.lesson.visits import SHOP, Visit, story_of
from tests.story import Story, seed_story

SEED = Focus(path="/", cookies=("user",))

VISITS = (
    Visit(sets=("a=1", "b=2; Max-Age=5; Path=/x")),
    Visit(cookie="a=1", sets=("a=3",)),
    Visit(cookie="a=3"),
    Visit(cookie="a=3", sets=("a=; Max-Age=0",)),
)


def cells(tracker: Tracker) -> dict[str, tuple[str, ...]]:
    """The values by variable."""
    return {row.name: tracker.cells(row) for row in tracker.rows}


def test_jar_rows_of_the_seed() -> None:
    """With the jar, one more row shows what the client holds after each step."""
    tracker = track(Table(seed_story().trace(), SEED), jar=True)
    assert cells(tracker)["jar: 'user' for 127.0.0.1/"] == ("None", "None", "Alice", "Alice")
    assert len(tracker.rows) == 4


def test_jar_rows_follow_every_change() -> None:
    """Storing, replacing, expiring and deleting a cookie changes its row at the right step."""
    table = Table(story_of(*VISITS).trace())
    found = cells(track(table, jar=True))
    steps = range(len(table) + 1)
    for name, row in (("a", "jar: 'a' for shop.test/"), ("b", "jar: 'b' for shop.test/x")):
        held = ["None"] + [
            next(
                (
                    cookie.value
                    for cookie in table.trace.jar_at("c1", table.position(step))
                    if cookie.name == name
                ),
                "None",
            )
            for step in steps
            if step
        ]
        assert list(found[row]) == held


def test_jar_rows_distinguish_clients_and_keys() -> None:
    """Cookies of the same name with other keys, or in another jar, have their own rows."""
    visits = (Visit(sets=("a=1", "a=2; Domain=shop.test")), Visit(sets=("a=3",), client="c2"))
    names = [row.name for row in track(Table(story_of(*visits).trace()), jar=True).rows]
    assert names[-3:] == [
        "jar: 'a' for shop.test/",
        "jar: 'a' for *.shop.test/",
        "jar of client 2: 'a' for shop.test/",
    ]


def test_only_changes() -> None:
    """Columns without changes are dropped; the start and the values stay."""
    tracker = track(Table(story_of(*VISITS).trace()))
    kept = tracker.only_changes()
    assert kept.columns[0] == "Start"
    assert set(kept.columns) < set(tracker.columns)
    for row in kept.rows:
        for step in kept.shown[1:]:
            assert any(other.changed_at(step) for other in kept.rows)
        assert kept.cells(row) == tuple(row.value(step) for step in kept.shown)


def test_windows_show_the_same_values() -> None:
    """Any range of steps equals the same columns of the whole."""
    table = Table(story_of(*VISITS).trace())
    board = TrackerBoard(table, jar=True)
    board.update()
    last = len(table)
    whole = cells(board.window(0))
    for first in range(last + 1):
        for end in range(first, last + 1):
            part = board.window(first, end)
            assert part.columns[0] == ("Start" if first == 0 else f"After Step {first}")
            for name, values in cells(part).items():
                assert values == whole[name][first : end + 1]
            for row in part.rows:
                for step in part.shown[1:]:
                    assert row.changed_at(step) is (
                        whole[row.name][step] != whole[row.name][step - 1]
                    )


def test_live_and_at_once_are_the_same() -> None:
    """A board that is fed event by event ends like one that read everything at once."""
    story = story_of(*VISITS)
    trace = Trace()
    table = Table(trace)
    board = TrackerBoard(table, jar=True)
    for event in story.events:
        update = trace.apply(event)
        table.update(update)
        board.update(update)
        board.window(0)
    whole = track(Table(story.trace()), jar=True)
    assert cells(board.window(0)) == cells(whole)


def test_catching_up_bit_by_bit() -> None:
    """Reading two steps at a time gives the same values in the end."""
    table = Table(story_of(*VISITS).trace())
    board = TrackerBoard(table, jar=True)
    rounds = 1
    while not board.update(limit=2):
        rounds += 1
    assert rounds > 2
    assert cells(board.window(0)) == cells(track(table, jar=True))


def test_out_of_range() -> None:
    """Steps out of range become the nearest one; an empty table has a start."""
    board = TrackerBoard(Table(story_of(*VISITS).trace()))
    board.update()
    assert board.window(5, 99).steps == len(Table(story_of(*VISITS).trace()))
    assert track(Table(Trace())).columns == ("Start",)


def test_mask() -> None:
    """With a mask, no row shows a value."""
    tracker = track(Table(seed_story().trace(), SEED, mask=masked), jar=True)
    assert "Alice" not in repr(tracker)


@pytest.mark.parametrize("value", ["Alice", "it's", "a\\b", "é"])
def test_mask_within_a_local(value: str) -> None:
    """A local that holds the cookie's value inside something else shows it masked, too."""
    story = Story(SHOP)
    asked = story.ask("/", "user=x")
    now = [value]
    server = ev.Server(
        exchange_id=asked,
        at=story.now,
        function="view",
        file="app.py",
        first_line=1,
        source=None,
        lines=(2, 3),
        reads=(ev.CookieRead(name="user", value=value, where="view", line=2),),
        writes=(),
        locals=(
            ev.Local(name="user", line=2, value=repr(value), text=value),
            ev.Local(name="user", line=3, value=repr(now), text=None),
        ),
    )
    story.respond(asked, server=server)
    trace = story.trace()
    assert cells(track(Table(trace)))["user"][1] == safe(repr(now))
    assert cells(track(Table(trace, mask=masked)))["user"][1] in (
        f"['{masked(value)}']",
        f'["{masked(value)}"]',
    )
