"""A capture's file as such, whatever it is called: a regular file, with one writer at most.

What is at a path is looked at before it is opened: opening a pipe may wait for ever, and opening
a device may act. A second name of a file (a hard link, or the name that a file was moved to) has
another lock file beside it, and SQLite would keep another log there; so a writer locks the file
itself as well.
"""

from __future__ import annotations

import fcntl
import os
import stat
import struct
import sys
import threading
from collections import Counter
from pathlib import Path

from cookietrace.errors import CaptureError
from cookietrace.safe_text import safe

SIDE_FILES = ("-wal", "-shm", "-journal")
"""The suffixes of the files that SQLite may keep beside a database."""

_MOST_NAME = 255
"""Bytes of the longest name of a file."""

_MOST_PATH = 512
"""Bytes of the longest path that SQLite opens (``MAX_PATHNAME``)."""

in_use: Counter[tuple[int, int]] = Counter()
"""(device, inode) of a file -> how many connections this process has to it."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

_SET_LOCK: int | None = getattr(fcntl, "F_OFD_SETLK", None) if sys.platform == "linux" else None
"""Linux's lock that belongs to an open file: SQLite's locks, which belong to the process, neither
release it nor conflict with it. Elsewhere only the lock file and the number of names exclude a
second writer."""

_LOCKED_BYTE = 1 << 62
"""Far from the bytes that SQLite locks, and from any content."""

_to_close: dict[tuple[int, int], list[int]] = {}
"""Descriptors that are of no use any more. Closing one would release the locks of SQLite's
connections to the same file in this process, so they stay open as long as there are any."""

_guard = threading.Lock()


def refuse_special(path: Path) -> None:
    """Raise ``CaptureError`` if something other than a regular file is at the path.

    Nothing is opened. Nothing at all may be there.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - names such as /dev/fd/5 are kept as given
    except OSError:
        return
    what = kind_of(mode)
    if what is not None:
        raise CaptureError(f"{safe(str(path))} is {what}, not a capture")


def refuse_special_side_files(path: Path) -> None:
    """Raise ``CaptureError`` if one of a capture's side files is not a regular file.

    SQLite would open it for writing, and change its mode.
    """
    for ending in SIDE_FILES:
        beside = path.with_name(path.name + ending)
        try:
            mode = beside.lstat().st_mode
        except OSError:
            continue
        if not stat.S_ISREG(mode):
            raise CaptureError(
                f"{safe(str(beside))} is not a regular file, but SQLite would write to it: "
                "remove it"
            )


def refuse_long_name(path: Path) -> None:
    """Raise ``CaptureError`` if the names of a capture's side files would be too long."""
    most = _MOST_NAME - max(map(len, SIDE_FILES))
    if len(os.fsencode(path.name)) > most:
        raise CaptureError(
            f"the name {safe(path.name[:16])}… is too long: it may have {most} bytes, since SQLite "
            "adds to it for the files beside it"
        )
    most = _MOST_PATH - max(map(len, SIDE_FILES))
    if len(os.fsencode(path.absolute())) > most:
        raise CaptureError(
            f"the path {safe(str(path)[:32])}… is too long: SQLite opens none of more than {most} "
            "bytes, so choose a less deeply nested folder for --capture"
        )


def kind_of(mode: int) -> str | None:
    """Return what a file is that is not a regular one, in words; None for a regular one."""
    if stat.S_ISREG(mode):
        return None
    return next((words for is_kind, words in _KINDS if is_kind(mode)), "not a regular file")


def opened_connection(identity: tuple[int, int]) -> None:
    """Count a connection of this process to a file."""
    with _guard:
        in_use[identity] += 1


def closed_connection(identity: tuple[int, int]) -> None:
    """Count a connection that was closed; after the last one, close what waits for it."""
    with _guard:
        in_use[identity] -= 1
        if in_use[identity] <= 0:
            del in_use[identity]
            for descriptor in _to_close.pop(identity, ()):
                os.close(descriptor)


def close_unused(identity: tuple[int, int], descriptor: int) -> None:
    """Close a descriptor of a capture or its side file once no connection to it is open."""
    with _guard:
        if in_use[identity] > 0:
            _to_close.setdefault(identity, []).append(descriptor)
        else:
            os.close(descriptor)


class OwnFile:
    """A writer's hold of its file, by file and not by name.

    Raises ``CaptureError`` if it is not a regular file or another writer holds it, and
    ``OSError`` if it cannot be opened.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._path = path
        self._descriptor: int | None = _open(path, create=create)
        found = os.fstat(self._descriptor)
        self.identity = found.st_dev, found.st_ino
        self.names = found.st_nlink
        """How many names (hard links) the file has."""
        self.size = found.st_size
        try:
            what = kind_of(found.st_mode)
            if what is not None:
                raise CaptureError(f"{safe(str(path))} is {what}, not a capture")
            if not _lock(self._descriptor):
                raise CaptureError(
                    f"{safe(str(path))} is being recorded by another cookietrace under another "
                    "name: stop that one, or choose another --capture file"
                )
        except BaseException:
            self.release()
            raise

    def require_one_name(self) -> None:
        """Raise ``CaptureError`` if the file has several names: each would have its own log."""
        if self.names > 1:
            raise CaptureError(
                f"{safe(str(self._path))} has {self.names} names (hard links), and SQLite keeps a "
                "log for each of them: choose another --capture file, or record into a copy"
            )

    def make_private(self) -> None:
        """Let only the owner read and write it. Raises ``OSError``."""
        assert self._descriptor is not None
        os.fchmod(self._descriptor, 0o600)

    def release(self) -> None:
        """Give it up; a second call does nothing. Close the connection to the file before."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if in_use[self.identity] > 0:
            _unlock(descriptor)
        close_unused(self.identity, descriptor)


def _open(path: Path, *, create: bool) -> int:
    """Return a descriptor for reading and writing; with ``create``, of a new file if need be."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    if create:
        try:
            return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
    refuse_special(path)
    # If it is replaced by a pipe or a device only now, opening that does not wait.
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _lock(descriptor: int) -> bool:
    """Lock a file; return False if it is locked already."""
    if _SET_LOCK is None:
        return True
    try:
        fcntl.fcntl(descriptor, _SET_LOCK, lock_request(fcntl.F_WRLCK))
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _unlock(descriptor: int) -> None:
    """Unlock a file that stays open."""
    if _SET_LOCK is not None:
        try:
            fcntl.fcntl(descriptor, _SET_LOCK, lock_request(fcntl.F_UNLCK))
        except OSError:
            return


def lock_request(kind: int, first: int = _LOCKED_BYTE, count: int = 1) -> bytes:
    """Return Linux's ``struct flock`` for some bytes of a file, by default for ours."""
    return struct.pack("hhqqi0q", kind, os.SEEK_SET, first, count, 0)
