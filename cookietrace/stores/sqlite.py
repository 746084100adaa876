"""The default store: one owner-only SQLite file in WAL mode with one table of events."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Sequence
from operator import lt
from pathlib import Path

import msgspec

from cookietrace import __version__
from cookietrace.errors import BusyError, CaptureError, FormatError
from cookietrace.events import SCHEMA, Capture, Event, decode, decode_all
from cookietrace.safe_text import safe
from cookietrace.stores.capture_store import START, Batch
from cookietrace.stores.checkpointer import Checkpointer
from cookietrace.stores.connection import (
    DAMAGED,
    LOCKED,
    as_capture_error,
    capture_errors,
    connect,
    connect_reader,
    may_write,
    why_read_only,
)
from cookietrace.stores.layout import (
    CREATE,
    INSERT,
    INSERTS,
    check_header,
    encode_rows,
    has_our_table,
    raise_schema,
)
from cookietrace.stores.own_file import (
    OwnFile,
    closed_connection,
    opened_connection,
    refuse_long_name,
    refuse_special,
)
from cookietrace.stores.pace import Pace
from cookietrace.stores.reader_slots import ReaderSlots
from cookietrace.stores.writer_lock import WriterLock

SUFFIX = ".cookietrace"

_CHECK_SECONDS = 0.05
"""How often a writer checks that the file at its path is still the one it writes."""

APPEND_MILLISECONDS = 5
"""The longest that appending waits for a lock that another program holds: traffic waits with it."""
_APPEND_SECONDS = APPEND_MILLISECONDS / 1000


_BATCH_SIZE = 16 * 1024 * 1024
"""After about how many characters a batch ends."""


_CUT_OFF = "cut off or damaged"
"""What a row without text is: SQLite reads NULL from a page that was cut off."""

_AT = "SELECT position, json FROM events WHERE position IN "
_MOST_PLACES = 500
"""The most places in one statement; SQLite allows some 30,000 variables."""


class _AtOnly(msgspec.Struct):
    """Just the time of any event."""

    at: float | None = None


_at_decoder = msgspec.json.Decoder(_AtOnly)


class SqliteStore:
    """A ``CaptureStore`` over one SQLite file; opened with the functions of this file."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lock: WriterLock | None = None
    ) -> None:
        self.path = path
        self._name = str(path)
        self._connection = connection
        self._cursor = connection.cursor()
        """For appending: a new cursor each time costs more."""
        self._scratch = bytearray()
        self._writer_lock = lock
        self._slots: ReaderSlots | None = None
        self._checkpointer = Checkpointer(path)
        self._logged = 0
        """About how many bytes were appended since the last checkpoint started."""
        self._lock = threading.Lock()
        """Held while the connection is in use: SQLite serves one thread at a time."""
        self._closed = threading.Event()
        self._pace = Pace()
        self._writable = lock is not None
        self._checked_at = 0.0
        with self._lock:
            self._identity = self._file_identity()
            with capture_errors(path):
                check_header(path, connection)
            self._info = self._first_event()
        if self._identity is not None:
            opened_connection(self._identity)

    @property
    def info(self) -> Capture:
        """The capture's first event, which says what the capture is."""
        return self._info

    def append(self, events: Sequence[Event]) -> str:
        """Add the events in one transaction, and return the position after them.

        Raises ``CaptureError`` if nothing could be added: the disk is full, the file was
        moved or deleted, or the store was opened for reading. Raises ``BusyError`` if another
        program holds a lock for more than ``APPEND_MILLISECONDS``.
        """
        with self._lock:
            try:
                now = time.monotonic()
                if not self._writable or now - self._checked_at >= _CHECK_SECONDS:
                    self._check_writable(now)
                texts, size = encode_rows(events, self._scratch)
                if self._slots is not None and not self._slots.free_within(_APPEND_SECONDS):
                    raise BusyError(f"{safe(self._name)} {LOCKED}")
                last = self._insert(texts)
            except (sqlite3.Error, OSError) as error:
                raise as_capture_error(self.path, error) from error
            self._logged += size
            if self._logged >= self._checkpointer.every:
                self._logged = 0
                self._checkpointer.start()
        return str(last)

    def _insert(self, texts: list[str]) -> int | None:
        """Add the rows in one transaction, and return the position of the last one."""
        execute = self._cursor.execute
        if 0 < len(texts) <= len(INSERTS):  # one statement is the cheapest transaction
            return execute(INSERTS[len(texts) - 1], texts).lastrowid
        execute("BEGIN IMMEDIATE")
        try:
            last: int | None = execute("SELECT max(position) FROM events").fetchone()[0]
            for text in texts:
                last = execute(INSERT, (text,)).lastrowid
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise
        return last

    def read(self, after: str = START, limit: int = 1000) -> Batch:
        """Return at most ``limit`` events after the position, oldest first.

        There are fewer if they are large, so that one batch does not fill the memory.
        """
        rows = self._rows(_number(after), limit)
        if not rows:
            return Batch((), after)
        try:
            places, texts = zip(*rows, strict=True)
            if set(map(type, texts)) != {str}:
                raise FormatError(_CUT_OFF)
            events = decode_all(texts)
        except FormatError as error:
            raise CaptureError(f"{safe(str(self.path))} holds an event that is {error}") from error
        return Batch(events, str(places[-1]), places)

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """Return the events at places of batches, in order; those deleted since are left out."""
        events: list[Event] = []
        for first in range(0, len(places), _MOST_PLACES):
            wanted = places[first : first + _MOST_PLACES]
            statement = _AT + f"({', '.join('?' * len(wanted))}) ORDER BY position"
            try:
                events += [_decoded(text) for _, text in self._query(statement, *wanted)]
            except FormatError as error:
                name = safe(str(self.path))
                raise CaptureError(f"{name} holds an event that is {error}") from error
        return events

    def first(self) -> str:
        """Return the position of the first event."""
        rows = self._query("SELECT min(position), '' FROM events")
        return str(rows[0][0])

    def end(self) -> str:
        """Return the position of the last event."""
        rows = self._query("SELECT max(position), '' FROM events")
        return str(rows[0][0])

    def wait(self, after: str, timeout: float) -> bool:
        """Return True as soon as there is an event after the position, False after ``timeout``."""
        position = _number(after)
        deadline = time.monotonic() + timeout
        while not self._closed.is_set():
            if self._query("SELECT 1 FROM events WHERE position > ? LIMIT 1", position):
                self._pace.grown()
                return True
            remaining = deadline - time.monotonic()
            if remaining <= 0 or self._closed.wait(min(self._pace.pause(), remaining)):
                return False
        return False

    def ahead(self, after: str = START) -> int:
        """Return about how many events there are after the position, at little cost."""
        number = _number(after)
        next_ = self._query(
            "SELECT position, '' FROM events WHERE position > ? ORDER BY position LIMIT 1", number
        )
        if not next_:
            return 0
        last = self._query("SELECT position, '' FROM events ORDER BY position DESC LIMIT 1")
        return last[0][0] - next_[0][0] + 1

    def extent(self) -> tuple[int, float | None]:
        """Return about how many events there are, and the time of the last one (or None)."""
        rows = self._query("SELECT position, json FROM events ORDER BY position DESC LIMIT 1")
        if not rows:
            return 0, None
        position, text = rows[0]
        try:
            at = _at_decoder.decode(text)
        except (msgspec.DecodeError, TypeError, ValueError):
            raise CaptureError(f"{safe(str(self.path))} {DAMAGED}") from None
        return position - int(self.first()) + 1, at.at

    def raise_schema(self) -> None:
        """Make the capture one of this version's schema, if an older version wrote it.

        Raises ``CaptureError`` if that is not possible.
        """
        if self._info.schema >= SCHEMA:
            return
        info = msgspec.structs.replace(self._info, schema=SCHEMA)
        with self._lock, capture_errors(self.path):
            raise_schema(self._connection, info)
        self._info = info

    def writes_to(self, own: OwnFile) -> bool:
        """Return whether the file at our path is the one that our lock is on."""
        return self._identity == own.identity

    def wait_briefly(self) -> None:
        """From now on do not wait for other programs for more than ``APPEND_MILLISECONDS``."""
        with self._lock, capture_errors(self.path):
            # The first transaction makes the file that the slots are in.
            self._connection.execute("SELECT 1 FROM events LIMIT 1").fetchone()
            self._connection.execute(f"PRAGMA busy_timeout = {APPEND_MILLISECONDS}")
            self._slots = ReaderSlots(self.path)

    def close(self) -> None:
        """Close the file; the last process to do so leaves it as one plain file."""
        with self._lock:
            if self._closed.is_set():
                return
            self._closed.set()
            self._writable = False
            self._checkpointer.stop()
            try:
                if self._slots is None or self._slots.free_within(0.0):
                    self._finish_log()
                self._connection.close()
            finally:
                if self._identity is not None:
                    if self._slots is not None:
                        self._slots.close(self._identity)
                    closed_connection(self._identity)
                if self._writer_lock is not None:
                    self._writer_lock.release()

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _finish_log(self) -> None:
        """Move the log into the file, and turn WAL mode off if no one else uses the file.

        Without WAL mode the file can later be read from a read-only folder. A failure
        loses nothing: the log stays beside the file until it is opened next.
        """
        execute = self._connection.execute
        try:
            execute("PRAGMA busy_timeout = 0")
            execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.Error:
            if self._writer_lock is not None:
                try:
                    execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                except sqlite3.Error:
                    return

    def _rows(self, position: int, limit: int) -> list[tuple[int, str]]:
        """Return rows after a position. Raises ``CaptureError`` if they are not in order."""
        with self._lock, capture_errors(self.path):
            self._check_open()
            found = self._connection.execute(
                "SELECT position, json FROM events WHERE position > ? ORDER BY position LIMIT ?",
                (position, limit),
            )
            rows: list[tuple[int, str]] = []
            room = _BATCH_SIZE
            for row in found:
                rows.append(row)
                room -= len(row[1] or "")
                if room < 0:
                    found.close()
                    break
            places = [place for place, _ in rows]
            if not all(map(lt, [position, *places], places)):
                # A page that refers to itself would be read for ever.
                raise CaptureError(f"{safe(str(self.path))} {DAMAGED}")
            return rows

    def _check_open(self) -> None:
        """Raise ``CaptureError`` if the store has been closed."""
        if self._closed.is_set():
            raise CaptureError(f"{safe(str(self.path))} has been closed")

    def _query(self, statement: str, *values: object) -> list[tuple[int, str]]:
        """Return all rows, so that no read transaction outlives this call."""
        with self._lock, capture_errors(self.path):
            self._check_open()
            return self._connection.execute(statement, values).fetchall()

    def _check_writable(self, now: float) -> None:
        """Raise ``CaptureError`` if an added event would not end up in the file at our path."""
        self._check_open()
        if not self._writable:
            raise CaptureError(f"{safe(str(self.path))} was opened for reading, not for recording")
        if self._file_identity() == self._identity:
            self._checked_at = now
        else:
            raise CaptureError(
                f"{safe(str(self.path))} was moved or deleted while it was being recorded: "
                "start again with a new --capture file"
            )

    def _file_identity(self) -> tuple[int, int] | None:
        """Return which file is at our path now; None if there is none."""
        try:
            found = os.stat(self._name)  # noqa: PTH116 - twice as fast
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _first_event(self) -> Capture:
        """Return the capture's first event."""
        statement = "SELECT position, json FROM events ORDER BY position LIMIT 1"
        with capture_errors(self.path):
            row = self._connection.execute(statement).fetchone()
        try:
            if row and row[0] < 1:
                raise FormatError("at a position that no event has")
            first = _decoded(row[1]) if row else None
        except FormatError as error:
            raise CaptureError(f"{safe(str(self.path))} {DAMAGED}") from error
        if not isinstance(first, Capture):
            raise CaptureError(f"{safe(str(self.path))} does not begin with a capture event")
        return first


