"""How wide each column of a table is: what its texts need, shared fairly where room is short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

_LEAST: Final = 4
"""Cells below which no column is ever squeezed; short numbers and signs still fit."""


class Column(msgspec.Struct, frozen=True):
    """One column of a virtual table."""

    title: str
    minimum: int
    """Cells below which it is never squeezed while another column can still give."""
    right: bool = False
    """True where its texts stand at the right edge, as numbers do."""
    weight: float = 1.0
    """How much room it deserves where there is too little, compared with the others."""
    lit: bool = False
    """True where it is to stand out from the other columns."""


def share_out(
    columns: Sequence[Column], needs: Sequence[int], wishes: Sequence[int], room: int
) -> tuple[int, ...]:
    """Return a width for each column; they add up to ``room`` where that is at all possible.

    ``needs`` is what a column takes to show everything in the lines a row has,
    ``wishes`` what it takes to show everything in one line. Short of room, the
    columns that are widest for their weight give first, down to their minimum;
    where even the minimums do not fit, down to ``_LEAST``. Room to spare goes to
    wishes, then to the last column.
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
