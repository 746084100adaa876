"""Traffic for a capture that grows while the page is open."""

from __future__ import annotations

import threading

from cookietrace.events import Event
from cookietrace.stores import CaptureStore
from tests.tui import captures

URL = "http://127.0.0.1:8081/"
RATE = 200
"""Exchanges a second."""


class Traffic:
    """What the test records: visits that set a cookie every tenth time."""

    def __init__(self, store: CaptureStore) -> None:
        self._store = store
        self._number = 0
        self.steps = 0
        """How many rows its exchanges make."""

    def add(self, count: int) -> None:
        """Append some exchanges at once."""
        events: list[Event] = []
        for _ in range(count):
            self._number += 1
            self.steps += 2 if self._number % 10 == 1 else 1
            events += captures.visit(
                self._number,
                f"{URL}{self._number}",
                set_cookies=[f"turn={self._number}; Path=/"] if self._number % 10 == 1 else [],
                content=f"Hello {self._number}",
                seconds=self._number / RATE,
            )
        self._store.append(events)

    def flow(self, seconds: float, every: float = 0.05) -> None:
        """Append ``RATE`` exchanges a second."""
        clock = threading.Event()
        for _ in range(round(seconds / every)):
            self.add(round(RATE * every))
            clock.wait(every)
