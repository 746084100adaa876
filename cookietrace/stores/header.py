"""What marks an SQLite file as a capture, and says which schema wrote it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cookietrace.errors import CaptureError, SchemaError
from cookietrace.events import SCHEMA
from cookietrace.safe_text import safe

APPLICATION_ID = 0x636B7472
"""What an SQLite file's header bears where it is a capture ("cktr")."""

MARK = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA};"
"""The statements that make a database a capture of this schema."""


def check_header(path: Path, connection: sqlite3.Connection) -> None:
    """Raise ``CaptureError`` where a file is no capture, ``SchemaError`` where it is a newer one.

    Raises ``sqlite3.Error`` where the header cannot be read.
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
