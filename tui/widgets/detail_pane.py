"""Everything about the selected step, in words: what ``cookietrace.lesson.detail`` says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cookietrace.lesson.detail import Section
from cookietrace.lesson.row_marks import SIGNS
from tui.drawing.fit import fit
from tui.drawing.tones import tone
from tui.widgets.help_data import HelpData

_INDENT: Final = 2
_LINES: Final = 60
"""The most lines that one line of a section is broken into."""


class DetailPane(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Draws sections; scrolls by itself, and keeps its place where the step stays the same."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Scroll up", show=False),
        Binding("down,j", "scroll_down", "Scroll down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("enter", "screen.zoom_detail", "Zoom", show=False),
    ]

    def __init__(self, guide: HelpData, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        """``guide`` is what ``?`` says of it."""
        super().__init__(id=id)
        self.GUIDE = guide
        self._key: object = None
        self._sections: Sequence[Section] = ()
        self._width = 0

    def compose(self) -> ComposeResult:
        """One text; it is bounded, so it needs no virtual lines."""
        yield Static(id="detail-text", markup=False)

    def show(self, key: object, sections: Sequence[Section]) -> None:
        """Show the sections; scroll to the top where ``key`` names another thing than before."""
        another = key != self._key
        if not another and sections == self._sections:
            return
        self._key, self._sections = key, sections
        self._draw()
        if another:
            self.scroll_home(animate=False)

    def on_resize(self, _event: events.Resize) -> None:
        """Break the lines for the new width."""
        if self._width != self.scrollable_content_region.width:
            self._draw()

    def _draw(self) -> None:
        self._width = self.scrollable_content_region.width
        self.query_one("#detail-text", Static).update(drawn_sections(self._sections, self._width))


def drawn_sections(sections: Sequence[Section], width: int) -> Content:
    """Return the sections as text: titles, marks in colour with their sign, lines hung in."""
    parts: list[tuple[str, str]] = []
    for number, section in enumerate(sections):
        if number:
            parts.append(("\n", ""))
        parts.append((f"{section.title}\n", "bold $foreground"))
        for line in section.lines:
            sign = line.sign or (SIGNS[line.mark] if line.mark is not None else "")
            sign = f"{sign} " if sign else ""
            style = f"${tone(line.mark)}" if line.mark is not None else "$foreground"
            if line.mark is None and line.indent:
                style = "$quiet"
            lead = " " * (_INDENT * (line.indent + 1))
            for i, text in enumerate(fit(line.text, max(8, width - len(lead + sign)), _LINES)):
                hang = sign if i == 0 else " " * len(sign)
                parts.append((f"{lead}{hang}{text}\n", style))
    return Content.assemble(*parts)
