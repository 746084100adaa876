"""Whatever can still be read from a damaged SQLite capture."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from cookietrace.errors import FormatError
from cookietrace.events import Event, decode
from cookietrace.stores.connection import connect_reader, reported
from cookietrace.stores.header import check_header


def salvage(path: Path) -> Iterator[Event]:
    """Return the events up to the first place that SQLite cannot read.

    Events that do not decode are passed over. Raises ``CaptureError`` where not
    even the file's first page can be read or the file is no capture, and
    ``SchemaError`` where a newer version wrote it.
    """
    with reported(path):
        connection = connect_reader(path)
        try:
            # Makes SQLite go on where the file is shorter than its header says.
            connection.execute("PRAGMA writable_schema = ON")
            check_header(path, connection)
            rows = connection.execute("SELECT json FROM events ORDER BY position")
        except BaseException:
            connection.close()
            raise
    try:
        while True:
            try:
                row = rows.fetchone()
            except sqlite3.Error:
                return
            if row is None or not isinstance(row[0], str):  # pages beyond the end read as zeros
                return
            try:
                yield decode(row[0])
            except FormatError:
                continue
    finally:
        connection.close()
