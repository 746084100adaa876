"""SQLite connections to a capture file, also where the file or its folder is read-only."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from cookietrace.errors import CaptureError
from cookietrace.safe_text import safe
from cookietrace.stores.writer_lock import is_live

SIDE_FILES = ("-wal", "-shm", "-journal")
"""What SQLite may keep beside a database, by the ending that it adds to the name."""

_BUSY_SECONDS = 5.0
"""How long to wait while another process opens, closes or recovers the database."""


_MAGIC = b"SQLite format 3\0"

in_use: Counter[tuple[int, int]] = Counter()
"""The files (device, inode) to which this process has connections, and how many."""


def is_sqlite(path: Path) -> bool:
    """Return whether a file is an SQLite database; False where it cannot be read.

    A database that is in use here is never opened besides: closing it would drop
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
    """Return the path of a file that belongs to the database at ``path``."""
    return path.with_name(path.name + ending)


def connect(path: Path, options: str) -> sqlite3.Connection:
    """Return an autocommitting connection that any thread may use, one at a time.

    ``options`` are SQLite URI parameters. Nothing that the file's own schema
    defines may run code in our process. Raises ``sqlite3.Error``.
    """
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path.absolute()))}?{options}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def may_write(path: Path) -> bool:
    """Return whether both the file and its folder can be written to."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)


def connect_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that reads every committed event of the capture.

    Where we may write, the connection can: the last one to close then tidies up
    after a writer that was killed. Where we may not, the file is read in place;
    as one that nobody changes where no log belongs to it; and through a private
    copy where a log does that SQLite cannot use in place. Raises ``sqlite3.Error``
    and ``OSError``.
    """
    if may_write(path):
        return connect(path, "mode=rw")
    logged = any(has_content(side_file(path, ending)) for ending in ("-wal", "-journal"))
    folder_is_closed = not os.access(path.parent, os.W_OK)
    if folder_is_closed or logged or is_live(path):
        try:
            return _probed(connect(path, "mode=ro"))
        except sqlite3.OperationalError:
            if logged:
                return _copied(path)
    return connect(path, "mode=ro&immutable=1")


def has_content(path: Path) -> bool:
    """Return whether there is such a file, and it is not empty."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _probed(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Return the connection if it can read; else close it and raise ``sqlite3.Error``."""
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _copied(path: Path) -> sqlite3.Connection:
    """Return a connection to an owner-only copy, already without a name, log included."""
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


_MEANINGS = {
    "SQLITE_NOTADB": "is not a capture",
    "SQLITE_CORRUPT": "is damaged: --lenient keeps what can still be read",
    "SQLITE_FULL": "cannot be written to: the disk is full",
    "SQLITE_BUSY": "is locked by another program: try again when that one is done",
    "SQLITE_READONLY": "cannot be written to: give --capture another file",
    "SQLITE_CANTOPEN": "cannot be opened: check the permissions of the file and its folder",
    "SQLITE_PERM": "cannot be opened: check the permissions of the file and its folder",
}


class reported:  # noqa: N801 (read as a word: ``with reported(path):``)
    """Turns an SQLite or system error inside the block into one ``CaptureError`` line.

    A class, since every look for more enters one: a generator takes three times as long.
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
    """Return the one line that an SQLite or system error makes."""
    return CaptureError(f"{safe(str(path))} {_meaning(error)}")


def _meaning(error: sqlite3.Error | OSError) -> str:
    """Return what an error means for the person at the keyboard."""
    if isinstance(error, OSError):
        return f"cannot be opened: {error.strerror}"
    # An extended name such as SQLITE_IOERR_WRITE begins with the primary one.
    name: str = getattr(error, "sqlite_errorname", None) or ""
    known = _MEANINGS.get(name) or _MEANINGS.get("_".join(name.split("_")[:2]))
    return known or f"failed: {safe(str(error))}"
