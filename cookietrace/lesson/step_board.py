"""The base of boards that read a growing table step by step."""

from __future__ import annotations

from abc import ABC, abstractmethod

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.table import Table


class StepBoard(ABC):
    """Reads each step of a table once, and again when its exchange changes."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._seen = 0

    @property
    def seen(self) -> int:
        """How many steps it has read."""
        return self._seen

    def update(self, update: TraceUpdate | None = None, limit: int | None = None) -> bool:
        """Apply a change of the trace, which the table must have applied before.

        Reads at most ``limit`` new steps. Returns True if none is left.
        """
        for exchange_id in update.exchanges if update is not None else ():
            for step in self._table.steps_of(exchange_id):
                if step <= self._seen:
                    self._take(step)
        last = len(self._table) if limit is None else min(len(self._table), self._seen + limit)
        while self._seen < last:
            self._seen += 1
            self._take(self._seen)
        return last == len(self._table)

    @abstractmethod
    def _take(self, step: int) -> None:
        """Read one step, replacing what was known about it."""
