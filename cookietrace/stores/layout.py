"""The layout of a capture in SQLite: the file's header, its one table, and the rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cookietrace.errors import CaptureError, SchemaError
from cookietrace.events import SCHEMA, Capture, Event, Unknown, encode
from cookietrace.safe_text import safe
from cookietrace.stores.guard import check_schema

APPLICATION_ID = 0x636B7472
"""SQLite's ``application_id`` of a capture ("cktr")."""

# An exchange takes about half a page of 8 KiB. With smaller pages each transaction would
# add a page, and so also write the two pages that lead to it.
TABLE = "CREATE TABLE events ( position INTEGER PRIMARY KEY, json TEXT NOT NULL )"
"""The statement that makes the one table."""

CREATE = f"""
PRAGMA page_size = 8192;
BEGIN IMMEDIATE;
PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA};
{TABLE};
"""
"""The statements that create a capture of this schema, in a transaction that is left open."""

INSERT = "INSERT INTO events (json) VALUES (?)"
"""Adds one row."""

_MOST_ROWS = 16
"""The most rows that one statement adds; an exchange needs four at most."""

INSERTS = tuple(INSERT + ", (?)" * more for more in range(_MOST_ROWS))
"""The statements that add one row, two rows, and so on."""

_encode_into = msgspec.json.Encoder().encode_into


def check_header(path: Path, connection: sqlite3.Connection) -> None:
    """Raise ``CaptureError`` if a file is not a capture, ``SchemaError`` if its schema is newer.

    Raises ``sqlite3.Error`` if the header cannot be read.
    """
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    schema = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise CaptureError(f"{safe(str(path))} is not a capture")
    if schema > SCHEMA:
        raise SchemaError(
            f"{safe(str(path))} was recorded by a newer cookietrace "
            f"(schema {schema}, this one reads up to {SCHEMA}): upgrade cookietrace"
        )
    check_schema(path, connection)


def raise_schema(connection: sqlite3.Connection, info: Capture) -> None:
    """Make a capture of an older schema one of this schema, so that this version can append.

    Its events are the same in both. ``info`` is its first event as it is to be. Raises
    ``sqlite3.Error``.
    """
    execute = connection.execute
    execute("BEGIN IMMEDIATE")
    try:
        execute(
            "UPDATE events SET json = ? WHERE position = (SELECT min(position) FROM events)",
            (encode(info).decode(),),
        )
        execute(f"PRAGMA user_version = {SCHEMA}")
        execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            execute("ROLLBACK")
        raise


def encode_rows(events: Sequence[Event], scratch: bytearray) -> tuple[list[str], int]:
    """Return the JSON of each event, and their total size in bytes.

    ``scratch`` is overwritten: a new buffer for each event would cost more.
    """
    texts: list[str] = []
    size = 0
    for event in events:
        if type(event) is Unknown:
            scratch[:] = event.raw.encode()
        else:
            _encode_into(event, scratch)
        size += len(scratch)
        texts.append(scratch.decode())
    return texts, size


def has_our_table(connection: sqlite3.Connection) -> bool:
    """Return whether the file has exactly the table that this version writes.

    A constraint or a default of another one would be evaluated for each row that is added.
    """
    statements = connection.execute("SELECT sql FROM sqlite_master").fetchall()
    return [_plain(statement) for (statement,) in statements] == [TABLE]


def _plain(statement: str) -> str:
    """Return an SQL statement with one space between its words."""
    return " ".join(statement.split())