def _decoded(text: object) -> Event:
    """Return the event of a row. Raises ``FormatError``."""
    if not isinstance(text, str):
        raise FormatError(_CUT_OFF)
    return decode(text)


def create_capture(
    path: Path | str,
    *,
    sensitive: bool = True,
    redacted: bool = False,
    info: Capture | None = None,
) -> SqliteStore:
    """Create a capture, and return it ready for appending.

    ``info``, if given, becomes the first event as it is. From the start, only the owner
    can read the file and the folders created for it. An empty file is treated as missing.
    Raises ``CaptureError`` if the file already has content or cannot be written, and if
    something other than a regular file is there, which is not even opened.
    """
    refuse_special(Path(path))
    path = _resolved(path)
    refuse_long_name(path)
    first = info or Capture(
        capture_id=secrets.token_hex(16),
        schema=SCHEMA,
        at=time.time(),
        producer=f"cookietrace {__version__}",
        sensitive=sensitive,
        redacted=redacted,
    )
    with capture_errors(path):
        create_private_folder(path.parent)
    lock = WriterLock(path)
    try:
        with capture_errors(path):
            own = lock.hold(create=True)
            if own.size > 0:
                raise CaptureError(
                    f"{safe(str(path))} already exists: choose another --capture file"
                )
            own.require_one_name()
            own.make_private()
            connection = connect(path, "mode=rw")
            try:
                # One transaction before WAL mode is turned on, so that other processes
                # see the file either empty or complete.
                connection.executescript(CREATE)
                connection.execute(INSERT, encode_rows([first], bytearray())[0])
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
        store = _as_writer(path, connection, lock, own)
        store.wait_briefly()
    except BaseException:
        lock.release()
        raise
    return store


