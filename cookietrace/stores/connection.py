"""SQLite connections to a capture file, even if the file or its folder is read-only."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from cookietrace.errors import BusyError, CaptureError
from cookietrace.safe_text import safe
from cookietrace.stores.guard import refuse_foreign_journal, restrict
from cookietrace.stores.own_file import in_use, refuse_special, refuse_special_side_files
from cookietrace.stores.writer_lock import is_live

_BUSY_SECONDS = 5.0
"""How long to wait while another process opens, closes or recovers the database."""

_LITTLE = 64 * 1024
"""Bytes that are too few for SQLite's files beside a capture."""

_MAGIC = b"SQLite format 3\0"

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
"""SQLite's primary error codes for a lock that someone else holds."""


def is_sqlite(path: Path) -> bool:
    """Return whether a file is an SQLite database; False if it cannot be read.

    Never opens a database that this process has in use: closing the file would release
    SQLite's own locks.
    """
    try:
        found = path.stat()
        if in_use[found.st_dev, found.st_ino]:
            return True
        if not stat.S_ISREG(found.st_mode):
            return False
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def side_file(path: Path, ending: str) -> Path:
    """Return the path of a side file of the database at ``path``."""
    return path.with_name(path.name + ending)


def connect(path: Path, options: str) -> sqlite3.Connection:
    """Return an autocommitting connection for use by one thread at a time.

    ``options`` are SQLite URI parameters. The file's own schema is not trusted to run
    code in our process. Raises ``sqlite3.Error``, and ``CaptureError`` if something other than
    a regular file is there, or in the place of a side file.
    """
    refuse_special(path)
    refuse_special_side_files(path)
    refuse_foreign_journal(path)
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path.absolute()))}?{options}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        restrict(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def may_write(path: Path) -> bool:
    """Return whether both the file and its folder are writable."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)


def connect_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that reads every committed event of the capture.

    If the file is writable, the connection is too: the last one to close then cleans up
    after a killed writer. Otherwise the file is read in place, as immutable if it has no
    log; if it has a log that SQLite cannot use in place, a private copy is read. Raises
    ``sqlite3.Error`` and ``OSError``.
    """
    if may_write(path):
        return connect(path, "mode=rw")
    logged = any(has_content(side_file(path, ending)) for ending in ("-wal", "-journal"))
    folder_is_read_only = not os.access(path.parent, os.W_OK)
    if folder_is_read_only or logged or is_live(path):
        try:
            return _probed(connect(path, "mode=ro"))
        except sqlite3.OperationalError:
            if logged:
                return _copied(path)
    return connect(path, "mode=ro&immutable=1")


def has_content(path: Path) -> bool:
    """Return whether the file exists and is not empty."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _probed(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Return the connection if it can read; otherwise close it and raise ``sqlite3.Error``."""
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _copied(path: Path) -> sqlite3.Connection:
    """Return a connection to an owner-only copy with the log included, already unlinked."""
    with tempfile.TemporaryDirectory(prefix="cookietrace-") as folder:
        copy = Path(folder, "capture")
        shutil.copyfile(path, copy)
        for ending in ("-wal", "-journal"):
            if has_content(side_file(path, ending)):
                shutil.copyfile(side_file(path, ending), side_file(copy, ending))
        writer = connect(copy, "mode=rw")
        try:
            writer.execute("PRAGMA journal_mode = DELETE").fetchone()
        finally:
            writer.close()
        return _probed(connect(copy, "mode=ro&immutable=1"))


DAMAGED = "is damaged: --lenient keeps what can still be read"
"""What to say about a file with content that cannot be what a capture holds."""

LOCKED = "is locked by another program: try again when it is done"
"""What to say about a file that another program has locked."""

FULL = "cannot be written to: the disk is full"
"""What to say about a file that cannot grow."""

_MEANINGS = {
    "SQLITE_NOTADB": "is not a capture",
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_FULL": FULL,
    "SQLITE_IOERR_SHMSIZE": FULL,
    "SQLITE_BUSY": LOCKED,
    "SQLITE_PROTOCOL": LOCKED,
    "SQLITE_CANTOPEN": "cannot be opened: check the permissions of the file and its folder",
    "SQLITE_INTERRUPT": "is not a capture: it holds more tables than any capture has",
    "SQLITE_TOOBIG": "holds a row that is larger than any event: --lenient leaves it out",
    "SQLITE_PERM": "cannot be opened: check the permissions of the file and its folder",
}


class capture_errors:  # noqa: N801 (used as ``with capture_errors(path):``)
    """Turns an SQLite or system error inside the block into a ``CaptureError``.

    A class because every poll enters one: a generator takes three times as long.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        if isinstance(error, sqlite3.Error | OSError):
            raise as_capture_error(self._path, error) from error


def as_capture_error(path: Path, error: sqlite3.Error | OSError) -> CaptureError:
    """Return the one-line error for an SQLite or system error.

    It is a ``BusyError`` if trying again may help.
    """
    busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY
    return (BusyError if busy else CaptureError)(f"{safe(str(path))} {_meaning(path, error)}")


def why_read_only(path: Path) -> str:
    """Return why a file cannot be written to, and what to do."""
    with suppress(OSError):
        found = os.statvfs(path.parent)
        if found.f_flag & os.ST_RDONLY:
            reason = "its file system is read-only"
        elif not os.access(path, os.W_OK):
            reason = "its permissions do not allow it"
        elif not os.access(path.parent, os.W_OK | os.X_OK):
            reason = "the permissions of its folder do not allow it"
        elif found.f_bavail * found.f_frsize < _LITTLE:
            return FULL
        else:
            reason = "SQLite opened it for reading alone"
        return f"cannot be written to, {reason}: choose another --capture file"
    return "cannot be written to, its folder no longer exists: choose another --capture file"


def _meaning(path: Path, error: sqlite3.Error | OSError) -> str:
    """Return what an error means for the user."""
    if isinstance(error, OSError):
        return f"cannot be opened: {error.strerror}"
    # An extended name such as SQLITE_IOERR_WRITE starts with the primary one.
    name: str = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith("SQLITE_READONLY"):
        return why_read_only(path)
    known = _MEANINGS.get(name) or _MEANINGS.get("_".join(name.split("_")[:2]))
    return known or f"failed: {safe(str(error))}"
