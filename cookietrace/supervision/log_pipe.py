"""A pipe with a name, into which a browser writes its log: it is never on the disk."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 1 << 20
"""How much a pipe is to hold, if the system allows it: a busy machine reads later."""

_READ: Final = 1 << 18
_SET_SIZE: Final = 1031
"""``F_SETPIPE_SZ`` (Linux)."""

_USUAL_BYTES: Final = 1 << 16


class LogPipe:
    """The end of the pipe that is read. Only the user can open the other one."""

    def __init__(self, path: Path) -> None:
        """Make the pipe: the browser that opens it waits until somebody reads. Raises ``OSError``.

        A writer of ours keeps the pipe open, also if the browser opens it later, or again.
        """
        os.mkfifo(path, 0o600)
        self.path = path
        self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        self._bytes = _USUAL_BYTES
        with contextlib.suppress(OSError):
            self._bytes = fcntl.fcntl(self._fd, _SET_SIZE, MOST_BYTES)

    @property
    def fill(self) -> float:
        """How much of what it should hold it does: a smaller one has to be read more often."""
        return min(1.0, self._bytes / MOST_BYTES)

    def read(self) -> bytes:
        """Return what there is to read, up to a few MB; nothing if there is nothing now."""
        pieces: list[bytes] = []
        with contextlib.suppress(BlockingIOError):
            while len(pieces) < 2 * MOST_BYTES // _READ:
                pieces.append(os.read(self._fd, _READ))
        return b"".join(pieces)

    def wait(self, seconds: float) -> None:
        """Wait until there is something to read, at most so many seconds."""
        select.select([self._fd], [], [], seconds)

    def close(self) -> None:
        """Close it: the browser goes on without its log."""
        os.close(self._writer)
        os.close(self._fd)
