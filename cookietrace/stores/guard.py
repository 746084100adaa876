"""What a capture file must not do to the program that opens it.

A database file brings statements of its own: views, triggers, generated columns, indexes on
expressions. SQLite runs them when the table that they hang on is used, and a view may never end.
So a connection allows only our own statements, and a file whose schema holds more than plain tables
is not read at all.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cookietrace.errors import CaptureError
from cookietrace.events import LONGEST
from cookietrace.safe_text import safe

_SCHEMA_STEPS = 100_000
"""The most steps of SQLite's machine until the schema is known; ours takes some hundred."""

_LIMITS = (
    (sqlite3.SQLITE_LIMIT_LENGTH, LONGEST),
    (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
    (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1),
)

_ACTIONS = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_PRAGMA,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_CREATE_TABLE,
    }
)
"""What our statements do."""

_TABLE = re.compile(r"CREATE TABLE ")
"""How SQLite stores the statement of every table that is not a virtual one."""

_JOURNAL_MAGIC = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
"""The end of a rollback journal that names another file."""


def restrict(connection: sqlite3.Connection) -> None:
    """Let a connection run nothing but our own statements, on rows of a limited size.

    Until ``check_schema`` it also stops a schema that takes long to read. Raises
    ``sqlite3.Error``.
    """
    for limit, most in _LIMITS:
        connection.setlimit(limit, most)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA mmap_size = 0")
    connection.set_authorizer(_authorized)
    connection.set_progress_handler(_stop, _SCHEMA_STEPS)


def allow_deleting(connection: sqlite3.Connection) -> None:
    """Let a connection delete rows of events too."""
    connection.set_authorizer(_authorized_or_deleting)


def restrict_again(connection: sqlite3.Connection) -> None:
    """Let a connection run nothing but our own statements and deletions any more."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    allow_deleting(connection)


def check_schema(path: Path, connection: sqlite3.Connection) -> None:
    """Raise ``CaptureError`` if the schema holds more than plain tables, or no table of events.

    Raises ``sqlite3.Error`` if it cannot be read.
    """
    name = safe(str(path))
    ours = False
    for kind, table, statement in _rows(
        connection, "SELECT type, name, sql FROM sqlite_master", name
    ):
        if kind is None:  # a page that was cut off reads as zeros
            raise CaptureError(f"{name} is damaged: nothing in it can be read")
        if kind != "table" or not isinstance(statement, str) or not _TABLE.match(statement):
            raise CaptureError(
                f"{name} holds {_called(kind)} of its own, which no capture does, so it is not read"
            )
        ours = ours or table == "events"
    columns = list(_rows(connection, "PRAGMA table_xinfo(events)", name)) if ours else []
    # cid, name, type, not null, default, place in the primary key, hidden
    shapes = {column[1]: (column[2].upper(), column[5]) for column in columns if not column[6]}
    if (
        len(shapes) != len(columns)
        or shapes.get("position") != ("INTEGER", 1)
        or shapes.get("json") != ("TEXT", 0)
    ):
        raise CaptureError(f"{name} is not a capture: it has no table of events")
    connection.set_progress_handler(None, 0)


def _rows(connection: sqlite3.Connection, query: str, name: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows. Raises ``CaptureError`` if one, or an error, quotes what is not UTF-8."""
    try:
        yield from connection.execute(query)
    except UnicodeDecodeError as error:
        raise CaptureError(f"{name} is damaged: its tables cannot be read") from error


def refuse_foreign_journal(path: Path) -> None:
    """Raise ``CaptureError`` if a journal beside the file names another file.

    To roll such a journal back, SQLite opens the file that it names, and may delete it. A capture
    never has one: that takes a transaction over several databases.
    """
    journal = path.with_name(f"{path.name}-journal")
    try:
        with journal.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - len(_JOURNAL_MAGIC)))
            end = file.read(len(_JOURNAL_MAGIC))
    except OSError:
        return
    if end == _JOURNAL_MAGIC:
        raise CaptureError(
            f"{safe(str(journal))} names another file, which no capture's journal does: remove it"
        )


def _called(kind: object) -> str:
    """Return what to call a part of a schema."""
    known = {"view": "a view", "trigger": "a trigger", "index": "an index"}
    return known.get(str(kind), "a statement")


def _authorized(
    action: int, _first: str | None, _second: str | None, _database: str | None, by: str | None
) -> int:
    """Return whether a statement may do something; ``by`` is the view or trigger that it is for."""
    allowed = by is None and action in _ACTIONS
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _authorized_or_deleting(
    action: int, first: str | None, second: str | None, database: str | None, by: str | None
) -> int:
    """Return whether a statement may do something if it may delete events."""
    if action == sqlite3.SQLITE_DELETE and first == "events" and by is None:
        return sqlite3.SQLITE_OK
    return _authorized(action, first, second, database, by)


def _stop() -> int:
    """Stop the statement."""
    return 1
