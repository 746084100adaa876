"""How often a reader looks whether a capture has grown.

SQLite tells no other process of a commit, so a reader has to look.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_BUSY_FOR: Final = 2.0
"""For so many seconds after an event a capture is looked at as often as while events come."""

_BUSY: Final = 0.004
"""Seconds between two looks then; a look takes some fifty microseconds."""

_SHARE: Final = 1 / 50
"""After that, a pause is this share of the time for which there has been no event."""

_LONGEST: Final = 0.2
"""The longest pause, in seconds: little beside what a page takes to load."""


class Pace:
    """How long one reader pauses between two looks: the longer, the longer nothing came."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin as after an event. ``clock`` returns seconds."""
        self._clock = clock
        self._quiet_since = clock()

    def grown(self) -> None:
        """Take note that there is an event."""
        self._quiet_since = self._clock()

    def pause(self) -> float:
        """Return how many seconds to wait before the next look."""
        quiet = self._clock() - self._quiet_since
        return _BUSY if quiet < _BUSY_FOR else min(_SHARE * quiet, _LONGEST)
