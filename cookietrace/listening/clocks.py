"""What the clock of a browser shows, by ours: the browser may be on another machine."""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

from cookietrace.listening.said import Hop

SAME: Final = 0.1
"""How many seconds two differences may be apart that count as the same."""

SEVERAL: Final = 3
"""How many times must show the same difference before it counts: a single message may be late."""

APART: Final = 0.5
"""How many seconds there are between them: messages that were held up together come together."""

_NEVER: Final = 253_402_300_800.0
"""The year 10000, in Unix seconds: a time that is later is none."""

_LATEST: Final = 64
"""How many of these times are compared: a clock that was set is noticed after so many."""


class BrowserClock:
    """Learns how much a browser's clock differs from ours.

    A message comes after it was said, so the least difference is that of the clocks, and of the
    fastest message. A difference that slow messages can explain counts as none: it has to be the
    least several times.
    """

    def __init__(self) -> None:
        self._differences: deque[float] = deque(maxlen=_LATEST)
        """The least of each time; messages that come together are of one time."""
        self._since = 0.0
        """When the first message of the latest time came, by our clock."""

    def heard(self, said_at: object, now: float) -> None:
        """Take when something was said, by the browser's clock, and the time now, by ours.

        What is no time is passed over.
        """
        if not (isinstance(said_at, int | float) and abs(said_at) < _NEVER):
            return
        difference = now - said_at
        if self._differences and abs(now - self._since) < APART:
            self._differences[-1] = min(self._differences[-1], difference)
        else:
            self._differences.append(difference)
            self._since = now

    @property
    def behind(self) -> float:
        """How many seconds the browser's clock is behind ours; 0 as long as that is not known."""
        least = min(self._differences, default=0.0)
        same = sum(each - least <= SAME for each in self._differences)
        return least if abs(least) > SAME and same >= SEVERAL else 0.0

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
