"""Replaces the beginning of an SQLite capture, also while another process records into it.

Nothing here takes the writer's lock for longer than a few milliseconds. First the new beginning
is put into the rows just before what stays: read from the start, the capture is then the old one
up to there, and continues from the new beginning. Then the rows before it are deleted in small
transactions, the latest first, so that at any moment, also if the process is killed, what can be
read is a beginning of the old capture and the whole new one. The recorder uses the freed pages
again.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cookietrace.errors import CaptureError
from cookietrace.events import SCHEMA, Event, decode
from cookietrace.safe_text import safe
from cookietrace.stores.connection import capture_errors, connect
from cookietrace.stores.guard import allow_deleting, restrict_again
from cookietrace.stores.layout import check_header, encode_rows, has_our_table
from cookietrace.stores.own_file import closed_connection, opened_connection

BRIEF_SECONDS = 0.002
"""How long a transaction may take: the recorder waits for it, and for 5 ms at most."""

_FIRST_ROWS = 64
_FEWEST_ROWS = 8
_MOST_ROWS = 4096
_BATCH_ROWS = 256
_BATCH_SIZE = 4 * 1024 * 1024


class Trimming:
    """A connection to a capture that replaces its beginning. For one thread."""

    def __init__(self, path: Path) -> None:
        """Open the capture. Raises ``CaptureError`` if it is none of this version's."""
        self._path = path
        self.most_rows = _MOST_ROWS
        """The most rows that one step deletes."""
        with capture_errors(path):
            found = os.stat(path)  # noqa: PTH116 - as in the store
            self.identity = found.st_dev, found.st_ino
            self._connection = connect(path, "mode=rw")
            try:
                check_header(path, self._connection)
                schema = self._connection.execute("PRAGMA user_version").fetchone()[0]
                if schema != SCHEMA or not has_our_table(self._connection):
                    raise CaptureError(
                        f"{safe(str(path))} was made by another version of cookietrace, and can "
                        "only be read"
                    )
                allow_deleting(self._connection)
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.execute("PRAGMA wal_autocheckpoint = 0")
            except BaseException:
                self._connection.close()
                raise
        opened_connection(self.identity)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._connection.close()
        closed_connection(self.identity)

    @property
    def size(self) -> int:
        """How many bytes of the file are in use."""
        with capture_errors(self._path):
            return self._number("page_size") * (
                self._number("page_count") - self._number("freelist_count")
            )

    def rows(self) -> Iterator[tuple[int, int, Event]]:
        """Yield the position, the size and the event of each row, in order.

        No read transaction lasts longer than it takes to read a few rows.
        """
        position, execute = 0, self._connection.execute
        while True:
            with capture_errors(self._path):
                cursor = execute(
                    "SELECT position, json FROM events WHERE position > ? "
                    "ORDER BY position LIMIT ?",
                    (position, _BATCH_ROWS),
                )
                rows, room = [], _BATCH_SIZE
                for row in cursor:
                    rows.append(row)
                    room -= len(row[1])
                    if room < 0:
                        break
                cursor.close()
            if not rows:
                return
            for position, text in rows:
                yield position, len(text), decode(text)

    def begin_with(self, events: Sequence[Event], last: int) -> int | None:
        """Put events into the rows up to position ``last``; return that of the first of them.

        None if there are too few rows before it: then nothing has changed.
        """
        first = last - len(events) + 1
        texts, _ = encode_rows(events, bytearray())
        with capture_errors(self._path):
            if not events or first <= self._least:
                return None
            execute = self._connection.execute
            execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO events (position, json) VALUES (?, ?)",
                    enumerate(texts, first),
                )
                execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    execute("ROLLBACK")
                raise
        return first

    def delete_before(self, position: int) -> Iterator[float]:
        """Delete all rows before a position, a few with each step.

        Yields how long the step took, in seconds; the caller should wait before the next one.
        """
        execute, until = self._connection.execute, position
        rows = min(_FIRST_ROWS, self.most_rows)
        with capture_errors(self._path):
            least = self._least
        while until > least:
            since = max(least, until - rows)
            began = time.monotonic()
            with capture_errors(self._path):
                execute("DELETE FROM events WHERE position >= ? AND position < ?", (since, until))
            took, until = time.monotonic() - began, since
            if took > BRIEF_SECONDS:
                rows = max(_FEWEST_ROWS, rows // 2)
            elif took < BRIEF_SECONDS / 3:
                rows = min(self.most_rows, rows * 2)
            yield took

    def shrink(self) -> None:
        """Give all free pages back to the file system, so that nothing of what was removed is left.

        It takes as much room again for a while. Only the holder of the writer's lock may do it.
        """
        with capture_errors(self._path):
            self._connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 1)  # SQLite's own copy
            self._connection.set_authorizer(None)  # the schema was checked to be ours
            try:
                self._connection.execute("VACUUM")
            finally:
                restrict_again(self._connection)

    @property
    def _least(self) -> int:
        found: int | None = self._connection.execute("SELECT min(position) FROM events").fetchone()[
            0
        ]
        return 0 if found is None else found

    def _number(self, name: str) -> int:
        found: int = self._connection.execute(f"PRAGMA {name}").fetchone()[0]
        return found
