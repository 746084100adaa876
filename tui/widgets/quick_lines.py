"""Draws a widget's own lines without what Textual does to each of them every time."""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.cache import LRUCache
from textual.color import Color
from textual.geometry import Region
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

_KEPT: Final = 512
"""How many lines are kept with their padding."""


class QuickLines(ScrollView):
    """A scrolling widget that keeps the lines which it draws, and draws the same ``Strip`` again.

    Textual keeps lines by their place on the screen, so scrolling by one row styles, cuts and
    encodes all of them again. A strip remembers how it was cut and encoded. Only the lines inside
    the border are drawn this way, and only while nothing fades or tints them.

    No line has links: what it shows comes from the wire. So the mouse over it highlights none, and
    draws nothing.
    """

    auto_links: Reactive[bool] = Reactive(False)
    _padded: LRUCache[int, tuple[Strip, Strip]] | None = None
    """The strips by their ``id``, each with the whole line that was made of it."""
    _padded_for: tuple[Color, Color, int] | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines of the widget, with its padding and border."""
        styles = self.styles
        width, height = self.region.size
        gutter, padding = styles.gutter, styles.padding
        border = styles.border
        plain = (
            crop.column_span == (0, width)
            and not (border.left[0] or border.right[0])
            and not (padding.top or padding.bottom)
            and not any(edge for edge, _ in styles.outline)
            and not styles.has_rule("hatch")
            and self.opacity == styles.text_opacity == 1.0
            and not styles.tint.a
        )
        if not plain:
            return super().render_lines(crop)
        base, background = self.background_colors
        if self._padded is None or self._padded_for != (base, background, width):
            self._padded = LRUCache(_KEPT)
            self._padded_for = base, background, width
        style = Style(background=base + background).rich_style
        filters = self.get_line_filters()
        strips: list[Strip] = []
        for y in crop.line_range:
            if not gutter.top <= y < height - gutter.bottom:
                strips += super().render_lines(Region(0, y, width, 1))
                continue
            strip = self.render_line(y - gutter.top)
            found = self._padded.get(id(strip))
            if found is None:
                found = strip, _whole(strip, padding.left, padding.right, width, style)
                self._padded[id(strip)] = found
            strip = found[1]
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, background)
            strips.append(strip)
        return strips


def _whole(strip: Strip, left: int, right: int, width: int, style: RichStyle) -> Strip:
    """Return a line of ``width`` cells with its padding."""
    strip = strip.adjust_cell_length(width - left - right, style)
    if not (left or right):
        return strip
    before = [Segment(" " * left, style)] if left else []
    after = [Segment(" " * right, style)] if right else []
    return Strip([*before, *strip, *after], width)
