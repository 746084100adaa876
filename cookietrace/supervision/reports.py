"""Reads a child's reports (``cookietrace.protocol``) from its pipe, and forwards them."""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator

from cookietrace.errors import LaunchError
from cookietrace.protocol import Report, decode_report, encode_line

LAST_SECONDS = 5.0
"""How long to wait for the rest of the reports of a child that has ended."""

LINES_KEPT = 1000
"""How many lines are kept for a screen that has not started yet."""


class Reports:
    """Reads a child's report pipe in a thread, until the child closes it.

    Every line is also written to the pipe passed to ``forward_to``, from the first line
    on, so that a screen also gets the reports from before it started.
    """

    def __init__(
        self,
        warned: Callable[[str], object] | None = None,
        attached: Callable[[Report], object] | None = None,
        ended: Callable[[], object] | None = None,
    ) -> None:
        """``warned`` is called, on the thread, with the line of each ``warning``.

        ``attached`` is called with each report of that type, and ``ended`` once the child has
        closed the pipe.
        """
        self._warned = warned
        self._attached = attached
        self._ended = ended
        self._read_fd, self.child_fd = os.pipe()
        self._queue: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._lines: collections.deque[bytes] = collections.deque(maxlen=LINES_KEPT)
        self._forward_fd: int | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self.last_message: str | None = None
        """The message of the last ``stopped`` or ``trouble`` report."""
        self.trouble: str | None = None
        """Why recording fails now; None if it works."""
        self._listening = False
        """Whether it has ever listened."""
        self._stopped: Report | None = None

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Start the child in this block: afterwards, its reports are read.

        If it is not started, nothing is left open. The child's end is closed here in any case.
        """
        try:
            yield
        except BaseException:
            os.close(self._read_fd)
            raise
        finally:
            os.close(self.child_fd)
        self._thread.start()

    def missing(self) -> str | None:
        """Return what was not recorded, in one line; None if all was.

        Call this once the child has ended: it waits for the last report.
        """
        if self._thread.ident is not None:
            self._thread.join(LAST_SECONDS)
        if self._stopped is not None and self._stopped.lost is not None:
            return self._stopped.lost
        if self._stopped is not None or not self._listening:
            return self.trouble
        if self.trouble is not None:
            return f"how many exchanges are missing is not known: {self.trouble}"
        return "the proxy was killed: exchanges that were in progress may be missing or incomplete"

    def wait_for(self, *kinds: str, seconds: float) -> Report | None:
        """Return the next report of one of these types; None if the pipe ends first.

        Raises ``LaunchError`` if neither happens within ``seconds``.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                report = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise LaunchError(f"no response for {seconds:.0f} s: try again") from None
            if report is None:
                self._queue.put(None)  # for the next caller
                return None
            if report.type in kinds:
                return report
            if report.type == "stopped":
                return None

    def forward_to(self, fd: int) -> None:
        """Write all lines, past and future, to ``fd``; this object then owns and closes it."""
        os.set_blocking(fd, False)  # a screen that does not read loses lines, and blocks nothing
        with self._lock:
            self._forward_fd = fd
            for line in self._lines:
                self._forward(line)

    def tell(self, report: Report) -> None:
        """Forward a report of another child's as well, so that the screen gets it."""
        line = encode_line(report)
        with self._lock:
            self._lines.append(line)
            self._forward(line)

    def stop_forwarding(self) -> None:
        """Close the pipe that lines were forwarded to."""
        with self._lock:
            if self._forward_fd is not None:
                with contextlib.suppress(OSError):
                    os.close(self._forward_fd)
                self._forward_fd = None

    def _forward(self, line: bytes) -> None:
        """Forward one line; the reader may be gone."""
        if self._forward_fd is not None:
            with contextlib.suppress(OSError):
                os.write(self._forward_fd, line)

    def _read(self) -> None:
        """Read lines until the child closes its end."""
        with os.fdopen(self._read_fd, "rb") as stream:
            for line in stream:
                with self._lock:
                    self._lines.append(line)
                    self._forward(line)
                report = decode_report(line)
                if report is None:
                    continue
                if report.type == "warning" and self._warned is not None and report.message:
                    self._warned(report.message)
                if report.type == "attached" and self._attached is not None:
                    self._attached(report)
                if report.type in ("trouble", "stopped"):
                    self.last_message = report.message
                if report.type in ("trouble", "recovered"):
                    self.trouble = report.message if report.type == "trouble" else None
                elif report.type == "listening":
                    self._listening = True
                elif report.type == "stopped":
                    self._stopped = report
                self._queue.put(report)
        self._queue.put(None)
        self.stop_forwarding()
        if self._ended is not None:
            self._ended()
