"""The DevTools pipe of a Chromium: JSON messages in both directions, each ended by a NUL."""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import Final

from cookietrace.errors import LaunchError

LONGEST_MESSAGE: Final = 4 * 1024 * 1024
"""The most bytes of a message that are kept; a page can make one as long as it likes."""

_READ: Final = 1 << 16


class DevToolsPipe:
    """Both ends of the pipe. Give ``browser_in`` and ``browser_out`` to the browser.

    A ``cookietrace.supervision.devtools_targets.Transport``: its methods raise ``LaunchError`` once
    the browser has ended.
    """

    def __init__(self) -> None:
        self.browser_in, self._write_fd = os.pipe()
        self._read_fd, self.browser_out = os.pipe()
        self._pending = bytearray()
        self._looked = 0
        """How many of the pending bytes hold no NUL."""
        self._skipping = False
        """Whether the current message is too long, and passed over."""

    def started(self) -> None:
        """Close the browser's ends in this process; call it after starting the browser."""
        os.close(self.browser_in)
        os.close(self.browser_out)

    def close(self) -> None:
        """Close our ends, which ends the browser."""
        for fd in (self._write_fd, self._read_fd):
            with contextlib.suppress(OSError):
                os.close(fd)

    def fileno(self) -> int:
        """Return what is readable once there is something to receive, or the browser has ended."""
        return self._read_fd

    def send(self, message: bytes) -> None:
        """Send one message."""
        left = memoryview(message + b"\0")
        try:
            while left:
                left = left[os.write(self._write_fd, left) :]
        except OSError as error:
            raise LaunchError(f"the browser has ended: {error.strerror}") from error

    def receive(self, timeout: float) -> bytes | None:
        """Return the next message; None if none has come within so many seconds."""
        deadline = time.monotonic() + timeout
        while (message := self._next()) is None:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._read_fd], [], [], left)[0]:
                return None
            data = os.read(self._read_fd, _READ)
            if not data:
                raise LaunchError("the browser has ended")
            self._pending += data
        return message

    def _next(self) -> bytes | None:
        """Take the next message out of what was read, if it is whole."""
        while (end := self._pending.find(b"\0", self._looked)) >= 0:
            message = bytes(memoryview(self._pending)[:end])
            del self._pending[: end + 1]
            self._looked = 0
            skipped, self._skipping = self._skipping, False
            if not skipped:
                return message
        self._looked = len(self._pending)
        if self._looked > LONGEST_MESSAGE:
            self._pending.clear()
            self._looked, self._skipping = 0, True
        return None
