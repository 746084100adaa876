"""Measures the rows that come on screen, and lays the columns out for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from rich.cells import cell_len

from tui.drawing.cells import Cells
from tui.drawing.columns import Column, share_out
from tui.drawing.fit import needed

GAP: Final = 2
"""Blank cells between two columns."""

_WIDEST: Final = 120


class Layout(msgspec.Struct, frozen=True):
    """How a table is laid out."""

    widths: tuple[int, ...]
    gutter: int
    """Cells for signs before the first column, a blank one included."""
    row_lines: int
    heading_lines: int


class Measure:
    """Widths only grow, so columns come to rest; begin with a new one to start afresh.

    ``lines`` fixes how many lines a row takes; None lets it be one where
    everything fits in one, else ``most``.
    """

    def __init__(self, columns: Sequence[Column], *, lines: int | None, most: int = 2) -> None:
        self._columns = tuple(columns)
        self._lines = lines
        self._tall = lines if lines is not None else most
        self._one_line = [0] * len(columns)
        self._tall_need = [0] * len(columns)
        self._signs = 0
        self._title_need = [needed(column.title, 2, _WIDEST) for column in columns]
        self._title_wish = [cell_len(column.title) for column in columns]

    def look(self, row: Cells) -> bool:
        """Take a row in; return whether it needs more than was known."""
        grew = len(row.marks) > self._signs
        self._signs = max(self._signs, len(row.marks))
        for i, text in enumerate(row.texts):
            wish = needed(text, 1, _WIDEST)
            if wish > self._one_line[i]:
                self._one_line[i] = wish
                self._tall_need[i] = max(self._tall_need[i], needed(text, self._tall, _WIDEST))
                grew = True
            elif wish > self._tall_need[i]:
                need = needed(text, self._tall, _WIDEST)
                if need > self._tall_need[i]:
                    self._tall_need[i] = need
                    grew = True
        return grew

    def layout(self, room: int) -> Layout:
        """Return the layout for ``room`` cells."""
        gutter = self._signs + 1 if self._signs else 0
        room -= gutter + 1 + GAP * (len(self._columns) - 1)
        wishes = [max(pair) for pair in zip(self._one_line, self._title_wish, strict=True)]
        single = [max(pair) for pair in zip(self._one_line, self._title_need, strict=True)]
        tall = [max(pair) for pair in zip(self._tall_need, self._title_need, strict=True)]
        one = self._lines == 1 or (self._lines is None and sum(single) <= room)
        widths = share_out(self._columns, single if one else tall, wishes, room)
        titles = zip(self._title_wish, widths, strict=True)
        heading_lines = 2 if any(title > width for title, width in titles) else 1
        return Layout(widths, gutter, 1 if one else self._tall, heading_lines)
