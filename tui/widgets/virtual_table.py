"""A table that reads only the rows on screen, so that 100,000 cost no more than ten."""

from __future__ import annotations

from typing import ClassVar, Final, Protocol

import msgspec
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.columns import Column, share_out
from tui.fit import fit, needed
from tui.tones import TONE_NAMES

_GAP: Final = 2
_WIDEST: Final = 120


class Cells(msgspec.Struct, frozen=True, gc=False):
    """One row as it is drawn; every text is already safe for a terminal."""

    texts: tuple[str, ...]
    tones: tuple[str, ...]
    """A tone for each text; ``""`` for plain."""
    marks: tuple[tuple[str, str], ...] = ()
    """``(glyph, tone)`` pairs for the gutter."""


class RowSource(Protocol):
    """Where a table gets its rows; asked only for those on screen."""

    def __len__(self) -> int:
        """How many rows there are now."""

    def cells(self, index: int) -> Cells:
        """The row at an index from 0; it may have changed since it was last asked for."""


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
        "table--match",
        "table--gap",
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
    row_lines: reactive[int] = reactive(1)
    """How many lines every row takes."""
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
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._source = source
        self._columns = columns
        self._count = len(source)
        self._widths: tuple[int, ...] = ()
        self._needs: list[int] = []
        self._wishes: list[int] = []
        self._gutter = 0
        self._strips: LRUCache[tuple[int, bool, bool], list[Strip]] = LRUCache(512)
        self._looks: dict[str, Style] = {}
        self._forget_measures()

    # What the owner says ------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many rows the table knows of."""
        return self._count

    def reload(
        self, source: RowSource | None = None, columns: tuple[Column, ...] | None = None
    ) -> None:
        """Take other rows or headings, and measure afresh."""
        if source is not None:
            self._source = source
        if columns is not None:
            self._columns = columns
        self._count = len(self._source)
        self._forget_measures()
        self.set_reactive(VirtualTable.cursor, max(0, min(self.cursor, self._count - 1)))
        self._arrange()

    def rows_added(self) -> None:
        """Take in rows that came at the end."""
        count = len(self._source)
        if count != self._count:
            self._count = count
            self._resize_virtual()
            self._measure()
            self.refresh()

    def rows_changed(self, first: int, last: int) -> None:
        """Read the rows from ``first`` to ``last`` again, where they are on screen."""
        for index in range(max(first, self._first_row), min(last, self._last_row) + 1):
            self._forget_row(index)
        if first <= self._last_row and last >= self._first_row:
            self._measure()
            self.refresh()

    def show_row(self, index: int, *, center: bool = False) -> None:
        """Put the cursor on a row without a message, and scroll it into sight."""
        index = max(0, min(index, self._count - 1))
        self.set_reactive(VirtualTable.cursor, index)
        self._scroll_into_sight(index, center=center)
        self._measure()
        self.refresh()

    # Geometry -----------------------------------------------------------------------------

    @property
    def heading_lines(self) -> int:
        """How many lines the headings take."""
        return min(2, self.row_lines)

    @property
    def _room(self) -> int:
        return self.scrollable_content_region.width

    @property
    def rows_on_screen(self) -> int:
        """How many whole rows there is room for; 1 at least."""
        return max(1, (self.size.height - self.heading_lines) // self.row_lines)

    @property
    def _first_row(self) -> int:
        return int(self.scroll_offset.y) // self.row_lines

    @property
    def _last_row(self) -> int:
        bottom = int(self.scroll_offset.y) + self.size.height - self.heading_lines
        return min(self._count, -(-bottom // self.row_lines)) - 1

    def _resize_virtual(self) -> None:
        height = self._count * self.row_lines + self.heading_lines
        self.virtual_size = Size(self._room, height)

    def _scroll_into_sight(self, index: int, *, center: bool = False) -> None:
        room = self.size.height - self.heading_lines
        if room <= 0:
            return
        top = index * self.row_lines
        offset = int(self.scroll_offset.y)
        if top < offset or top + self.row_lines > offset + room:
            if center:
                target = top - room // 2
            elif top < offset:
                target = top
            else:
                target = top + self.row_lines - room
            self.scroll_to(y=max(0, target), animate=False)

    def _forget_measures(self) -> None:
        self._needs = [0] * len(self._columns)
        self._wishes = [0] * len(self._columns)
        self._gutter = 0
        self._widths = ()
        self._strips.clear()
        self._measure_titles()

    def _forget_row(self, index: int) -> None:
        for cursor in (False, True):
            for focused in (False, True):
                self._strips.discard((index, cursor, focused))

    def _measure_titles(self) -> None:
        for i, column in enumerate(self._columns):
            self._needs[i] = needed(column.title, self.heading_lines, _WIDEST)
            self._wishes[i] = cell_len(column.title)

    def _measure(self) -> None:
        """Let the columns grow to what the rows on screen need; they never shrink by themselves."""
        if self._room <= 0:
            return
        grew = not self._widths
        for index in range(self._first_row, self._last_row + 1):
            row = self._source.cells(index)
            if len(row.marks) > self._gutter:
                self._gutter, grew = len(row.marks), True
            for i, text in enumerate(row.texts):
                wish = needed(text, 1, _WIDEST)
                if wish > self._wishes[i]:
                    self._wishes[i], grew = wish, True
                need = needed(text, self.row_lines, _WIDEST)
                if need > self._needs[i]:
                    self._needs[i], grew = need, True
        if grew:
            gaps = _GAP * (len(self._columns) - 1) + 1
            room = self._room - self._gutter_width - gaps
            widths = share_out(self._columns, self._needs, self._wishes, room)
            if widths != self._widths:
                self._widths = widths
                self._strips.clear()
                self.refresh()

    @property
    def _gutter_width(self) -> int:
        return self._gutter + 1 if self._gutter else 0

    def _arrange(self) -> None:
        self._strips.clear()
        self._widths = ()
        self._resize_virtual()
        self._scroll_into_sight(self.cursor)
        self._measure()
        self.refresh()

    # Drawing ------------------------------------------------------------------------------

    def _look(self, name: str) -> Style:
        found = self._looks.get(name)
        if found is None:
            partial = name in ("", "table--match")
            found = (
                self.rich_style
                if not name
                else self.get_component_rich_style(name, partial=partial)
            )
            self._looks[name] = found
        return found

    def render_line(self, y: int) -> Strip:
        """Draw one line of the widget: a heading, or part of a row."""
        width = self._room
        if y < self.heading_lines:
            return self._heading(y).crop_extend(0, width, self._look("table--heading"))
        line = int(self.scroll_offset.y) + y - self.heading_lines
        index, part = divmod(line, self.row_lines)
        if index >= self._count:
            return Strip.blank(width, self.rich_style)
        return self._row(index)[part]

    def _heading(self, y: int) -> Strip:
        style = self._look("table--heading")
        segments = [Segment(" " * (self._gutter_width + 1), style)]
        for column, width in zip(self._columns, self._widths, strict=False):
            lines = fit(column.title, width, self.heading_lines)
            skip = self.heading_lines - len(lines)
            text = lines[y - skip] if y >= skip else ""
            segments.append(Segment(_padded(text, width, right=column.right), style))
            segments.append(Segment(" " * _GAP, style))
        return Strip(segments)

    def _row(self, index: int) -> list[Strip]:
        key = (index, index == self.cursor, self.has_focus)
        strips = self._strips.get(key)
        if strips is None:
            strips = self._draw(self._source.cells(index), key[1])
            self._strips.set(key, strips)
        return strips

    def _draw(self, row: Cells, at_cursor: bool) -> list[Strip]:
        base = self._look("")
        if at_cursor:
            base = base + self._look("table--cursor" if self.has_focus else "table--blurred")
        background = Style(bgcolor=base.bgcolor)
        blocks = [
            fit(text, width, self.row_lines)
            for text, width in zip(row.texts, self._widths, strict=False)
        ]
        strips: list[Strip] = []
        for part in range(self.row_lines):
            segments = self._draw_gutter(row, base, background, part)
            for i, block in enumerate(blocks):
                text = block[part] if part < len(block) else ""
                style = base
                if row.tones[i]:
                    style = base + self._look(f"table--{row.tones[i]}") + background
                right = self._columns[i].right
                padded = _padded(text, self._widths[i], right=right)
                segments.extend(self._lit(padded, style))
                segments.append(Segment(" " * _GAP, base))
            strip = Strip(segments).crop_extend(0, self._room, base)
            strips.append(strip)
        return strips

    def _draw_gutter(self, row: Cells, base: Style, background: Style, part: int) -> list[Segment]:
        segments = [Segment(" ", base)]
        if self._gutter:
            shown = row.marks if part == 0 else ()
            for sign, tone in shown:
                segments.append(Segment(sign, base + self._look(f"table--{tone}") + background))
            segments.append(Segment(" " * (self._gutter_width - len(shown)), base))
        return segments

    def _lit(self, text: str, style: Style) -> list[Segment]:
        """Split the text so that what was searched for is lit."""
        needle = self.needle.casefold()
        folded = text.casefold() if needle else ""
        if not needle or needle not in folded or len(folded) != len(text):
            return [Segment(text, style)]
        lit = style + self._look("table--match")
        segments: list[Segment] = []
        start = 0
        while (found := folded.find(needle, start)) >= 0:
            segments.append(Segment(text[start:found], style))
            start = found + len(needle)
            segments.append(Segment(text[found:start], lit))
        segments.append(Segment(text[start:], style))
        return segments

    # What happens to it -------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Draw everything again in the new theme."""
        self._looks.clear()
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self, _event: events.Resize) -> None:
        """Share out the new width."""
        self._arrange()

    def watch_row_lines(self) -> None:
        """Measure again for the new height of a row."""
        self._forget_measures()
        self._arrange()

    def watch_needle(self) -> None:
        """Light up what is searched for now."""
        self._strips.clear()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Let the columns fit the rows that came into sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._measure()

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
        if y < self.heading_lines:
            return None
        index = (int(self.scroll_offset.y) + y - self.heading_lines) // self.row_lines
        return index if index < self._count else None

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

    @property
    def cursor_region(self) -> Region:
        """Where the cursor row is, in lines of the widget."""
        top = self.cursor * self.row_lines + self.heading_lines - int(self.scroll_offset.y)
        return Region(0, top, self._room, self.row_lines)


def _padded(text: str, width: int, *, right: bool) -> str:
    blank = " " * max(0, width - cell_len(text))
    return blank + text if right else text + blank
