"""The layout of a virtual table: its rows and columns, and how wide each column is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final, Protocol

import msgspec
from rich.cells import cell_len

from tui.drawing.cookie_text import (
    ROOMY,
    SQUEEZES,
    TIGHT,
    Squeeze,
    arranged,
    keeps_its_end,
    width_for,
)
from tui.drawing.fit import fit, needed

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
    note: tuple[str, ...] = ()
    """The text of a line of its own below the row, for a row that has one; then shorter ones."""
    note_tone: str = ""


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
    cookies: bool = False
    """True if its texts name cookies: lines break between them, and values become shorter."""
    ends: bool = False
    """True if what follows the last cookie must not be cut, even if rows get another line."""
    enough: int = 0
    """With so many cells, a text may be cut before others take another line; 0: never."""

    def width_for(self, text: str, lines: int, squeeze: Squeeze) -> int:
        """Return how wide the column must be for a text that is squeezed so much."""
        if self.cookies:
            return width_for(text, lines, squeeze, _WIDEST)
        width = needed(text, lines, _WIDEST)
        return min(width, self.enough) if self.enough and squeeze != ROOMY else width

    def lines_of(self, text: str, width: int, lines: int) -> tuple[str, ...]:
        """Return a text as one to ``lines`` lines of at most ``width`` cells."""
        return (arranged if self.cookies else fit)(text, width, lines)


def share_out(
    columns: Sequence[Column],
    needs: Sequence[int],
    wishes: Sequence[int],
    room: int,
    least: Sequence[int] = (),
) -> tuple[int, ...]:
    """Return a width for each column; they add up to ``room`` if that is possible.

    ``needs`` are the widths that show everything in the lines that a row has, ``wishes``
    the widths that show everything in one line. If ``room`` is too small, the columns that
    are widest for their weight shrink first: down to ``least``, with which no name is cut; then
    to their minimum, and if necessary to ``_LEAST``. Spare cells go to the wishes, then to the
    last column.
    """
    widths = list(needs)
    minimum = [min(column.minimum, need) for column, need in zip(columns, needs, strict=True)]
    for floors in (least or minimum, minimum, [_LEAST] * len(widths)):
        floors = list(map(min, floors, widths))
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
    """Measures rows and lays out columns.

    While rows are added, a column that was laid out wide enough for the rows before does not
    become narrower, unless others need its room.

    ``lines`` fixes how many lines a row takes; with None it is as many as necessary. Before a
    row takes another line, long values become shorter, step by step.
    """

    def __init__(self, columns: Sequence[Column], *, lines: int | None) -> None:
        self._columns = tuple(columns)
        self._lines = lines
        self._rows: dict[tuple[str, ...], None] = {}
        self._needs: dict[tuple[int, Squeeze], tuple[int, list[int]]] = {}
        """By the lines of a row and how much it is squeezed: how many rows were measured, and
        how wide each column must be for them."""
        self._signs = 0
        self._title_need = [needed(column.title, 2, _WIDEST) for column in columns]
        self._title_wish = [cell_len(column.title) for column in columns]
        shrinks = any(column.cookies or column.enough for column in columns)
        self._squeezes = SQUEEZES if shrinks else (ROOMY,)

    def add(self, row: Cells) -> bool:
        """Measure a row; return whether it may need more width than the rows before."""
        grew = len(row.marks) > self._signs or row.texts not in self._rows
        self._signs = max(self._signs, len(row.marks))
        self._rows[row.texts] = None
        return grew

    def layout(self, room: int, most: int = 2) -> Layout:
        """Return the layout for ``room`` cells, with at most ``most`` lines for each row."""
        gutter = self._signs + 1 if self._signs else 0
        room -= gutter + 1 + GAP * (len(self._columns) - 1)
        lines, widths = self._shared(room, most)
        if self._lines is None and lines == most and not self._shows_every_end(widths, lines):
            lines, widths = self._shared(room, most + 1)
        titles = zip(self._title_wish, widths, strict=True)
        heading_lines = 2 if any(title > width for title, width in titles) else 1
        return Layout(widths, gutter, lines, heading_lines)

    def _shared(self, room: int, most: int) -> tuple[int, tuple[int, ...]]:
        """Return the lines of a row, and the widths of the columns."""
        lines, needs = self._fitting(room, most)
        wishes = list(map(max, self._need(1, ROOMY), self._title_wish))
        least = self._need(lines, TIGHT)
        return lines, share_out(self._columns, needs, wishes, room, least)

    def _shows_every_end(self, widths: tuple[int, ...], lines: int) -> bool:
        """Return whether no text that must be whole loses its end."""
        return all(
            keeps_its_end(texts[i], widths[i], lines)
            for i, column in enumerate(self._columns)
            if column.ends
            for texts in self._rows
        )

    def _fitting(self, room: int, most: int) -> tuple[int, list[int]]:
        """Return the lines of a row, and the widths for them, which may be more than ``room``."""
        lines, needs = 1, self._title_need
        for lines in range(1, most + 1) if self._lines is None else (self._lines,):
            needs = self._need(lines, self._squeezes[-1])
            if sum(needs) > room:
                continue
            for squeeze in self._squeezes:
                needs = self._need(lines, squeeze)
                if sum(needs) <= room:
                    return lines, needs
        return lines, needs

    def _need(self, lines: int, squeeze: Squeeze) -> list[int]:
        """Return how wide each column must be for its title and for rows squeezed so much."""
        seen, widths = self._needs.get((lines, squeeze), (0, self._title_need.copy()))
        for texts in islice(self._rows, seen, None):
            for i, (column, text) in enumerate(zip(self._columns, texts, strict=True)):
                widths[i] = max(widths[i], column.width_for(text, lines, squeeze))
        self._needs[lines, squeeze] = len(self._rows), widths
        return widths
