"""Scrolling pages of text: one drawn as a whole, and one that draws only visible lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widgets import Static

from tui.drawing.canvas import Part
from tui.widgets.quick_lines import QuickLines
from tui.widgets.scrolled_size import resize_inside

_KEPT: Final = 256
"""How many drawn lines are kept."""

Line = tuple[Part | Content, ...]
"""The parts of one line."""


def _key(line: Line) -> object:
    """Return what differs between lines that look different, as long as the lines exist.

    Contents with the same text are equal whatever their styles are.
    """
    return tuple(id(part) if isinstance(part, Content) else part for part in line)


class PageView(ScrollableContainer, can_focus=True, inherit_bindings=False):
    """Shows lines wrapped for ``text_width``; posts ``RoomChanged`` if that changes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Scroll up", show=False),
        Binding("down,j", "scroll_down", "Scroll down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
    ]

    class RoomChanged(Message):
        """The space for the text has changed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._room = Size()

    def compose(self) -> ComposeResult:
        """Yield one text."""
        yield Static(classes="page-text", markup=False)

    @property
    def text_width(self) -> int:
        """How many cells fit on a line."""
        return max(20, self.scrollable_content_region.width)

    def show(self, lines: Sequence[Line], line: int | None = None) -> None:
        """Show the lines, and scroll to the line with this index, if any."""
        self.draw(lines)
        if line is not None:
            self.call_after_refresh(self._scroll_to_line, line)

    def draw(self, lines: Sequence[Line]) -> None:
        """Draw all lines."""
        self.query_one(Static).update(Content("\n").join(Content.assemble(*line) for line in lines))

    def _scroll_to_line(self, line: int) -> None:
        top = int(self.scroll_offset.y)
        height = self.scrollable_content_region.height
        if not top <= line <= top + height - 4:
            self.scroll_to(y=max(0, line - 2), animate=False)

    def on_resize(self, _event: events.Resize) -> None:
        """Ask the owner for lines that fit the new space."""
        room = self.scrollable_content_region.size
        if self._room != room:
            self._room = room
            self.post_message(self.RoomChanged())


class DrawnLines(QuickLines):
    """Draws those of its lines that are visible, so that long texts cost no more than short ones.

    It never wraps: its lines fit ``text_width``.
    """

    ALLOW_SELECT = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._strips: LRUCache[object, tuple[Line, Strip]] = LRUCache(_KEPT)
        """Lines as they were drawn: another step has many of the same."""

    @property
    def text_width(self) -> int:
        """How many cells fit on a line."""
        return max(20, self.scrollable_content_region.width)

    @property
    def plain(self) -> str:
        """All lines as text."""
        return "\n".join(Content.assemble(*line).plain for line in self._lines)

    def draw(self, lines: Sequence[Line]) -> None:
        """Replace the lines; ``render_line`` draws those that are visible."""
        self._lines = lines
        resize_inside(self, Size(self.text_width, len(lines)))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line at ``y``."""
        width, number = self.text_width, y + int(self.scroll_offset.y)
        base = self.visual_style
        if number >= len(self._lines):
            return Strip.blank(width, base.rich_style)
        line = self._lines[number]
        chosen = self.text_selection
        span = chosen.get_span(number) if chosen is not None else None
        key = _key(line), number, width, base, span
        kept = self._strips.get(key)
        if kept is None:
            strip = self._drawn(line, span, width, base)
            strip = strip.adjust_cell_length(width, base.rich_style).apply_offsets(0, number)
            self._strips[key] = kept = line, strip
        return kept[1]

    def _drawn(self, line: Line, span: tuple[int, int] | None, width: int, base: Style) -> Strip:
        content = Content.assemble(*line)
        if span is not None:
            start, end = span
            style = Style.from_styles(self.screen.get_component_styles("screen--selection"))
            content = content.stylize(style, start, None if end < 0 else end)
        strips = Visual.to_strips(self, content, width, 1, base, apply_selection=False)
        return strips[0] if strips else Strip.blank(0)

    def notify_style_update(self) -> None:
        """Draw everything in the new theme."""
        self._strips.clear()
        super().notify_style_update()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text selected with the mouse."""
        return selection.extract(self.plain), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the new selection."""
        del selection
        self.refresh()


class LinesView(PageView, DrawnLines):
    """A ``PageView`` that draws only visible lines."""

    draw = DrawnLines.draw

    def compose(self) -> ComposeResult:
        """Yield nothing; ``render_line`` draws the lines."""
        return ()
