"""Mode 4: variables by steps up to the selected step, with the names always in view."""

from __future__ import annotations

from textual.pilot import Pilot

from cookietrace.lesson.focus import Focus
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import track
from tests.tui import captures
from tests.tui.conftest import Open, Opened, screen_text, until
from tui.modes.tracker import TrackerScreen
from tui.widgets.tracker_table import CHANGED, TrackerTable

USER = Focus(path="/", cookies=("user",))

SEED = """
|                                | Start | After Step 1 | After Step 2 | After Step 3        |
| request.cookies                | {}    | {}           | {}           | ● {'user': 'Alice'} |
| user                           | None  | None         | None         | ● Alice             |
| response cookie 'user'         | None  | ● Alice      | Alice        | Alice               |
| jar: 'user' for 127.0.0.1/     | None  | None         | ● Alice      | Alice               |
"""


def grid(text: str) -> list[list[str]]:
    """The cells of a table in text."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.strip().splitlines()
    ]


async def tracker(it: Opened, pilot: Pilot[None]) -> TrackerScreen:
    """Open the tracker."""
    await it.go_to(pilot, "4")
    screen = it.app.screen
    assert isinstance(screen, TrackerScreen)
    return screen


def shown(screen: TrackerScreen) -> list[list[str]]:
    """The headings and rows of the table."""
    rows = screen.table._source
    columns = [column.title.removeprefix("▸ ") for column in screen.table._columns]
    return [["", *columns[1:-1]]] + [list(rows.cells(i).texts[:-1]) for i in range(len(rows))]


def headings(screen: TrackerScreen) -> list[str]:
    """The headings of the steps."""
    return shown(screen)[0][1:]


def lit(screen: TrackerScreen) -> list[str]:
    """The headings of the highlighted columns."""
    return [column.title for column in screen.table._columns if column.lit]


async def test_the_seed_cell_for_cell(opened: Open) -> None:
    """The seed's tracker, with the jar's cookie below it, fits small and large screens."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        screen = await tracker(it, pilot)
        cells = [cell for row in grid(SEED)[1:] for cell in row]
        for size in ((80, 24), (160, 48)):
            await it.resize(pilot, *size)
            await until(pilot, lambda: all(cell in screen_text(it.app) for cell in cells))
            assert shown(screen) == grid(SEED), size
            assert lit(screen) == ["▸ After Step 3"], size


async def test_later_steps_are_not_shown(opened: Open) -> None:
    """Columns end at the selected step, which is highlighted, with their values."""
    it = opened(captures.seed(), focus=USER)
    all_columns = grid(SEED)[0][1:]
    async with it.app.run_test(size=(120, 30)) as pilot:
        screen = await tracker(it, pilot)
        for keys, count in (
            (("end", "left"), 3),
            (("end", "left", "left"), 2),
            (("home", "right", "right"), 4),
            (("end", "v"), 4),
        ):
            await it.press(pilot, *keys)
            columns = all_columns[:count]
            assert headings(screen) == columns, keys
            assert lit(screen) == [f"▸ {columns[-1]}"], keys
            values = [row[1 : count + 1] for row in grid(SEED)[1:]]
            cells = [row[1:] for row in shown(screen)[1:]]
            assert cells == values[: len(cells)], keys


async def test_names_stay_while_steps_scroll_sideways(opened: Open) -> None:
    """A wide trace scrolls to its start and back; names and selected step stay."""
    it = opened([event for batch in captures.many(40) for event in batch])
    async with it.app.run_test(size=(80, 24)) as pilot:
        screen = await tracker(it, pilot)
        names = [row[0] for row in shown(screen)[1:]]
        last = it.app.story.count
        assert headings(screen)[-1] == f"After Step {last}"
        await pilot.press("shift+left", "shift+left")
        await it.settled(pilot)
        assert headings(screen)[-1] == f"After Step {last - 2}"
        assert lit(screen) == []
        await pilot.press("shift+home")
        await it.settled(pilot)
        assert headings(screen)[:2] == ["Start", "After Step 1"]
        assert len(headings(screen)) > 2
        assert [row[0] for row in shown(screen)[1:]][: len(names)] == names[:3]
        assert it.app.story.step == last
        await pilot.press("left")
        await it.settled(pilot)
        assert headings(screen)[-1] == f"After Step {last - 1}"
        assert lit(screen) == [f"▸ After Step {last - 1}"]


async def test_only_changes(opened: Open) -> None:
    """``v`` keeps the steps that changed something, and the variables that changed."""
    it = opened([event for batch in captures.many(35) for event in batch])
    async with it.app.run_test(size=(160, 30)) as pilot:
        screen = await tracker(it, pilot)
        await pilot.press("v")
        await it.settled(pilot)
        whole = track(Table(it.app.story.trace), jar=True)
        steps = [
            step
            for step in range(1, whole.steps + 1)
            if any(row.changed_at(step) for row in whole.rows)
        ]
        wanted = ["Start", *(f"After Step {step}" for step in steps)]
        assert headings(screen) == wanted[-len(headings(screen)) :]
        for row in shown(screen)[1:]:
            assert any(cell.startswith(CHANGED) for cell in row[1:])
        assert "no changes since step" in screen_text(it.app)
        assert lit(screen) == [f"▸ After Step {steps[-1]}"]
        await pilot.press("v")
        await it.settled(pilot)
        assert headings(screen)[-1] == f"After Step {it.app.story.count}"


