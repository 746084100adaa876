"""How far something long is: one frozen value."""

from __future__ import annotations

import msgspec


class Progress(msgspec.Struct, frozen=True):
    """How much of something is done."""

    done: int = 0
    total: int = 0
    """About how much there is in all; 0 while that is not known."""

    def plus(self, count: int) -> Progress:
        """Return the progress after more was done."""
        return msgspec.structs.replace(self, done=self.done + count)

    @property
    def percent(self) -> int:
        """How many hundredths are done, rounded down; 99 at most, since it is not over."""
        return min(99, 100 * self.done // self.total) if self.total else 0

    def bar(self, cells: int) -> str:
        """Return a bar that is as long as that many cells, and legible without colours."""
        full = cells * self.percent // 100
        return "━" * full + "─" * (cells - full)
