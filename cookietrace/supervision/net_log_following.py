"""Follows the net log of a Chromium that we opened, and tells the recorder what is said in it.

The log is a pipe with a name in the browser's own profile: what Chromium writes is read at once,
and never is on the disk. A thread of the browser's keeper reads it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cookietrace.listening.lines import attempt_of
from cookietrace.listening.net_log import NetLogReader
from cookietrace.listening.said import Change, Said
from cookietrace.listening.script_reports import Write
from cookietrace.listening.script_writes import Refused, ScriptWrites
from cookietrace.supervision.telling import Teller, TellingThread

SAID_BY: Final = "chromium-net-log"

_PIPE_BYTES: Final = 1 << 20
"""How much the pipe holds, if the system allows it: a busy machine reads later."""

_READ: Final = 1 << 18
_SET_PIPE_SIZE: Final = 1031
"""``F_SETPIPE_SZ`` (Linux)."""

_LOOK_SECONDS: Final = 0.05
"""The shortest time between two looks: what a page asks for is read together."""

_IDLE_SECONDS: Final = 0.25

_SAME_CLOCK: Final = 60.0
"""The most seconds by which the log may be behind the system's clock, if that is its clock."""

Reported = queue.SimpleQueue[tuple[float, Write]]
"""What scripts wrote, as they report it, with the system's monotonic clock at that time."""


class NetLogFollower(TellingThread):
    """Reads one browser's log on a thread of its own until the browser ends."""

    def __init__(
        self,
        fd: int,
        *,
        capture: Path,
        after: str,
        listen: str,
        commands_fd: int,
        failed: Callable[[str], None],
        reported: Reported | None = None,
    ) -> None:
        """``fd`` reads the pipe, without waiting; ``listen`` is the listener that the browser uses.

        ``after`` is a position in the capture from before the browser made any request.
        ``failed`` is called, on the thread, with why the browser is not listened to any more.
        ``reported`` is there if the scripts of pages are watched: what they wrote.
        """
        super().__init__(
            "net-log",
            lambda ending: Teller(
                capture,
                after=after,
                listen=listen,
                said_by=SAID_BY,
                commands_fd=commands_fd,
                ending=ending,
            ),
        )
        self._reported = reported
        self._writes = ScriptWrites()
        self._lost = 0
        self._clock_is_ours: bool | None = None
        self._commands_fd = commands_fd
        self._failed = failed
        self._reader = NetLogReader()
        self._fd = fd
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._fd, _SET_PIPE_SIZE, _PIPE_BYTES)

    def finish(self) -> None:
        """Tell the rest, within a few seconds; call this once the browser has ended."""
        super().finish()
        with contextlib.suppress(OSError):
            os.close(self._commands_fd)

    def _run(self) -> None:
        try:
            super()._run()
        finally:
            os.close(self._fd)  # Chromium goes on without its log

    def _fail(self, why: str) -> None:
        self._failed(why)

    def _follow(self, teller: Teller) -> None:
        silent = time.monotonic()
        while True:
            data, ended = self._read()
            now = time.monotonic()
            if data:
                silent = now
                for said in self._reader.feed(data):
                    self._said(said, teller, now)
            else:
                for change in self._reader.waited(now - silent):
                    self._said(change, teller, now)
            if ended:
                for said in self._reader.end():
                    self._said(said, teller, now)
            self._of_scripts(teller, now, last=ended)
            if teller.waits:
                teller.catch_up()
                teller.send(now, last=ended)
            if ended:
                return
            if data:
                self._ending.wait(_LOOK_SECONDS)
            elif not self._ending.is_set():
                select.select([self._fd], [], [], _IDLE_SECONDS)
                if not self._reader.begun:  # nobody writes yet, which counts as ready
                    self._ending.wait(_LOOK_SECONDS)

    def _said(self, said: Said, teller: Teller, now: float) -> None:
        """Take what the browser said; a change waits for the script that reports it."""
        if self._reported is not None and isinstance(said, Change):
            self._writes.changed(said, now)
        else:
            teller.said(said, now)

    def _of_scripts(self, teller: Teller, now: float, *, last: bool) -> None:
        """Match what scripts reported to what the log says of the cookie store."""
        if self._reported is None:
            return
        with contextlib.suppress(queue.Empty):
            while True:
                ticks, write = self._reported.get_nowait()
                self._writes.reported(write, self._log_time(ticks))
        if not self._writes.waits:
            return
        if self._reader.passed_over != self._lost:
            self._lost = self._reader.passed_over
            self._writes.forget()
        reader = self._reader
        for found in self._writes.take(now, reader.now, reader.entries, last=last):
            if isinstance(found, Refused):
                teller.tried(found.write.at, attempt_of(found.write, found.cause))
            else:
                teller.said(found, now)

    def _log_time(self, ticks: float) -> float | None:
        """Return what the log's clock said; None if that is not known.

        It is found out once whether that clock is the system's monotonic one.
        """
        if self._clock_is_ours is None and self._reader.now:
            behind = self._reader.clock(time.monotonic()) - self._reader.now
            self._clock_is_ours = -1.0 < behind < _SAME_CLOCK
        return self._reader.clock(ticks) if self._clock_is_ours else None

    def _read(self) -> tuple[bytes, bool]:
        """Return what there is to read, and whether that is all there will ever be."""
        pieces: list[bytes] = []
        ending = self._ending.is_set()
        while len(pieces) < 2 * _PIPE_BYTES // _READ:
            try:
                data = os.read(self._fd, _READ)
            except BlockingIOError:
                return b"".join(pieces), ending and not pieces
            if not data:
                return b"".join(pieces), (ending or self._reader.begun) and not pieces
            pieces.append(data)
        return b"".join(pieces), False
