"""SQLite's slots for readers, of which each transaction of a writer needs one, too.

They are four bytes of the ``-shm`` file. SQLite's own programs lock one exclusively for a moment
only. If another program keeps them, SQLite waits for ten seconds, whatever its busy timeout is, so
a writer that must not wait looks first.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import time
from pathlib import Path

from cookietrace.stores.own_file import close_unused, lock_request

_QUESTION = lock_request(fcntl.F_RDLCK, 124, 4)
"""Whether a reader could lock all slots that serve appending. The byte before them is the slot
that a checkpoint locks for as long as it takes (SQLite, ``wal.c``: "WAL_READ_LOCK")."""

_YES = struct.pack("h", fcntl.F_UNLCK)
"""What an answer begins with if nothing is in the way."""

_PAUSE = 0.0002
"""Seconds between two looks."""


class ReaderSlots:
    """Tells whether another program keeps a slot of a capture that a connection has open.

    If the system does not tell (only Linux does), or the file cannot be opened, all are free.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        if sys.platform != "linux":
            return
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            self._descriptor = os.open(path.with_name(path.name + "-shm"), flags)
        except OSError:
            return

    def free_within(self, seconds: float) -> bool:
        """Return True as soon as no slot is kept, False if that takes longer than ``seconds``."""
        descriptor = self._descriptor
        if descriptor is None or _are_free(descriptor):
            return True
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(_PAUSE)
            if _are_free(descriptor):
                return True
        return False

    def close(self, identity: tuple[int, int]) -> None:
        """Close the file with the last connection to the capture, which is the file ``identity``.

        Closing it before would release SQLite's own locks.
        """
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            close_unused(identity, descriptor)


def _are_free(descriptor: int) -> bool:
    try:
        return fcntl.fcntl(descriptor, fcntl.F_GETLK, _QUESTION).startswith(_YES)
    except OSError:
        return True
