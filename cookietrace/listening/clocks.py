"""What the clock of a browser shows, by ours: the browser may be on another machine."""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

from cookietrace.listening.said import Hop

LATE: Final = 2.0
"""How many seconds later than it was said a message may come on a busy machine."""

EARLY: Final = 0.1
"""How many seconds the times of one clock may differ that are read in different ways."""

_NEVER: Final = 253_402_300_800.0
"""The year 10000, in Unix seconds: a time that is later is none."""

_LATEST: Final = 64
"""How many messages are compared: a clock that was set is noticed after so many."""


class BrowserClock:
    """Learns how much a browser's clock differs from ours.

    A message comes after it was said, so the least difference is that of the clocks, and of the
    fastest message. One that such a message alone may explain is none.
    """

    def __init__(self) -> None:
        self._differences: deque[float] = deque(maxlen=_LATEST)

    def heard(self, said_at: object, now: float) -> None:
        """Take when something was said, by the browser's clock, and the time now, by ours.

        What is no time is passed over.
        """
        if isinstance(said_at, int | float) and abs(said_at) < _NEVER:
            self._differences.append(now - said_at)

    @property
    def behind(self) -> float:
        """How many seconds the browser's clock is behind ours."""
        least = min(self._differences, default=0.0)
        return 0.0 if -EARLY <= least <= LATE else least

    def by_ours(self, hop: Hop) -> Hop:
        """Return a statement with the times that our clock showed."""
        behind = self.behind
        if not behind:
            return hop
        return msgspec.structs.replace(
            hop,
            at=hop.at + behind,
            ended_at=hop.ended_at + behind,
            responded_at=None if hop.responded_at is None else hop.responded_at + behind,
        )
