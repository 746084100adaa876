"""A table that reads only the rows on screen, so that 100,000 cost no more than ten."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.drawing.cells import Cells, RowSource
from tui.drawing.columns import Column
from tui.drawing.measure import GAP, Measure
from tui.drawing.tones import TONE_NAMES
from tui.widgets.row_painter import paint_heading, paint_row

_PARTIAL: Final = frozenset({"lit", "match"})
"""Looks that change another one, and say nothing of the rest."""

_UNSEEN: Final = 80
"""The width that a table lays itself out for before it has one."""


class VirtualTable(ScrollView, can_focus=True, inherit_bindings=False):
    """A table over a ``RowSource`` with a cursor row; posts ``Moved`` and ``Chosen``.

    The owner says when rows came (``rows_added``), changed (``rows_changed``) or
    became others altogether (``reload``); the table never asks by itself.
    """

    ALLOW_SELECT = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--heading",
        "table--cursor",
        "table--blurred",
        "table--lit",
        "table--match",
    } | {f"table--{tone}" for tone in TONE_NAMES}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)
    """The index of the row the cursor is on; 0 in an empty table."""
    needle: reactive[str] = reactive("")
    """Text to light up wherever it occurs, in any case."""

    class Moved(Message):
        """A person moved the cursor, or scrolled it out of sight."""

        def __init__(self, table: VirtualTable, index: int, *, scrolled: bool = False) -> None:
            super().__init__()
            self.table = table
            self.index = index
            self.scrolled = scrolled

        @property
        def control(self) -> VirtualTable:
            """The table it happened in."""
            return self.table

    class Chosen(Moved):
        """A person pressed Enter on a row, or clicked it a second time."""

    def __init__(
        self,
        source: RowSource,
        columns: tuple[Column, ...],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(id=id)
        self._source = source
        self._columns = columns
        self._count = len(source)
        self._lines: int | None = None
        self._strips: LRUCache[tuple[int, bool, bool], list[Strip]] = LRUCache(512)
        self._looks: dict[str, Style] = {}
        self._measured: set[int] = set()
        self._cells: LRUCache[int, Cells] = LRUCache(256)
        self._measure = Measure(columns, lines=None)
        self._layout = self._measure.layout(_UNSEEN)
        self._room = 0
        self._tall = 0

    # What the owner says ------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many rows the table knows of."""
        return self._count

    @property
    def lines(self) -> int:
        """How many lines a row takes now."""
        return self._layout.row_lines

    def fix_lines(self, lines: int | None) -> None:
        """Let every row take so many lines; None leaves it to what fits."""
        self._lines = lines
        self._start_afresh()

    def reload(
        self, source: RowSource | None = None, columns: tuple[Column, ...] | None = None
    ) -> None:
        """Take other rows or headings, and measure afresh."""
        if source is not None:
            self._source = source
        if columns is not None:
            self._columns = columns
        self._count = len(self._source)
        self.set_reactive(VirtualTable.cursor, max(0, min(self.cursor, self._count - 1)))
        self._start_afresh()

    def rows_added(self) -> None:
        """Take in rows that came at the end."""
        count = len(self._source)
        if count != self._count:
            self._count = count
            self._resize_virtual()
            self._look_at_rows()
            self.refresh()

    def rows_changed(self, first: int, last: int) -> None:
        """Read the rows from ``first`` to ``last`` again: now, or when they are next in sight."""
        for index in range(first, last + 1):
            self._measured.discard(index)
            self._cells.discard(index)
            for cursor in (False, True):
                for focused in (False, True):
                    self._strips.discard((index, cursor, focused))
        if first <= self._last_row and last >= self._first_row:
            self._look_at_rows()
            self.refresh()

    def show_row(self, index: int) -> None:
        """Put the cursor on a row without a message, and scroll it into sight."""
        index = max(0, min(index, self._count - 1))
        self.set_reactive(VirtualTable.cursor, index)
        self._scroll_into_sight()
        self._look_at_rows()
        self.refresh()

    # Geometry -----------------------------------------------------------------------------

    @property
    def _top(self) -> int:
        return int(self.scroll_offset.y)

    @property
    def _height(self) -> int:
        return max(0, self._tall - self._layout.heading_lines)

    @property
    def _first_row(self) -> int:
        return self._top // self.lines

    @property
    def _last_row(self) -> int:
        return min(self._count, -(-(self._top + self._height) // self.lines)) - 1

    @property
    def rows_on_screen(self) -> int:
        """How many whole rows there is room for; 1 at least."""
        return max(1, self._height // self.lines)

    def _resize_virtual(self) -> None:
        rest = self._height % self.lines  # so that the newest row can end a screen of whole rows
        height = self._count * self.lines + self._layout.heading_lines + rest
        self.virtual_size = Size(self._room, height)

    def _scroll_into_sight(self) -> None:
        if self._height <= 0:
            return
        top = self.cursor * self.lines
        if top < self._top:
            self.scroll_to(y=top, animate=False)
        elif top + self.lines > self._top + self._height:
            first = self.cursor + 1 - self.rows_on_screen
            self.scroll_to(y=first * self.lines, animate=False)

    def _start_afresh(self) -> None:
        self._measure = Measure(self._columns, lines=self._lines)
        self._measured.clear()
        self._cells.clear()
        self._lay_out()
        self._resize_virtual()
        self._scroll_into_sight()
        self._look_at_rows()
        self.refresh()

    def _look_at_rows(self) -> None:
        """Let the columns grow to what the rows on screen need."""
        grew = False
        for index in range(self._first_row, self._last_row + 1):
            if index not in self._measured:
                self._measured.add(index)
                row = self._source.cells(index)
                self._cells.set(index, row)
                grew = self._measure.look(row) or grew
        if grew:
            self._lay_out()

    def _lay_out(self) -> None:
        before, self._layout = self._layout, self._measure.layout(self._room or _UNSEEN)
        if self._layout != before:
            self._strips.clear()
            self.refresh()
            if (before.row_lines, before.heading_lines) != (
                self._layout.row_lines,
                self._layout.heading_lines,
            ):
                self._resize_virtual()
                self._scroll_into_sight()

    # Drawing ------------------------------------------------------------------------------

    def _look(self, name: str) -> Style:
        found = self._looks.get(name)
        if found is None:
            found = (
                self.get_component_rich_style(f"table--{name}", partial=name in _PARTIAL)
                if name
                else self.rich_style
            )
            self._looks[name] = found
        return found

    def render_line(self, y: int) -> Strip:
        """Draw one line of the widget: a heading, or part of a row."""
        width = self._room
        if y < self._layout.heading_lines:
            strip = paint_heading(self._columns, self._layout, y, self._look)
            return strip.crop_extend(0, width, self._look("heading"))
        index, part = divmod(self._top + y - self._layout.heading_lines, self.lines)
        if index >= self._count:
            return Strip.blank(width, self.rich_style)
        return self._row(index)[part]

    def _row(self, index: int) -> list[Strip]:
        key = (index, index == self.cursor, self.has_focus)
        strips = self._strips.get(key)
        if strips is None:
            base = self._look("")
            if key[1]:
                base = base + self._look("cursor" if key[2] else "blurred")
            row = self._cells.get(index) or self._source.cells(index)
            needle = self.needle.casefold()
            painted = paint_row(
                row, self._columns, self._layout, base, self._look, needle, cursor=key[1]
            )
            strips = [strip.adjust_cell_length(self._room, base) for strip in painted]
            self._strips.set(key, strips)
        return strips

    # What happens to it -------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Draw everything again in the new theme."""
        self._looks.clear()
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self, _event: events.Resize) -> None:
        """Share out the new width."""
        self._room, self._tall = self.scrollable_content_region.size
        self._lay_out()
        self._resize_virtual()
        self._scroll_into_sight()
        self._look_at_rows()
        self._strips.clear()

    def watch_needle(self) -> None:
        """Light up what is searched for now."""
        self._strips.clear()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Let the columns fit the rows that came into sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._look_at_rows()

    def move_to(self, index: int) -> None:
        """Move the cursor as a person does: with a message."""
        if self._count:
            self.show_row(index)
            self.post_message(self.Moved(self, self.cursor))

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.move_to(self.cursor + rows)

    def action_page(self, pages: float) -> None:
        """Move the cursor by screenfuls."""
        self.move_to(self.cursor + int(pages * self.rows_on_screen))

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if self._count:
            self.post_message(self.Chosen(self, self.cursor))

    def row_at(self, y: int) -> int | None:
        """Return the index of the row on a line of the widget; None where there is none."""
        if y < self._layout.heading_lines:
            return None
        index = (self._top + y - self._layout.heading_lines) // self.lines
        return index if index < self._count else None

    def column_at(self, x: int) -> int | None:
        """Return the index of the column on a cell of the widget; None where there is none."""
        end = self._layout.gutter + 1
        for index, width in enumerate(self._layout.widths):
            if end <= x < end + width + GAP:
                return index
            end += width + GAP
        return None

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the person clicked; a second click chooses."""
        index = self.row_at(event.y)
        if index is None:
            return
        again = index == self.cursor and event.chain > 1
        self.move_to(index)
        if again:
            self.action_choose()

    def on_mouse_scroll_up(self, _event: events.MouseScrollUp) -> None:
        """Say that the newest rows may be going out of sight."""
        if self.max_scroll_y > 0:
            self.post_message(self.Moved(self, self.cursor, scrolled=True))
