"""A writer's log moved into its file on another thread: appending never waits for the disk."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from cookietrace.stores.connection import connect

EVERY = 1024 * 1024
"""How many octets are appended between two checkpoints.

A checkpoint lets the log begin anew, and to write over a file is cheaper than to
lengthen it.
"""

THREAD = "cookietrace checkpoints"
"""The name of the thread that checkpoints a capture."""

_ATTEMPTS = 5
"""How often to catch up at once with what was appended during a checkpoint."""


class Checkpointer:
    """Checkpoints one capture in the background.

    A checkpoint waits for the disk, which takes as long as the disk likes; done
    inside an append it would hold up the traffic that is being recorded. Where
    one fails, the next one, or the closing of the capture, makes up for it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._due = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Have the log moved, which is due each ``EVERY`` octets: it may not grow without end."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
            self._thread.start()
        self._due.set()

    def stop(self) -> None:
        """End the thread, and wait for it; the capture may then be closed."""
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
            with suppress(sqlite3.Error):
                self._checkpoint()

    def _checkpoint(self) -> None:
        """Move all of the log, which the writer then begins anew.

        That takes a pass that finds nothing to move: each pass leaves behind what was
        appended since it began.
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
