"""Reads what is left of a damaged SQLite capture."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from cookietrace.errors import CaptureError, FormatError
from cookietrace.events import Event, decode
from cookietrace.safe_text import safe
from cookietrace.stores.connection import capture_errors, connect_reader
from cookietrace.stores.layout import check_header


def salvage(path: Path, lost: Callable[[str], None]) -> Iterator[Event]:
    """Return the events up to the first place that SQLite cannot read.

    Events that do not decode are skipped. At the end ``lost`` is called with a line for
    each kind of loss. Raises ``CaptureError`` if no event can be read or the file is not a
    capture, and ``SchemaError`` if a newer version wrote it.
    """
    name = safe(str(path))
    nothing = CaptureError(f"{name} is damaged: nothing in it can be read")
    with capture_errors(path):
        connection = connect_reader(path)
        try:
            # Makes SQLite continue if the file is shorter than its header says.
            connection.execute("PRAGMA writable_schema = ON")
            check_header(path, connection)
            rows = connection.execute("SELECT position, json FROM events ORDER BY position")
        except sqlite3.Error as error:
            connection.close()
            if _is_damage(error):
                raise nothing from error
            raise
        except BaseException:
            connection.close()
            raise
    whole = bad = 0
    last: int | None = None
    damaged = False
    try:
        while True:
            try:
                row = rows.fetchone()
            except sqlite3.Error:
                damaged = True
                break
            if row is None:
                break
            position, text = row
            # Pages beyond the end read as zeros, and a page may refer to itself.
            if not isinstance(text, str) or (last is not None and position <= last):
                damaged = True
                break
            last = position
            try:
                event = decode(text)
            except FormatError:
                bad += 1
                continue
            whole += 1
            yield event
    finally:
        connection.close()
    if not whole:
        raise nothing
    if bad:
        lost(f"{name}: {bad} {'event' if bad == 1 else 'events'} could not be read")
    if damaged:
        lost(f"{name} was cut off or damaged: what comes after event {whole + bad} is lost")


def _is_damage(error: sqlite3.Error) -> bool:
    """Return whether the file's content is at fault, not its use or its location."""
    name: str = getattr(error, "sqlite_errorname", None) or ""
    return name == "SQLITE_ERROR" or name.startswith("SQLITE_CORRUPT")
