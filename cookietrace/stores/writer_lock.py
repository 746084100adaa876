"""One writer per capture: advisory locks that end with the process that holds them.

One is a ``flock`` on a small file beside the capture, which says to everyone that the capture
is being recorded, and by which process. A file left by a killed process locks nothing, and
the next writer reuses it. The other belongs to the capture itself (``own_file``), for the case
that it has another name.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
import time
from pathlib import Path

from cookietrace.errors import CaptureError
from cookietrace.safe_text import safe
from cookietrace.stores.own_file import OwnFile

_ATTEMPTS = 10
_PAUSE = 0.02
"""Seconds between attempts: ``is_live`` holds the lock for a moment."""

_CONTENT = re.compile(rb"\d{0,20}")
"""What we write into a lock file: the writer's process id."""


def lock_path(capture: Path) -> Path:
    """Return the path of a capture's lock file, with symbolic links resolved."""
    return Path(os.path.realpath(capture) + "-lock")


class WriterLock:
    """The right to append to one capture, held until ``release`` or the end of the process.

    Raises ``CaptureError`` if another process, or another store in this one, holds it, and
    if the folder is not writable.
    """

    def __init__(self, capture: Path) -> None:
        self._capture = capture
        self._path = lock_path(capture)
        self._file: OwnFile | None = None
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(_PAUSE)
            descriptor = self._open()
            if descriptor is not None:
                self._descriptor: int | None = descriptor
                with contextlib.suppress(OSError):  # the disk is full: it locks without a number
                    os.ftruncate(descriptor, 0)
                    os.write(descriptor, str(os.getpid()).encode())
                return
        raise CaptureError(
            f"{safe(str(capture))} is being recorded by another cookietrace{self._holder()}: "
            "stop that one, or choose another --capture file"
        )

    def hold(self, *, create: bool = False) -> OwnFile:
        """Lock the capture itself, until ``release``; with ``create``, make it if it is missing.

        Raises as ``OwnFile`` does.
        """
        assert self._file is None
        self._file = OwnFile(self._capture, create=create)
        return self._file

    def _open(self) -> int | None:
        """Return a descriptor that holds the lock, or None if it is taken."""
        try:
            descriptor = self._opened()
        except OSError as error:
            raise CaptureError(
                f"{safe(str(self._capture))} cannot be written to: "
                f"{safe(str(self._path))}: {error.strerror}"
            ) from error
        if descriptor is None:
            return None
        try:
            if not _is_lock_file(descriptor):
                raise self._not_ours()
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The previous holder removes the file when done: a lock on a file that
            # no longer has this name excludes no one.
            if self._is_at_our_path(descriptor):
                return descriptor
        except OSError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    def _opened(self) -> int | None:
        """Return a descriptor of the lock file, new or left behind; None to try again.

        Raises ``OSError``, and ``CaptureError`` if something else is at its path: that is not
        opened.
        """
        flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(self._path, flags | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        try:
            if not stat.S_ISREG(self._path.lstat().st_mode):
                raise self._not_ours()
            return os.open(self._path, flags | os.O_NONBLOCK)
        except FileNotFoundError:  # removed by its holder just now
            return None

    def _not_ours(self) -> CaptureError:
        return CaptureError(
            f"{safe(str(self._capture))} cannot be recorded into: its lock file would be "
            f"{safe(str(self._path))}, which is something else: move that away"
        )

    def _is_at_our_path(self, descriptor: int) -> bool:
        """Return whether the open lock file still has its name. Raises ``OSError``."""
        found = os.stat(self._path, follow_symlinks=False)  # noqa: PTH116 - compared with fstat
        held = os.fstat(descriptor)
        return (found.st_dev, found.st_ino) == (held.st_dev, held.st_ino)

    def _holder(self) -> str:
        """Return the holder's process id in brackets, or nothing if it is unknown."""
        number = writer_of(self._capture)
        return "" if number is None else f" (process {number})"

    def release(self) -> None:
        """Release the locks and remove the lock file; a second call does nothing."""
        if self._descriptor is None:
            return
        if self._file is not None:
            self._file.release()
        try:
            if self._is_at_our_path(self._descriptor):
                self._path.unlink(missing_ok=True)
        except OSError:
            pass
        os.close(self._descriptor)
        self._descriptor = None


_READING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def _is_lock_file(descriptor: int) -> bool:
    """Return whether an open file can be a lock file: it has one name and holds a number at most.

    Raises ``OSError``.
    """
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        return False
    return _CONTENT.fullmatch(os.pread(descriptor, 32, 0)) is not None


def writer_of(capture: Path) -> int | None:
    """Return the id of the process that a capture's lock file names; None if it names none.

    It is that of the last writer: ask ``is_live`` whether it still holds the capture.
    """
    try:
        descriptor = os.open(lock_path(capture), _READING)
    except OSError:
        return None
    try:
        number = os.read(descriptor, 32)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return int(number) if number and _CONTENT.fullmatch(number) else None


def is_live(capture: Path) -> bool:
    """Return whether a writer holds the capture now.

    A lock file that we may not open belongs to another user, and counts as held.
    """
    path = lock_path(capture)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        descriptor = os.open(path, _READING)
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
