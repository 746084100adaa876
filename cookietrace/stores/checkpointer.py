"""Moves a writer's log into its file in another thread, so that appending never waits for it."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path

from cookietrace.errors import CaptureError
from cookietrace.stores.connection import connect

EVERY = 1024 * 1024
"""How many bytes are appended between two checkpoints, if the disk is not slow.

After a checkpoint the log is written from its start again: overwriting a file is cheaper
than growing it. But with its first page SQLite waits for the disk inside the append, or a power
cut could damage the file; so on a slow disk checkpoints are rarer.
"""

RAREST = 16
"""How many times rarer checkpoints are on the slowest disk."""

SLOW_SECONDS = 0.1
"""How long a checkpoint may take on a disk that is not slow; twice this is twice as rare."""

THREAD = "cookietrace checkpoints"
"""The name of the checkpointing thread."""

_ATTEMPTS = 5
"""The most passes per checkpoint, to catch up with what is appended meanwhile."""


class Checkpointer:
    """Checkpoints one capture in the background.

    A checkpoint waits for the disk, for an unknown time; inside an append it would delay
    the traffic that is being recorded. If one fails, the next one, or closing the
    capture, makes up for it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._due = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self.every = EVERY
        """How many bytes to append before the next checkpoint is due."""

    def start(self) -> None:
        """Start a checkpoint; due every ``every`` bytes, or the log would grow without limit."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
            self._thread.start()
        self._due.set()

    def stop(self) -> None:
        """End the thread, and wait for it; then the capture may be closed."""
        self._stopped = True
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            if self._stopped:
                return
            self._checkpoint_and_pace()

    def _checkpoint_and_pace(self) -> None:
        """Make a checkpoint, and the next one rarer if the disk is slow."""
        started = time.monotonic()
        with suppress(sqlite3.Error, CaptureError):
            self._checkpoint()
        slowness = int((time.monotonic() - started) / SLOW_SECONDS)
        self.every = EVERY * min(1 + slowness, RAREST)

    def _checkpoint(self) -> None:
        """Move the whole log into the file, so that the writer starts it again.

        This takes a pass that finds nothing to move, since each pass leaves what was
        appended after it started.
        """
        connection = connect(self._path, "mode=rw")
        before = None
        try:
            for _ in range(_ATTEMPTS):
                _, logged, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if logged == moved == before or self._stopped:
                    return
                before = moved
        finally:
            connection.close()
