"""``C``: what each browser does with the cookies of a step, side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.lesson.compared import YES, Comparison, step_lines
from cookietrace.lesson.display_text import plural
from cookietrace.lesson.mask import Mask
from tui.dialogs.base import PAGE, Dialog


class ComparedDialog(Dialog[None]):
    """Lists the lines of a step's response, or the cookies of its request, one after another."""

    HEADING = "One cookie in every browser and in the specification"
    KEYS = "↑ ↓ scroll · Esc or C closes"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("C", "leave", show=False)]

    def __init__(self, found: Sequence[Comparison], left_out: int, mask: Mask) -> None:
        """``left_out`` is how many more there are than those in ``found``."""
        super().__init__()
        self._found = found
        self._left_out = left_out
        self._mask = mask

    def content(self) -> Iterable[Widget]:
        """Yield the reports."""
        with VerticalScroll(can_focus=True, classes=PAGE):
            yield ComparedText(self._found, self._left_out, self._mask)

    def on_mount(self) -> None:
        """Give the text the keyboard focus, so that the arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()


class ComparedText(Static):
    """The reports, in the width that there is."""

    def __init__(self, found: Sequence[Comparison], left_out: int, mask: Mask) -> None:
        super().__init__(markup=False)
        self._found = found
        self._left_out = left_out
        self._mask = mask

    def on_resize(self) -> None:
        """Break the lines for the new width."""
        parts: list[tuple[str, str]] = []
        for number, found in enumerate(self._found):
            if number:
                parts.append(("\n", ""))
            first, *rest = step_lines(found, self._mask)
            for line in fitted(first, self.size.width):
                parts.append((f"{line}\n", "bold $foreground"))
            for text in rest:
                heading = text.endswith(":") and not text.startswith((" ", YES))
                tone = "bold $foreground" if heading else "$foreground"
                parts += ((f"{line}\n", tone) for line in fitted(text, self.size.width))
        if self._left_out:
            parts.append(
                (f"\nand {plural(self._left_out, 'more cookie')} of this step\n", "$quiet")
            )
        self.update(Content.assemble(*parts))


def fitted(line: str, width: int) -> Iterator[str]:
    """Yield a line broken for a width, with the rest indented further."""
    lead = line[: len(line) - len(line.lstrip())] + "  "
    lines = textwrap.wrap(
        line, max(20, width), subsequent_indent=lead, drop_whitespace=False, tabsize=1
    )
    yield from (each.rstrip() for each in lines or [""])
