"""The layout of a virtual table: its rows and columns, and how wide each column is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec
from rich.cells import cell_len

from tui.drawing.fit import needed

GAP: Final = 2
"""Blank cells between two columns."""

_WIDEST: Final = 120

_LEAST: Final = 4
"""No column is ever narrower than this, so that short numbers and signs fit."""


class Cells(msgspec.Struct, frozen=True, gc=False):
    """One row to draw; every text must be safe for a terminal."""

    texts: tuple[str, ...]
    tones: tuple[str, ...]
    """A tone for each text; ``""`` for plain text."""
    marks: tuple[tuple[str, str], ...] = ()
    """``(sign, tone)`` pairs for the gutter."""
    pieces: tuple[tuple[str, str], ...] = ()
    """``(text, tone)`` pairs that make up the last text, if it has several tones."""
    note: tuple[str, str] = ("", "")
    """Text and tone of a line of its own below the row, for a row that has one."""


class RowSource(Protocol):
    """Where a table gets its rows, only those on screen."""

    def __len__(self) -> int:
        """Return how many rows there are now."""

    def cells(self, index: int) -> Cells:
        """Return the row at an index from 0. It may change from call to call."""


class Column(msgspec.Struct, frozen=True):
    """One column of a virtual table."""

    title: str
    minimum: int
    """It is not narrower than this while another column can still shrink."""
    right: bool = False
    """True to align its texts on the right, as for numbers."""
    weight: float = 1.0
    """Its share of the width, compared with other columns, if there is too little."""
    lit: bool = False
    """True to highlight it."""


def share_out(
    columns: Sequence[Column], needs: Sequence[int], wishes: Sequence[int], room: int
) -> tuple[int, ...]:
    """Return a width for each column; they add up to ``room`` if that is possible.

    ``needs`` are the widths that show everything in the lines that a row has, ``wishes``
    the widths that show everything in one line. If ``room`` is too small, the columns that
    are widest for their weight shrink first, down to their minimum, and if necessary down
    to ``_LEAST``. Spare cells go to the wishes, then to the last column.
    """
    widths = list(needs)
    floors = [min(column.minimum, need) for column, need in zip(columns, needs, strict=True)]
    if sum(floors) > room:
        widths, floors = floors, [min(floor, _LEAST) for floor in floors]
    for _ in range(sum(widths) - max(room, sum(floors))):
        giver = max(
            (i for i, width in enumerate(widths) if width > floors[i]),
            key=lambda i: widths[i] / columns[i].weight,
        )
        widths[giver] -= 1
    spare = max(0, room - sum(widths))
    for i, wish in sorted(enumerate(wishes), key=lambda pair: pair[1]):
        more = min(spare, max(0, wish - widths[i]))
        widths[i] += more
        spare -= more
    widths[-1] += spare
    return tuple(widths)


class Layout(msgspec.Struct, frozen=True):
    """The layout of a table."""

    widths: tuple[int, ...]
    gutter: int
    """Cells for signs before the first column, including a blank one."""
    row_lines: int
    heading_lines: int


class Measure:
    """Measures rows and lays out columns. Widths only grow, so columns do not jump.

    ``lines`` fixes how many lines a row takes; with None it is one if everything fits in
    one line, otherwise ``most``.
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

    def add(self, row: Cells) -> bool:
        """Measure a row; return whether it needs more width than the rows before."""
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
