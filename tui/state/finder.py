"""Text search in the rows of the table, one portion at a time so that typing never waits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable

from cookietrace.lesson.table import Table, TableRow

SLICE = 1_500
"""How many rows are searched before other work gets a turn."""


class Finder:
    """The steps whose rows contain ``needle``, ignoring case."""

    def __init__(self) -> None:
        self.needle = ""
        self.matches: list[int] = []
        """Steps, in ascending order."""
        self._scanned = 0

    def look_for(self, needle: str) -> None:
        """Start a new search; an empty needle finds nothing."""
        self.needle = needle.casefold()
        self.restart()

    def restart(self) -> None:
        """Search for the same text again, because the table was replaced."""
        self.matches = []
        self._scanned = 0

    def behind(self, table: Table) -> bool:
        """Return whether some rows have not been searched yet."""
        return bool(self.needle) and self._scanned < len(table)

    def scan(self, table: Table, rows: int = SLICE) -> int:
        """Search up to ``rows`` more rows; return how many of them match."""
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

    def recheck(self, table: Table, steps: Iterable[int]) -> bool:
        """Search rows again that have changed; return whether the matches changed."""
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
        """Return the next matching step; after the last match, the first one."""
        if not self.matches:
            return None
        place = bisect_right(self.matches, step)
        return self.matches[place % len(self.matches)]

    def before(self, step: int) -> int | None:
        """Return the previous matching step; before the first match, the last one."""
        if not self.matches:
            return None
        return self.matches[bisect_left(self.matches, step) - 1]

    def _matches(self, row: TableRow) -> bool:
        return any(self.needle in text.casefold() for text in row.cells[1:])
