"""What a virtual table is given: rows of cells, asked for one at a time."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Cells(msgspec.Struct, frozen=True, gc=False):
    """One row as it is drawn; every text is already safe for a terminal."""

    texts: tuple[str, ...]
    tones: tuple[str, ...]
    """A tone for each text; ``""`` for plain."""
    marks: tuple[tuple[str, str], ...] = ()
    """``(sign, tone)`` pairs for the gutter."""
    pieces: tuple[tuple[str, str], ...] = ()
    """``(text, tone)`` pairs that make up the last text, where it has more than one tone."""


class RowSource(Protocol):
    """Where a table gets its rows; asked only for those on screen."""

    def __len__(self) -> int:
        """How many rows there are now."""

    def cells(self, index: int) -> Cells:
        """The row at an index from 0; it may have changed since it was last asked for."""