async def test_the_variable_under_the_cursor_is_shown_in_full(opened: Open) -> None:
    """A value too long for its column is shown whole below, with its history."""
    long = "abcdefghi " * 30
    events = [
        captures.started(),
        captures.client(),
        *captures.visit(1, "https://shop.test/", set_cookies=[f"long={long.strip()}; Path=/"]),
    ]
    it = opened(events)
    async with it.app.run_test(size=(80, 40)) as pilot:
        screen = await tracker(it, pilot)
        await pilot.press("down")
        await it.settled(pilot)
        assert "…" in screen_text(it.app)
        await pilot.press("enter")
        await until(pilot, lambda: screen.has_class("-zoomed"))
        text = screen_text(it.app)
        assert "response cookie 'long' after step 2" in text
        assert "unchanged since step 1" in text
        assert text.count("abcdefghi") >= 30
        assert "start: None" in text


async def test_keys_lead_to_the_changes_of_a_variable(opened: Open) -> None:
    """Comma and full stop select the steps at which the variable changed."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(100, 30)) as pilot:
        await tracker(it, pilot)
        await pilot.press("down", "down", "down", "comma")
        await it.settled(pilot)
        assert it.app.story.step == 2
        await pilot.press("up", "comma")
        await it.settled(pilot)
        assert it.app.story.step == 1
        await pilot.press("up", "full_stop")
        await it.settled(pilot)
        assert it.app.story.step == 3


async def test_a_click_selects_the_step_of_its_column(opened: Open) -> None:
    """A click anywhere in a column selects its step."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await tracker(it, pilot)
        lines = screen_text(it.app).splitlines()
        row = next(i for i, line in enumerate(lines) if "response cookie" in line)
        x = lines[row].index("● Alice")
        region = screen.table.region
        await pilot.click(TrackerTable, offset=(x - region.x, row - region.y))
        await until(pilot, lambda: it.app.story.step == 1)
        await it.settled(pilot)
        assert headings(screen) == ["Start", "After Step 1"]


async def test_growth_while_looking_back(opened: Open) -> None:
    """New steps do not change the columns up to the selected one."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await tracker(it, pilot)
        await pilot.press("left")
        await it.settled(pilot)
        before = shown(screen)
        more = captures.visit(3, "http://127.0.0.1:8081/", cookie="user=Alice", content="Hello")
        it.append(more)
        await it.settled(pilot)
        assert it.app.story.count == 4
        assert shown(screen) == before
        await pilot.press("end")
        await it.settled(pilot)
        assert headings(screen)[-1] == "After Step 4"


async def test_masked(opened: Open) -> None:
    """Hidden values show neither in cells nor below."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await tracker(it, pilot)
        await pilot.press("m", "down")
        await it.settled(pilot)
        assert "Alice" not in screen_text(it.app)
        assert "•••" in screen_text(it.app)
        assert len(shown(screen)) == 5


async def test_a_key_for_rows_that_have_changed(opened: Open) -> None:
    """A key that arrives after variables have gone does no harm."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(100, 30)) as pilot:
        screen = await tracker(it, pilot)
        screen.table.move_to(screen.table.count - 1)
        it.app.stepping.go_to(1)
        await it.settled(pilot)
        assert screen.table.cursor < screen.table.count


async def test_hostile_values_are_text(opened: Open) -> None:
    """Markup and escape sequences in names and values are drawn literally."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(160, 48)) as pilot:
        screen = await tracker(it, pilot)
        names = [row[0] for row in shown(screen)]
        for _ in range(names.index("response cookie 'evil'") - 1):
            await pilot.press("down")
        await it.settled(pilot)
        text = screen_text(it.app)
        assert r"[reverse]\x1b]0" in text
        assert "\x1b" not in text


async def test_a_long_trace_is_read_in_parts(opened: Open) -> None:
    """A trace of thousands of steps is shown while it is still being read."""
    it = opened([event for batch in captures.many(6000) for event in batch])
    async with it.app.run_test(size=(100, 30)) as pilot:
        await it.settled(pilot)
        board = it.app.story.boards.tracker
        assert not board.catch_up()
        assert 0 < board.board.seen < it.app.story.count
        screen = await tracker(it, pilot)
        await until(pilot, lambda: screen.at_rest)
        assert headings(screen)[-1] == f"After Step {it.app.story.count}"
        assert f" of {it.app.story.count:,} steps" not in screen_text(it.app)
