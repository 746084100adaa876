"""What is different in an imagined telling."""

from __future__ import annotations

import msgspec

from cookietrace.edits import LineChange
from cookietrace.lesson.what_if.moves import Move


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """What is different."""

    browser: str | None = None
    """The browser whose rules hold; None for the one that was recorded."""
    changes: tuple[LineChange, ...] = ()
    moves: tuple[Move, ...] = ()
    later: tuple[tuple[str, float], ...] = ()
    """Exchanges from whose request on everything happens so many seconds later."""
    by_step: bool = False
    """Whether changes and ``later`` name steps, as texts call them, in place of exchanges."""
