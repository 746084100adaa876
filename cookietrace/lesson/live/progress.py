"""How far something long is: one frozen value."""

from __future__ import annotations

import msgspec


class Progress(msgspec.Struct, frozen=True):
    """How much of something is done."""

    done: int = 0
    total: int = 0
    """About how much there is in all; 0 while that is not known."""
    lasting: bool = False
    """True once it has taken so long that it is worth a place on the screen."""

    def plus(self, count: int, *, lasting: bool = False) -> Progress:
        """Return the progress after more was done."""
        return msgspec.structs.replace(
            self, done=self.done + count, lasting=self.lasting or lasting
        )

    @property
    def percent(self) -> int:
        """How many hundredths are done, rounded down; 99 at most, since it is not over."""
        return min(99, 100 * self.done // self.total) if self.total else 0

    def text(self, cells: int) -> str:
        """Return a bar of that many cells and the number, e.g. ``━━━━────── 43 %``.

        It is as legible without colours, and read aloud.
        """
        full = cells * self.percent // 100
        return f"{'━' * full}{'─' * (cells - full)} {self.percent:2} %"
