"""The table that reads only the rows on the screen."""

from __future__ import annotations

import msgspec
from textual.app import App, ComposeResult

from tui.app.themes import DARK
from tui.drawing.table_layout import Cells, Column
from tui.widgets.virtual_table import VirtualTable

COLUMNS = (Column("Step", 4, right=True), Column("Action", 10))


class Numbers:
    """Any number of rows; remembers which were read."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: set[int] = set()
        self.word = "row"

    def __len__(self) -> int:
        """The number of rows."""
        return self.count

    def cells(self, index: int) -> Cells:
        """One row."""
        self.asked.add(index)
        return Cells((str(index + 1), f"{self.word} {index + 1}"), ("quiet", "sent"))


class TableApp(App[None]):
    """An app with a table only."""

    CSS_PATH = "../../tui/app/styles.tcss"

    def __init__(self, source: Numbers) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self.source = source
        self.moves: list[tuple[int, bool]] = []
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        """The table."""
        yield VirtualTable(self.source, COLUMNS)

    @property
    def table(self) -> VirtualTable:
        """The table."""
        return self.query_one(VirtualTable)

    def on_virtual_table_moved(self, event: VirtualTable.Moved) -> None:
        """Record the message."""
        self.moves.append((event.index, event.scrolled))

    def on_virtual_table_chosen(self, event: VirtualTable.Chosen) -> None:
        """Record the message."""
        self.chosen.append(event.index)

    def lines(self) -> list[str]:
        """What the table shows."""
        return [self.table.render_line(y).text.rstrip() for y in range(self.table.size.height)]


async def test_reads_only_rows_on_screen() -> None:
    """Of a hundred thousand rows only those that fit the screen are read."""
    app = TableApp(Numbers(100_000))
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.focus()
        await pilot.pause()
        assert app.source.asked == set(range(19))
        app.table.show_row(99_999)
        await pilot.pause()
        assert len(app.source.asked) <= 40
        assert app.lines()[-1].split() == ["100000", "row", "100000"]


async def test_keys_move_the_cursor() -> None:
    """Arrows, j and k, pages and half pages each post a message, and none leaves the table."""
    app = TableApp(Numbers(100))
    async with app.run_test(size=(60, 21)) as pilot:
        app.table.focus()
        await pilot.press("down", "j", "j", "up", "k", "pagedown", "ctrl+d", "pageup", "pageup")
        await pilot.pause()
        assert [index for index, _ in app.moves] == [1, 2, 3, 2, 1, 21, 31, 11, 0]
        await pilot.press("enter")
        assert app.chosen == [0]


async def test_mouse() -> None:
    """A click moves the cursor, and a double click chooses."""
    app = TableApp(Numbers(100))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.click(VirtualTable, offset=(10, 5))
        await pilot.pause()
        assert app.moves == [(4, False)]
        await pilot.click(VirtualTable, offset=(10, 5), times=2)
        await pilot.pause()
        assert app.chosen == [4]
        await pilot._post_mouse_events([], VirtualTable)
        assert app.table.row_at(0) is None


async def test_new_rows_do_not_move_the_cursor() -> None:
    """Rows are added at the end; cursor and scroll position stay."""
    app = TableApp(Numbers(50))
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.show_row(30)
        await pilot.pause()
        before = app.lines()
        app.source.count = 60
        app.table.rows_added()
        await pilot.pause()
        assert app.lines() == before
        assert app.table.count == 60


async def test_a_changed_row_is_drawn_again() -> None:
    """A row is shown as it is now once the table has been notified."""
    app = TableApp(Numbers(5))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        app.source.word = "changed"
        app.table.rows_changed([1])
        await pilot.pause()
        assert app.lines()[1:4] == ["    1  row 1", "    2  changed 2", "    3  row 3"]


class NotedTable(VirtualTable):
    """A table in which some rows have notes."""

    notes: tuple[int, ...] = ()

    def noted(self) -> tuple[int, ...]:
        """The rows with a note."""
        return self.notes


class Noted(Numbers):
    """Rows that have notes."""

    def cells(self, index: int) -> Cells:
        """One row."""
        note = (f"a note that is far too long to be shown {index}", f"note {index}")
        return msgspec.structs.replace(super().cells(index), note=note, note_tone="refused")


class NotedApp(TableApp):
    """An app with such a table only."""

    def compose(self) -> ComposeResult:
        """The table."""
        yield NotedTable(self.source, COLUMNS)


async def test_notes_are_lines_of_their_own() -> None:
    """A note is below its row; keys, clicks and the scroll position keep to the rows."""
    app = NotedApp(Noted(100))
    async with app.run_test(size=(40, 11)) as pilot:
        table = app.query_one(NotedTable)
        table.focus()
        table.show_row(50)
        await pilot.pause()
        first = app.lines()[1]
        table.notes = (1, 3, 45, 47, 50, 99)
        table.notes_changed()
        await pilot.pause()
        lines = [line.strip() for line in app.lines()[1:]]
        assert lines[-1] == "note 50"
        assert lines[-2].split() == ["51", "row", "51"]
        assert [line for line in lines if "note" in line] == ["note 45", "note 47", "note 50"]
        at = lines.index("note 47") + 1
        assert table.row_at(at) == table.row_at(at - 1) == 47
        assert first.split()[-1] == "42"
        await pilot.press("end", "pagedown", *["pagedown"] * 5)
        await pilot.pause()
        assert app.lines()[-1].strip() == "note 99"
        await pilot.press(*["pageup"] * 12)
        await pilot.pause()
        assert [line.strip() for line in app.lines()[2:5]] == ["2  row 2", "note 1", "3  row 3"]
        app.source.count = 0
        table.notes = ()
        table.reload()
        await pilot.pause()
        assert (table.count, app.lines()[1]) == (0, "")


async def test_the_searched_text_is_highlighted() -> None:
    """The text is highlighted in every row that has it, in upper or lower case."""
    app = TableApp(Numbers(3))
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.needle = "ROW"
        await pilot.pause()
        strip = app.table.render_line(2)
        assert [s.text for s in strip if s.style is not None and s.style.underline] == ["row"]


async def test_an_empty_table_takes_every_key() -> None:
    """Without rows no key moves the cursor or fails."""
    app = TableApp(Numbers(0))
    async with app.run_test(size=(60, 20)) as pilot:
        app.table.focus()
        await pilot.press("down", "pagedown", "enter", "up")
        assert app.moves == []
        assert app.chosen == []


async def test_a_row_that_changed_off_the_screen_is_read_again() -> None:
    """A row drawn before it was scrolled away is read again once it has changed."""
    app = TableApp(Numbers(100))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert app.lines()[1].split() == ["1", "row", "1"]
        app.table.show_row(99)
        await pilot.pause()
        app.source.word = "line"
        app.table.rows_changed([0])
        app.table.show_row(0)
        await pilot.pause()
        assert [line.split()[1] for line in app.lines()[1:3]] == ["line", "row"]


class Wide(Numbers):
    """Rows of which the first ones have long texts."""

    def cells(self, index: int) -> Cells:
        """One row."""
        self.asked.add(index)
        return Cells((f"n{index}" + "x" * (20 if index < 5 else 0), "end"), ("", ""))


async def test_columns_follow_the_rows_in_sight() -> None:
    """Columns stay while rows scroll by one, and are measured anew on another page."""
    app = TableApp(Wide(200))
    async with app.run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        starts = []
        for row in (0, 22, 24, 40, 41, 0):
            app.table.show_row(row)
            await pilot.pause()
            starts.append(app.lines()[-1].index("end"))
        assert starts == [25, 25, 25, 7, 7, 25]
