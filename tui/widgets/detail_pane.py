"""A pane of sections in plain words, as ``cookietrace.lesson.detail`` makes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType

from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.sections import FIX, Line, Section, Weight
from tui.drawing.fit import fit
from tui.drawing.tones import tone
from tui.widgets.guide import Guide
from tui.widgets.page_view import DrawnLines
from tui.widgets.page_view import Line as DrawnLine

_INDENT: Final = 2
_LINES: Final = 60
"""The most lines of one line of a section."""


class DetailPane(DrawnLines, can_focus=True, inherit_bindings=False):
    """Draws sections, and keeps its scroll position while it shows the same thing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Scroll up", show=False),
        Binding("down,j", "scroll_down", "Scroll down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("enter", "screen.zoom_detail", "Zoom", show=False),
    ]

    def __init__(self, guide: Guide, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        """``guide`` is what ``?`` says about it."""
        super().__init__(id=id)
        self.GUIDE = guide
        self._key: object = None
        self._sections: Sequence[Section] = ()
        self._width = 0

    def show(self, key: object, sections: Sequence[Section]) -> None:
        """Show the sections; scroll to the top if ``key`` differs from the last one."""
        another = key != self._key
        if not another and sections == self._sections:
            return
        self._key, self._sections = key, sections
        self._draw()
        if another:
            self.scroll_home(animate=False)

    def on_resize(self, _event: events.Resize) -> None:
        """Wrap the lines for the new width."""
        if self._width != self.scrollable_content_region.width:
            self._draw()

    def _draw(self) -> None:
        self._width = self.scrollable_content_region.width
        self.draw(drawn_sections(self._sections, self._width - 1))


def drawn_sections(sections: Sequence[Section], width: int) -> list[DrawnLine]:
    """Return the sections as lines: titles, indented lines, marks with sign and colour.

    What to do is bold; a verdict and its reasons are in the brightest colour, and only what
    was on the wire is dim.
    """
    lines: list[DrawnLine] = []
    for number, section in enumerate(sections):
        if number:
            lines.append(())
        lines += _title(section, width)
        for line in section.lines:
            sign = line.sign or (SIGNS[line.mark] if line.mark is not None else "")
            sign = f"{sign} " if sign else ""
            style = _style(section, line)
            lead = " " * (_INDENT * (line.indent + 1))
            hang = len(FIX) if line.text.startswith(FIX) else 0
            room = max(8, width - len(lead + sign) - hang)
            for i, text in enumerate(fit(line.text[hang:], room, _LINES)):
                before = f"{sign}{line.text[:hang]}"
                shown = f"{lead}{before if i == 0 else ' ' * len(before)}{text}"
                lines.append(((shown, style),))
    return lines


def _title(section: Section, width: int) -> Iterator[DrawnLine]:
    sign = f"{SIGNS[section.mark]} " if section.mark is not None else ""
    style = f"bold ${tone(section.mark) or 'foreground'}"
    for i, text in enumerate(fit(section.title, max(8, width - len(sign)), _LINES)):
        yield ((f"{sign if i == 0 else ' ' * len(sign)}{text}", style),)


def _style(section: Section, line: Line) -> str:
    if line.text.startswith(FIX):
        return "bold $foreground"
    if line.mark is not None:
        return f"${tone(line.mark) or 'foreground'}"
    return "$quiet" if section.weight is Weight.RAW else "$foreground"
