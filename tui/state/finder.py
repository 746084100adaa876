"""Text search in the steps of the table, one portion at a time so that typing never waits."""

from __future__ import annotations

import math
import time
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable

from cookietrace.lesson.live.progress import Progress
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.searching import texts_of
from cookietrace.lesson.step_verdict import headline
from cookietrace.lesson.table import Table

_LOOK = 16
"""How many rows are searched between two looks at the clock."""

_TOGETHER = 64
"""For how many rows the exchanges are read together."""


def no_problem(_step: int) -> Moment | None:
    """Return None: without a board no step has a problem."""
    return None


class Finder:
    """The steps that contain ``needle``, ignoring case.

    That is in their rows, reasons, fixes, headers or statuses, or in their problem's texts.
    """

    def __init__(self, problem_at: Callable[[int], Moment | None] = no_problem) -> None:
        """``problem_at`` returns the worst problem that the row of a step shows."""
        self._problem_at = problem_at
        self.needle = ""
        self.matches: list[int] = []
        """Steps, in ascending order."""
        self.changes = 0
        """How often the matches changed other than by new ones at the end."""
        self._scanned = 0

    def look_for(self, needle: str) -> None:
        """Start a new search; an empty needle finds nothing."""
        self.needle = needle.casefold()
        self.restart()

    def restart(self) -> None:
        """Search for the same text again, because the table was replaced."""
        self.matches = []
        self.changes += 1
        self._scanned = 0

    def progress(self, table: Table) -> Progress | None:
        """Return how many rows have been searched; None if all of them have, or for no text."""
        return Progress(self._scanned, len(table)) if self.behind(table) else None

    def behind(self, table: Table) -> bool:
        """Return whether some rows have not been searched yet."""
        return bool(self.needle) and self._scanned < len(table)

    def has_searched(self, step: int) -> bool:
        """Return whether a step's row has been searched."""
        return step <= self._scanned

    def scan(self, table: Table, end: float = math.inf) -> int:
        """Search more rows until about a time; return how many of them match."""
        found, last = 0, len(table) if self.needle else 0
        for step in range(self._scanned + 1, last + 1):
            if step % _TOGETHER == 1:
                table.read_ahead(step, min(last, step + _TOGETHER - 1))
            if self._matches(table, step):
                self.matches.append(step)
                found += 1
            self._scanned = step
            if step % _LOOK == 0 and time.monotonic() >= end:
                break
        return found

    def recheck(self, table: Table, steps: Iterable[int]) -> bool:
        """Search rows again that have changed; return whether the matches changed."""
        changed = False
        for step in steps:
            if not self.needle or step > self._scanned:
                continue
            place = bisect_left(self.matches, step)
            before = place < len(self.matches) and self.matches[place] == step
            after = self._matches(table, step)
            self.changes += before != after
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

    def _matches(self, table: Table, step: int) -> bool:
        if any(self.needle in text.casefold() for text in texts_of(table, step)):
            return True
        problem = self._problem_at(step)
        return problem is not None and any(
            self.needle in text.casefold()
            for text in (headline(problem), problem.question, problem.answer, problem.advice)
        )
