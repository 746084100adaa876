"""Follows the net log of a Chromium that we opened, and tells the recorder what is said in it."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable
from typing import Final

from cookietrace.listening.lines import attempt_of
from cookietrace.listening.net_log import NetLogReader
from cookietrace.listening.said import Change, Said
from cookietrace.listening.script_reports import Write
from cookietrace.listening.script_writes import Refused, ScriptWrites
from cookietrace.supervision.log_following import LogFollower
from cookietrace.supervision.log_pipe import LogPipe
from cookietrace.supervision.telling import Place, Teller

SAID_BY: Final = "chromium-net-log"

_SAME_CLOCK: Final = 60.0
"""The most seconds by which the log may be behind the system's clock, if that is its clock."""

Reported = queue.SimpleQueue[tuple[float, Write]]
"""What scripts wrote, as they report it, with the system's monotonic clock at that time."""


class NetLogFollower(LogFollower):
    """Reads one browser's log on a thread of its own until the browser ends."""

    def __init__(
        self,
        pipe: LogPipe,
        place: Place,
        failed: Callable[[str], None],
        reported: Reported | None = None,
    ) -> None:
        """``failed`` is called, on the thread, with why nobody listens any more.

        ``reported`` is there if the scripts of pages are watched: what they wrote.
        """
        self._log = NetLogReader()
        super().__init__(SAID_BY, self._log, pipe, place, failed)
        self._reported = reported
        self._writes = ScriptWrites()
        self._lost = 0
        self._clock_is_ours: bool | None = None

    def _said(self, said: Said, teller: Teller, now: float) -> None:
        """Take what the browser said; a change waits for the script that reports it."""
        if self._reported is not None and isinstance(said, Change):
            self._writes.changed(said, now)
        else:
            super()._said(said, teller, now)

    def _looked(self, teller: Teller, now: float, *, last: bool) -> None:
        """Match what scripts reported to what the log says of the cookie store."""
        if self._reported is None:
            return
        with contextlib.suppress(queue.Empty):
            while True:
                ticks, write = self._reported.get_nowait()
                self._writes.reported(write, self._log_time(ticks))
        if not self._writes.waits:
            return
        if self._log.passed_over != self._lost:
            self._lost = self._log.passed_over
            self._writes.forget()
        log = self._log
        for found in self._writes.take(now, log.now, log.entries, last=last):
            if isinstance(found, Refused):
                teller.tried(found.write.at, attempt_of(found.write, found.cause))
            else:
                teller.said(found, now)

    def _log_time(self, ticks: float) -> float | None:
        """Return what the log's clock said; None if that is not known.

        It is found out once whether that clock is the system's monotonic one.
        """
        if self._clock_is_ours is None and self._log.now:
            behind = self._log.clock(time.monotonic()) - self._log.now
            self._clock_is_ours = -1.0 < behind < _SAME_CLOCK
        return self._log.clock(ticks) if self._clock_is_ours else None