def open_sqlite(path: Path | str, *, write: bool = False) -> SqliteStore:
    """Open an existing capture; with ``write``, to continue recording into it.

    A capture of an older schema becomes one of this schema when it is opened for writing.

    Raises ``SchemaError`` if a newer version wrote it, and ``CaptureError`` if there is
    none, it is not a capture, or it is damaged; with ``write`` also if another process is
    recording into it or it is not writable. Only a regular file is opened.
    """
    refuse_special(Path(path))
    path = _resolved(path)
    with capture_errors(path):
        if not path.exists():
            raise CaptureError(f"there is no capture at {safe(str(path))}")
        if path.stat().st_size == 0:
            raise CaptureError(f"{safe(str(path))} is empty: nothing was recorded into it")
    if not write:
        with capture_errors(path):
            connection = connect_reader(path)
        return _opened(path, connection, None)
    if not may_write(path):
        raise CaptureError(f"{safe(str(path))} {why_read_only(path)}")
    refuse_long_name(path)
    lock = WriterLock(path)
    try:
        with capture_errors(path):
            own = lock.hold()
            own.require_one_name()
            connection = connect(path, "mode=rw")
        store = _as_writer(path, connection, lock, own)
        try:
            with capture_errors(path):
                refusal = _refusal(store.info, connection)
            if refusal is not None:
                raise CaptureError(f"{safe(str(path))} {refusal}: choose another --capture file")
            store.raise_schema()
            store.wait_briefly()
        except BaseException:
            store.close()
            raise
    except BaseException:
        lock.release()
        raise
    return store


