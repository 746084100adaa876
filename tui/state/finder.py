"""Finds the rows that hold a text, a slice at a time, so that typing never waits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable

from cookietrace.lesson.table import Table, TableRow

SLICE = 1_500
"""Rows looked at between two breaths."""


class Finder:
    """The steps whose rows hold ``needle``, in any case; it knows nothing of screens."""

    def __init__(self) -> None:
        self.needle = ""
        self.matches: list[int] = []
        """Steps, rising."""
        self._scanned = 0

    def look_for(self, needle: str) -> None:
        """Begin again, for another text; an empty one finds nothing."""
        self.needle = needle.casefold()
        self.restart()

    def restart(self) -> None:
        """Begin again over the same text, because the rows are others now."""
        self.matches = []
        self._scanned = 0

    def behind(self, table: Table) -> bool:
        """Say whether there are rows not looked at yet."""
        return bool(self.needle) and self._scanned < len(table)

    def scan(self, table: Table, rows: int = SLICE) -> int:
        """Look at up to ``rows`` more rows; return how many of them match."""
        if not self.needle:
            return 0
        end = min(len(table), self._scanned + rows)
        found = 0
        for step in range(self._scanned + 1, end + 1):
            if self._matches(table.row(step)):
                self.matches.append(step)
                found += 1
        self._scanned = end
        return found

    def look_again(self, table: Table, steps: Iterable[int]) -> bool:
        """Look again at rows that have changed; return whether the matches are others now."""
        changed = False
        for step in steps:
            if not self.needle or step > self._scanned:
                continue
            place = bisect_left(self.matches, step)
            before = place < len(self.matches) and self.matches[place] == step
            after = self._matches(table.row(step))
            if before and not after:
                del self.matches[place]
            elif after and not before:
                insort(self.matches, step)
            changed = changed or before != after
        return changed

    def after(self, step: int) -> int | None:
        """Return the next matching step, from the start again after the last."""
        if not self.matches:
            return None
        place = bisect_right(self.matches, step)
        return self.matches[place % len(self.matches)]

    def before(self, step: int) -> int | None:
        """Return the previous matching step, from the end again before the first."""
        if not self.matches:
            return None
        return self.matches[bisect_left(self.matches, step) - 1]

    def _matches(self, row: TableRow) -> bool:
        return any(self.needle in text.casefold() for text in row.cells[1:])
