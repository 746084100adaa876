"""A table that reads only the rows on screen, so that 100,000 rows cost no more than ten."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from typing import ClassVar, Final

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.drawing.row_painter import paint_heading, paint_note, paint_row
from tui.drawing.table_layout import GAP, Cells, Column, Measure, RowSource
from tui.drawing.tones import TONE_NAMES
from tui.widgets.quick_lines import QuickLines
from tui.widgets.scrolled_size import resize_inside

_PARTIAL: Final = frozenset({"lit", "match"})
"""Styles that are added to another one instead of replacing it."""

_LINES: Final = 2
"""How many lines a row may take."""

_MOST_LINES: Final = 3
"""How many lines a row may take if all rows fit on the screen anyway."""

_PASSES: Final = 3
"""How often the rows on screen are measured, since a layout can bring others into sight."""

_MANY: Final = 500
"""If more rows than that have changed, all are read again."""

_INITIAL_WIDTH: Final = 80
"""The width for the layout before the table has a size."""


class VirtualTable(QuickLines, can_focus=True, inherit_bindings=False):
    """A table over a ``RowSource`` with a cursor row; posts ``Moved`` and ``Chosen``.

    The owner reports when rows were added (``rows_added``), changed (``rows_changed``) or
    replaced (``reload``); the table never polls.
    """

    ALLOW_SELECT = False

    SHOWN_BY_OWNER: ClassVar[bool] = False
    """True if the owner calls ``show_row`` for every ``Moved``, with the row to be on.

    Then the cursor is drawn together with what else the owner draws for it.
    """

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
    """Text to highlight wherever it occurs, ignoring case."""

    class Moved(Message):
        """The user moved the cursor, or scrolled."""

        def __init__(self, table: VirtualTable, index: int, *, scrolled: bool = False) -> None:
            super().__init__()
            self.table = table
            self.index = index
            self.scrolled = scrolled

        @property
        def control(self) -> VirtualTable:
            """The table that posted it."""
            return self.table

    class Chosen(Moved):
        """The user pressed Enter on a row, or double-clicked it."""

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
        self._notes: Sequence[int] = ()
        self._lines: int | None = None
        self._strips: LRUCache[tuple[int, bool, bool], list[Strip]] = LRUCache(512)
        self._styles: dict[str, Style] = {}
        self._drawn_cursor = 0
        """The row on which the cursor was drawn last."""
        self._measured: set[int] = set()
        self._measuring = False
        self._page = range(0)
        """The rows that were on the screen when the columns were measured again."""
        self._cells: LRUCache[int, Cells] = LRUCache(256)
        self._measure = Measure(columns, lines=None)
        self._layout = self._measure.layout(_INITIAL_WIDTH)
        self._room = 0
        self._tall = 0

    # For the owner ------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many rows the table knows about."""
        return self._count

    @property
    def lines(self) -> int:
        """How many lines a row takes now, without its note."""
        return self._layout.row_lines

    def noted(self) -> Sequence[int]:
        """Return the indices of the rows that have a note, in ascending order.

        A subclass with notes overrides it.
        """
        return ()

    def fix_lines(self, lines: int | None) -> None:
        """Give every row this many lines; None means as many as it needs."""
        self._lines = lines
        self._measure_again()

    def reload(
        self, source: RowSource | None = None, columns: tuple[Column, ...] | None = None
    ) -> None:
        """Replace the rows or headings, and measure the columns again."""
        if source is not None:
            self._source = source
        if columns is not None:
            self._columns = columns
        self._count = len(self._source)
        self._notes = self.noted()
        self.set_reactive(VirtualTable.cursor, max(0, min(self.cursor, self._count - 1)))
        self._measure_again()

    def rows_added(self) -> None:
        """Show rows that were added at the end."""
        before, count = self._count, len(self._source)
        if count != before:
            self._count = count
            self._notes = self.noted()
            self._resize_virtual()
            if min(before, count) <= self._last_row + 1:  # below the screen, nothing changes
                self._measure_visible_rows()
                self.refresh()

    def rows_changed(self, indices: Collection[int]) -> None:
        """Read rows again, now or when they are next visible."""
        if len(indices) > _MANY:
            self._forget_all()
        else:
            for index in indices:
                self._measured.discard(index)
                self._cells.discard(index)
                for cursor in (False, True):
                    for focused in (False, True):
                        self._strips.discard((index, cursor, focused))
        first, last = self._first_row, self._last_row
        if any(first <= index <= last for index in indices):
            self._measure_visible_rows()
            self.refresh()

    def _forget_all(self) -> None:
        self._measured.clear()
        self._cells.clear()
        self._strips.clear()

    def notes_changed(self) -> None:
        """Read which rows have notes, and those rows, again; the first row shown stays there."""
        first, above = self._first_row, self._top - self._y(self._first_row)
        at_cursor = self._first_row <= self.cursor <= self._last_row
        self._notes = self.noted()
        self._resize_virtual()
        self._forget_all()
        self._measure_visible_rows()
        self.scroll_to(y=self._y(first) + above, animate=False)
        if at_cursor:
            self._scroll_to_cursor()
        self.refresh()

    def show_row(self, index: int) -> None:
        """Move the cursor to a row without a message, and scroll to it."""
        index = max(0, min(index, self._count - 1))
        before, top = self._drawn_cursor, self._top
        self.set_reactive(VirtualTable.cursor, index)
        self._drawn_cursor = index
        self._scroll_to_cursor()
        self._measure_visible_rows()
        if self._top != top:
            self.refresh()
        elif index != before:
            self._refresh_row(before)
            self._refresh_row(index)

    def _refresh_row(self, index: int) -> None:
        """Draw one row again, if it is on the screen."""
        y, end = self._y(index) - self._top, self._y(index + 1) - self._top
        if end > 0 and y < self._height:
            heading = self._layout.heading_lines
            self.refresh(Region(0, heading + max(0, y), self.size.width, end - max(0, y)))

    # Geometry -----------------------------------------------------------------------------

    @property
    def _top(self) -> int:
        return int(self.scroll_offset.y)

    @property
    def _height(self) -> int:
        return max(0, self._tall - self._layout.heading_lines)

    def _y(self, index: int, lines: int = 0) -> int:
        """Return the line at which a row begins; for the count of rows, where the last one ends.

        ``lines`` is how many a row takes without its note, if not as many as now.
        """
        return index * (lines or self.lines) + bisect_left(self._notes, index)

    def _index_at(self, y: int, lines: int = 0) -> int:
        """Return the index of the row that a line belongs to; the last one if it is below."""
        at = bisect_right(range(self._count), y, key=lambda index: self._y(index, lines))
        return max(0, at - 1)

    @property
    def _first_row(self) -> int:
        return self._index_at(self._top)

    @property
    def _last_row(self) -> int:
        return self._index_at(self._top + self._height - 1) if self._count else -1

    @property
    def rows_on_screen(self) -> int:
        """How many whole rows fit; at least 1."""
        return max(1, self._height // self.lines)

    def _first_before(self, end: int) -> int:
        """Return the first row of a screen of whole rows that ends at a line."""
        return bisect_left(range(self._count), end - self._height, key=self._y)

    def _resize_virtual(self) -> None:
        end = self._y(self._count)
        rest = 0  # lets the last screen begin with a whole row
        if end > self._height > 0:
            first = min(self._first_before(end), self._count - 1)
            rest = max(0, self._y(first) + self._height - end)
        resize_inside(self, Size(self._room, end + self._layout.heading_lines + rest))

    def _scroll_to_cursor(self) -> None:
        if self._height <= 0:
            return
        top, end = self._y(self.cursor), self._y(self.cursor + 1)
        if top < self._top:
            self.scroll_to(y=top, animate=False)
        elif end > self._top + self._height:
            first = min(self._first_before(end), self.cursor)
            self.scroll_to(y=self._y(first), animate=False)

    def _measure_again(self) -> None:
        self._measure = Measure(self._columns, lines=self._lines)
        self._measured.clear()
        self._page = range(0)
        self._cells.clear()
        self._lay_out()
        self._resize_virtual()
        self._scroll_to_cursor()
        self._measure_visible_rows()
        self.refresh()

    def _measure_visible_rows(self) -> None:
        """Fit the columns to the rows on screen.

        While a row of the page that was measured first is still there, columns only grow, so
        that nothing jumps; on another page they are measured again.
        """
        if self._measuring:
            return  # scrolled by the layout itself
        self._measuring = True
        for again in range(_PASSES):
            visible = range(self._first_row, self._last_row + 1)
            page = self._page
            grew = bool(visible) and (visible[-1] < page.start or visible[0] >= page.stop)
            if grew and not again:
                self._page = visible
                self._measure = Measure(self._columns, lines=self._lines)
                self._measured.clear()
            for index in visible:
                if index not in self._measured:
                    self._measured.add(index)
                    row = self._source.cells(index)
                    self._cells.set(index, row)
                    grew = self._measure.add(row) or grew
            if not grew:
                break
            self._lay_out()
        self._measuring = False

    def _lay_out(self) -> None:
        all_lines = self._count * _MOST_LINES + len(self._notes)
        most = _MOST_LINES if all_lines <= self._tall - 2 else _LINES
        room = self._room or _INITIAL_WIDTH
        before, self._layout = self._layout, self._measure.layout(room, most)
        if self._layout != before:
            self._strips.clear()
            self.refresh()
            if (before.row_lines, before.heading_lines) != (
                self._layout.row_lines,
                self._layout.heading_lines,
            ):
                first = self._index_at(self._top, before.row_lines)
                cursor = self._y(self.cursor, before.row_lines)
                at_cursor = self._top <= cursor < self._top + self._tall
                self._resize_virtual()
                self.scroll_to(y=self._y(first), animate=False)
                if at_cursor:
                    self._scroll_to_cursor()

    # Drawing ------------------------------------------------------------------------------

    def _style(self, name: str) -> Style:
        found = self._styles.get(name)
        if found is None:
            found = (
                self.get_component_rich_style(f"table--{name}", partial=name in _PARTIAL)
                if name
                else self.rich_style
            )
            self._styles[name] = found
        return found

    def render_line(self, y: int) -> Strip:
        """Draw one line of the widget: a heading, or part of a row."""
        width = self._room
        if y < self._layout.heading_lines:
            strip = paint_heading(self._columns, self._layout, y, self._style)
            return strip.crop_extend(0, width, self._style("heading"))
        at = self._top + y - self._layout.heading_lines
        if at >= self._y(self._count):
            return Strip.blank(width, self.rich_style)
        index = self._index_at(at)
        return self._row(index)[at - self._y(index)]

    def _row(self, index: int) -> list[Strip]:
        key = (index, index == self.cursor, self.has_focus)
        strips = self._strips.get(key)
        if strips is None:
            base = self._style("")
            if key[1]:
                base = base + self._style("cursor" if key[2] else "blurred")
            row = self._cells.get(index) or self._source.cells(index)
            needle = self.needle.casefold()
            painted = paint_row(
                row, self._columns, self._layout, base, self._style, needle, cursor=key[1]
            )
            if index in self._notes[bisect_left(self._notes, index) :][:1]:
                note = paint_note(row, self._layout, self._room, base, self._style, needle)
                painted.append(note)
            strips = [strip.adjust_cell_length(self._room, base) for strip in painted]
            self._strips.set(key, strips)
        return strips

    # Events and actions -------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Draw everything in the new theme."""
        self._styles.clear()
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self, _event: events.Resize) -> None:
        """Lay out the columns for the new width."""
        self._room, self._tall = self.scrollable_content_region.size
        self._lay_out()
        self._resize_virtual()
        self._scroll_to_cursor()
        self._measure_visible_rows()
        self._strips.clear()

    def watch_needle(self) -> None:
        """Highlight the new search text."""
        self._strips.clear()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Fit the columns to the rows that are visible now."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._measure_visible_rows()

    def move_to(self, index: int) -> None:
        """Move the cursor for the user, with a message."""
        if self._count:
            if self.SHOWN_BY_OWNER:  # the next key may come before that
                index = max(0, min(index, self._count - 1))
                self.set_reactive(VirtualTable.cursor, index)
            else:
                self.show_row(index)
            self.post_message(self.Moved(self, self.cursor))

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.move_to(self.cursor + rows)

    def action_page(self, pages: float) -> None:
        """Move the cursor by screens."""
        self.move_to(self.cursor + int(pages * self.rows_on_screen))

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if self._count:
            self.post_message(self.Chosen(self, self.cursor))

    def row_at(self, y: int) -> int | None:
        """Return the index of the row at a line of the widget; None if there is none."""
        if y < self._layout.heading_lines:
            return None
        at = self._top + y - self._layout.heading_lines
        return self._index_at(at) if at < self._y(self._count) else None

    def column_at(self, x: int) -> int | None:
        """Return the index of the column at a cell of the widget; None if there is none."""
        end = self._layout.gutter + 1
        for index, width in enumerate(self._layout.widths):
            if end <= x < end + width + GAP:
                return index
            end += width + GAP
        return None

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row; a double click chooses it."""
        index = self.row_at(event.y)
        if index is None:
            return
        again = index == self.cursor and event.chain > 1
        self.move_to(index)
        if again:
            self.action_choose()

    def on_mouse_scroll_up(self, _event: events.MouseScrollUp) -> None:
        """Report that the newest rows may not be visible any more."""
        if self.max_scroll_y > 0:
            self.post_message(self.Moved(self, self.cursor, scrolled=True))