def _refusal(info: Capture, connection: sqlite3.Connection) -> str | None:
    """Return why a readable capture cannot be recorded into; None if it can.

    Raises ``sqlite3.Error``.
    """
    if info.redacted:
        return "is a redacted copy, which cannot be recorded into"
    if not has_our_table(connection):
        return "was made by another version of cookietrace, and can only be read"
    return None


def _as_writer(
    path: Path, connection: sqlite3.Connection, lock: WriterLock, own: OwnFile
) -> SqliteStore:
    """Return a store that appends through the connection, in WAL mode."""
    store = _opened(path, connection, lock)
    with capture_errors(path):
        try:
            if not store.writes_to(own):
                raise CaptureError(f"{safe(str(path))} was replaced just now: try again")
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            # Survives a crash of the process; a power cut may lose the last events,
            # but never damages the file.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            # Written pages are hardly ever read again, so a small cache is faster.
            connection.execute("PRAGMA cache_size = 10")
        except BaseException:
            store.close()
            raise
    return store


def _opened(path: Path, connection: sqlite3.Connection, lock: WriterLock | None) -> SqliteStore:
    """Return the store; if the file is not a valid capture, close the connection and raise."""
    try:
        return SqliteStore(path, connection, lock)
    except BaseException:
        connection.close()
        raise


def _resolved(path: Path | str) -> Path:
    """Return the path with symbolic links resolved, so that a capture has only one lock."""
    return Path(os.path.realpath(path))


def create_private_folder(folder: Path) -> None:
    """Create the folder and its missing parents, for the owner only."""
    if folder.is_dir():
        return
    create_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def _number(position: str) -> int:
    """Return the row number of a position of this store."""
    if position == START:
        return 0
    try:
        return int(position)
    except ValueError as error:
        raise CaptureError(f"no such position in this capture: {safe(position)}") from error
