"""How wide each column of a table is: what its texts need, shared fairly where room is short."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Column(msgspec.Struct, frozen=True):
    """One column of a virtual table."""

    title: str
    minimum: int
    """Cells below which it is never squeezed while another column can still give."""
    right: bool = False
    """True where its texts stand at the right edge, as numbers do."""


def share_out(
    columns: Sequence[Column], needs: Sequence[int], wishes: Sequence[int], room: int
) -> tuple[int, ...]:
    """Return a width for each column; they add up to ``room`` where that is at all possible.

    ``needs`` is what a column takes to show everything in the lines a row has,
    ``wishes`` what it takes to show everything in one line. Short of room, the
    widest columns give first, never below their minimum; below the sum of the
    minimums all shrink alike. Room to spare goes to wishes, then to the last column.
    """
    widths = [
        max(need, min(column.minimum, 4)) for need, column in zip(needs, columns, strict=True)
    ]
    excess = sum(widths) - room
    while excess > 0:
        floor = [min(column.minimum, width) for column, width in zip(columns, widths, strict=True)]
        givers = [i for i, width in enumerate(widths) if width > floor[i]]
        if not givers:
            return _squeeze(widths, room)
        widest = max(widths[i] for i in givers)
        tops = [i for i in givers if widths[i] == widest]
        below = max((widths[i] for i in givers if widths[i] < widest), default=0)
        step = max(1, min(widest - below, excess // len(tops)))
        for i in tops:
            give = min(step, excess, widths[i] - floor[i])
            widths[i] -= give
            excess -= give
    spare = -excess
    for i, wish in sorted(enumerate(wishes), key=lambda pair: pair[1]):
        more = min(spare, max(0, wish - widths[i]))
        widths[i] += more
        spare -= more
    widths[-1] += spare
    return tuple(widths)


def _squeeze(widths: list[int], room: int) -> tuple[int, ...]:
    """Shrink all alike, one cell at least each."""
    total = sum(widths) or 1
    return tuple(max(1, width * max(room, 0) // total) for width in widths)
