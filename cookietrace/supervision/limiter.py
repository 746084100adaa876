"""Keeps the capture of a running recording within its limits, beside the proxy that records it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from cookietrace.cutting.limits import Limits, cut_to_limits
from cookietrace.errors import CookietraceError
from cookietrace.stores.trimming import Trimming

EVERY = 1.0
"""Seconds between two looks at the capture's size."""

_GROWN = 1.05
"""How much a capture has to grow until the next cut is due, if it is still too large after one."""


class Limiter:
    """Removes the oldest exchanges from another thread, with a connection of its own.

    The process that records is another one: reading, folding and deleting cost it nothing but
    waits of a few milliseconds for a transaction. What cannot be removed now is tried again.
    """

    def __init__(
        self,
        capture: Path,
        limits: Limits,
        *,
        every: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._capture = capture
        self._limits = limits
        self._most_bytes = limits.most_bytes
        """The size at which the next cut is due: larger if the last one could not do enough."""
        self._every = EVERY if every is None else every
        self._clock = clock
        self._stop = threading.Event()
        self._identity: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._run, name="limiter", daemon=True)

    def start(self) -> None:
        """Start to look at the capture."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait until the capture is closed. Call it before the proxy ends."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                with Trimming(self._capture) as trimming:
                    self._identity = self._identity or trimming.identity
                    if trimming.identity != self._identity:
                        return  # another file is there now
                    self._cut(trimming)
            except CookietraceError:
                continue  # locked, moved or full: the recorder says so, and it is tried again

    def _cut(self, trimming: Trimming) -> None:
        """Remove what is beyond the limits; then wait until a cut is worth while again."""
        limits = Limits(self._most_bytes, self._limits.most_seconds)
        cut_to_limits(trimming, limits, self._clock(), why=self._limits.why, pause=self._stop.wait)
        most, left = self._limits.most_bytes, trimming.size
        self._most_bytes = most if most is None or left <= most else int(_GROWN * left)
