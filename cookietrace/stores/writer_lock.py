"""One writer per capture: an advisory lock that ends with the process that holds it.

The lock is a ``flock`` on a small file beside the capture, never on the capture itself:
closing any descriptor of an SQLite database releases all of SQLite's own locks in that
process. A file left by a killed process locks nothing, and the next writer reuses it.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from cookietrace.errors import CaptureError
from cookietrace.safe_text import safe

_ATTEMPTS = 10
_PAUSE = 0.02
"""Seconds between attempts: ``is_live`` holds the lock for a moment."""


def lock_path(capture: Path) -> Path:
    """Return the path of a capture's lock file, with symbolic links resolved."""
    return Path(os.path.realpath(capture) + "-lock")


class WriterLock:
    """The right to append to one capture, held until ``release`` or the end of the process.

    Raises ``CaptureError`` if another process, or another store in this one, holds it, and
    if the folder is not writable.
    """

    def __init__(self, capture: Path) -> None:
        self._path = lock_path(capture)
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(_PAUSE)
            descriptor = self._open(capture)
            if descriptor is not None:
                self._descriptor: int | None = descriptor
                os.ftruncate(descriptor, 0)
                os.write(descriptor, str(os.getpid()).encode())
                return
        raise CaptureError(
            f"{safe(str(capture))} is being recorded by another cookietrace{self._holder()}: "
            "stop that one, or give --capture another file"
        )

    def _open(self, capture: Path) -> int | None:
        """Return a descriptor that holds the lock, or None if it is taken."""
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self._path, flags, 0o600)
        except OSError as error:
            raise CaptureError(
                f"{safe(str(capture))} cannot be written to: "
                f"{safe(str(self._path))}: {error.strerror}"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The previous holder removes the file when done: a lock on a file that
            # no longer has this name excludes no one.
            found = os.stat(self._path)  # noqa: PTH116 - compared with fstat
            held = os.fstat(descriptor)
            if (found.st_dev, found.st_ino) == (held.st_dev, held.st_ino):
                return descriptor
        except OSError:
            pass
        os.close(descriptor)
        return None

    def _holder(self) -> str:
        """Return the holder's process id in brackets, or nothing if it is unknown."""
        try:
            number = self._path.read_text(encoding="ascii", errors="replace")
        except OSError:
            return ""
        return f" (process {number})" if number.isdecimal() else ""

    def release(self) -> None:
        """Release the lock and remove its file; a second call does nothing."""
        if self._descriptor is None:
            return
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None


def is_live(capture: Path) -> bool:
    """Return whether a writer holds the capture now.

    A lock file that we may not open belongs to another user, and counts as held.
    """
    try:
        descriptor = os.open(lock_path(capture), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
