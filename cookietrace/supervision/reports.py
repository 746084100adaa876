"""The reports of a child, one line of JSON each, read from its pipe and passed on."""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import threading
import time

from cookietrace.errors import LaunchError
from cookietrace.protocol import Report, decode_report

LINES_KEPT = 1000
"""How many lines wait for a screen that has not come yet."""


class Reports:
    """Reads a child's report pipe on a thread of its own, until the child ends it.

    Every line is also written to the pipe that ``forward_to`` names, from the
    very first line on, so that the screen learns what was said before it came.
    """

    def __init__(self) -> None:
        self._read_fd, self.child_fd = os.pipe()
        self._queue: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._lines: collections.deque[bytes] = collections.deque(maxlen=LINES_KEPT)
        self._forward_fd: int | None = None
        self.last_message: str | None = None
        """What the last ``stopped`` or ``trouble`` said."""

    def started(self) -> None:
        """Close the child's end here and begin to read; call it once the child runs."""
        os.close(self.child_fd)
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, *kinds: str, seconds: float) -> Report | None:
        """Return the next report of one of these types; None where the pipe ends first.

        Raises ``LaunchError`` where neither happens within ``seconds``.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                report = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise LaunchError(f"no answer for {seconds:.0f} s: try again") from None
            if report is None:
                self._queue.put(None)  # whoever asks next learns it too
                return None
            if report.type in kinds:
                return report
            if report.type == "stopped":
                return None

    def forward_to(self, fd: int) -> None:
        """Write all lines so far, and every further one, to ``fd``, which is ours from now on."""
        os.set_blocking(fd, False)  # a screen that does not read loses lines, and stops nobody
        with self._lock:
            self._forward_fd = fd
            for line in self._lines:
                self._forward(line)

    def stop_forwarding(self) -> None:
        """Close the pipe that lines were forwarded to."""
        with self._lock:
            if self._forward_fd is not None:
                with contextlib.suppress(OSError):
                    os.close(self._forward_fd)
                self._forward_fd = None

    def _forward(self, line: bytes) -> None:
        """Write one line on; a reader that is gone is no trouble of ours."""
        if self._forward_fd is not None:
            with contextlib.suppress(OSError):
                os.write(self._forward_fd, line)

    def _read(self) -> None:
        """Take in line after line until the child closes its end."""
        with os.fdopen(self._read_fd, "rb") as stream:
            for line in stream:
                with self._lock:
                    self._lines.append(line)
                    self._forward(line)
                report = decode_report(line)
                if report is None:
                    continue
                if report.type in ("trouble", "stopped"):
                    self.last_message = report.message
                self._queue.put(report)
        self._queue.put(None)
        self.stop_forwarding()
