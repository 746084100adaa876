"""SQLite's slots for readers, of which each transaction of a writer needs one, too.

They are four bytes of the ``-shm`` file. SQLite's own programs lock one exclusively for a moment
only. If another program keeps them, SQLite waits for ten seconds, whatever its busy timeout is, so
a writer that must not wait looks first.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from cookietrace.stores.own_file import close_unused, is_locked

_FIRST_SLOT, _SLOTS = 124, 4
"""The bytes of the slots that serve appending: after those of SQLite's other locks, and the slot
that a checkpoint may lock for as long as it takes (SQLite, ``wal.c``: "WAL_READ_LOCK")."""

_PAUSE = 0.0002
"""Seconds between two looks."""


class ReaderSlots:
    """Tells whether another program keeps a slot of a capture that a connection has open.

    If the system does not tell (only Linux does), or the file cannot be opened, all are free.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            self._descriptor = os.open(path.with_name(path.name + "-shm"), flags)
        except OSError:
            return

    def free_within(self, seconds: float) -> bool:
        """Return True as soon as no slot is kept, False if that takes longer than ``seconds``."""
        descriptor = self._descriptor
        if descriptor is None or not is_locked(descriptor, _FIRST_SLOT, _SLOTS):
            return True
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(_PAUSE)
            if not is_locked(descriptor, _FIRST_SLOT, _SLOTS):
                return True
        return False

    def close(self, identity: tuple[int, int]) -> None:
        """Close the file with the last connection to the capture, which is the file ``identity``.

        Closing it before would release SQLite's own locks.
        """
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            close_unused(identity, descriptor)
