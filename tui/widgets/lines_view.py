"""A page of lines, of which only those in sight are drawn: for pages that can be long."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

from tui.widgets.page_view import Line, PageView


class LinesView(PageView, ScrollView):
    """A ``PageView`` in which a line costs nothing before it comes into sight.

    Stepping through a long page takes no longer than through a short one.
    """

    ALLOW_SELECT = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()

    def compose(self) -> ComposeResult:
        """Nothing: the lines are drawn here."""
        return ()

    @property
    def plain(self) -> str:
        """The whole page as text."""
        return "\n".join(Content.assemble(*line).plain for line in self._lines)

    def draw(self, lines: Sequence[Line]) -> None:
        """Take the lines, to draw those that come into sight."""
        self._lines = lines
        self.virtual_size = Size(self.text_width, len(lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line that stands at ``y`` now."""
        width, number = self.text_width, y + int(self.scroll_offset.y)
        base = self.visual_style
        if number >= len(self._lines):
            return Strip.blank(width, base.rich_style)
        content = Content.assemble(*self._lines[number])
        chosen = self.text_selection
        span = chosen.get_span(number) if chosen is not None else None
        if span is not None:
            start, end = span
            style = Style.from_styles(self.screen.get_component_styles("screen--selection"))
            content = content.stylize(style, start, None if end < 0 else end)
        strips = Visual.to_strips(self, content, width, 1, base, apply_selection=False)
        strip = strips[0] if strips else Strip.blank(0)
        return strip.adjust_cell_length(width, base.rich_style).apply_offsets(0, number)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what the mouse has selected."""
        return selection.extract(self.plain), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw another selection."""
        del selection
        self.refresh()
