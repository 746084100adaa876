"""A capture that only this process sees: events that were read from another kind of file.

They lie in a temporary database. Its file, in a folder of the owner's alone, is unlinked before
anything is in it, so that it is gone however the process ends. Nothing has to survive a crash.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

from cookietrace.errors import CaptureError
from cookietrace.events import Capture, Event, decode
from cookietrace.safe_text import safe
from cookietrace.stores.capture_store import START, Batch
from cookietrace.stores.layout import INSERT, TABLE, encode_rows

_FIRST, _MOST = 64, 2_000
"""How many events are added at a time: few at first, so that the first rows are there at once."""

_PIECE = 1024 * 1024
"""After about how many bytes of JSON events are added, however few they are."""

_BATCH_SIZE = 16 * 1024 * 1024
"""After about how many characters a batch ends."""

_MOST_PLACES = 500
"""The most places in one statement."""

_PATIENCE = 1.0
"""For how many seconds closing waits for the thread that reads."""

_SETTINGS = (
    "page_size = 8192",
    "journal_mode = MEMORY",
    "synchronous = OFF",
    "locking_mode = EXCLUSIVE",
    "cache_size = -4096",
)


class ImportedStore:
    """A ``CaptureStore`` of events that are read once, as a stream.

    Raises what reading the first event raises, and ``CaptureError`` if that is not a ``capture``
    event. What reading another one raises is raised by ``read`` once everything before has been
    read. Until then, ``read`` waits for events instead of returning none.
    """

    def __init__(self, events: Iterable[Event], *, at_once: bool = False) -> None:
        """``at_once`` reads everything now, and raises what that raises.

        Otherwise the events after the first are read by a thread of its own.
        """
        self._changed = threading.Condition()
        """Held while the connection is in use: SQLite serves one thread at a time."""
        self._closed = False
        self._count = 0
        self._failure: Exception | None = None
        self._events = iter(events)
        self._reading = True
        self._thread = threading.Thread(target=self._import, name="import", daemon=True)
        first = next(self._events, None)
        if not isinstance(first, Capture):
            raise CaptureError("a capture begins with a capture event, and this one does not")
        self._info = first
        self._connection = _connection()
        try:
            self.append([first])
            if at_once:
                self._take_all()
                self._reading = False
            else:
                self._thread.start()
        except BaseException:
            self._connection.close()
            raise

    @property
    def info(self) -> Capture:
        """The capture's first event, which says what the capture is."""
        return self._info

    def append(self, events: Sequence[Event]) -> str:
        """Add the events, and return the position after them."""
        texts, _ = encode_rows(events, bytearray())
        with self._changed:
            self._check_open()
            return self._insert(texts)

    def read(self, after: str = START, limit: int = 1000) -> Batch:
        """Return at most ``limit`` events after the position, oldest first.

        There are fewer if they are large. There are none only if everything has been read.
        """
        start = _number(after)
        with self._changed:
            while True:
                self._check_open()
                rows = self._rows(start, limit)
                if rows or not self._reading:
                    break
                self._changed.wait()
            if not rows and self._failure is not None:
                raise self._failure
        if not rows:
            return Batch((), after)
        events = tuple([decode(text) for _, text in rows])
        return Batch(events, str(rows[-1][0]), tuple([place for place, _ in rows]))

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """Return the events at places of batches, in order."""
        events: list[Event] = []
        for first in range(0, len(places), _MOST_PLACES):
            wanted = places[first : first + _MOST_PLACES]
            marks = ", ".join("?" * len(wanted))
            statement = f"SELECT json FROM events WHERE position IN ({marks}) ORDER BY position"  # noqa: S608
            with self._changed:
                self._check_open()
                rows = _tried(self._connection, statement, wanted).fetchall()
            events += [decode(text) for (text,) in rows]
        return events

    def first(self) -> str:
        """Return the position of the first event, which stays."""
        return "1"

    def ahead(self, after: str = START) -> int:
        """Return how many events there are after the position, as far as they have been read."""
        with self._changed:
            return max(0, self._count - _number(after))

    def wait(self, after: str, timeout: float) -> bool:
        """Return True as soon as there is an event after the position, False after ``timeout``."""
        start = _number(after)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._count > start, timeout)
            return not self._closed and self._count > start

    def close(self) -> None:
        """Stop reading, remove what was read, and refuse every later call."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(_PATIENCE)
        with self._changed:
            self._connection.close()

    def __enter__(self) -> ImportedStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _import(self) -> None:
        """Read the events, in a thread."""
        failure: Exception | None = None
        try:
            self._take_all()
        except Exception as error:  # noqa: BLE001 - raised again for whoever reads
            failure = error
        with self._changed:
            self._failure = failure
            self._reading = False
            self._changed.notify_all()

    def _take_all(self) -> None:
        """Add the events that are left, some at a time, until the store is closed."""
        texts: list[str] = []
        size, wanted, scratch = 0, _FIRST, bytearray()
        try:
            for event in self._events:
                more, bytes_more = encode_rows((event,), scratch)
                texts += more
                size += bytes_more
                if len(texts) >= wanted or size > _PIECE:
                    self._add(texts)
                    texts, size, wanted = [], 0, min(2 * wanted, _MOST)
                if self._closed:
                    break
        finally:
            self._add(texts)  # also those before one that cannot be read
            if isinstance(self._events, Generator):
                self._events.close()

    def _add(self, texts: list[str]) -> None:
        """Add rows, unless there are none or the store is closed."""
        with self._changed:
            if texts and not self._closed:
                self._insert(texts)

    def _insert(self, texts: list[str]) -> str:
        """Add rows, and return the position after them. The lock is held."""
        execute = self._connection.execute
        _tried(self._connection, "BEGIN")
        try:
            self._connection.executemany(INSERT, [(text,) for text in texts])
            execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise _trouble(error) from error
        self._count += len(texts)
        self._changed.notify_all()
        return str(self._count)

    def _rows(self, start: int, limit: int) -> list[tuple[int, str]]:
        rows: list[tuple[int, str]] = []
        room = _BATCH_SIZE
        statement = "SELECT position, json FROM events WHERE position > ? ORDER BY position LIMIT ?"
        for row in _tried(self._connection, statement, (start, limit)):
            rows.append(row)
            room -= len(row[1])
            if room < 0:
                break
        return rows

    def _check_open(self) -> None:
        """Raise ``CaptureError`` if the store has been closed."""
        if self._closed:
            raise CaptureError("the capture has been closed")


def _connection() -> sqlite3.Connection:
    """Return a connection to a new database without a name. Raises ``CaptureError``."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="cookietrace-"))
    except OSError as error:
        raise _trouble(error) from error
    try:
        path = folder / "imported"
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            for setting in _SETTINGS:
                connection.execute(f"PRAGMA {setting}").fetchall()
            connection.execute(TABLE)
            path.unlink()
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise _trouble(error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return connection


def _tried(
    connection: sqlite3.Connection, statement: str, values: Sequence[object] = ()
) -> sqlite3.Cursor:
    """Execute a statement. Raises ``CaptureError``."""
    try:
        return connection.execute(statement, values)
    except sqlite3.Error as error:
        raise _trouble(error) from error


def _trouble(error: sqlite3.Error | OSError) -> CaptureError:
    """Return the error for a temporary database that cannot be used."""
    full = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    why = "the disk is full" if full else safe(getattr(error, "strerror", None) or str(error))
    return CaptureError(
        f"what is being read cannot be kept in {safe(tempfile.gettempdir())} ({why}): "
        "TMPDIR can name another folder"
    )


def _number(position: str) -> int:
    """Return a position of this store as a number."""
    if position == START:
        return 0
    if not position.isdecimal():
        raise CaptureError("no such position in this capture")
    return int(position)
