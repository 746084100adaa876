"""Events as rows: the table, and the statements that add to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from cookietrace.events import Event, Unknown
from cookietrace.stores.header import MARK

# An exchange takes about half a page of 8 KiB: with smaller ones, each transaction adds a
# page, and so writes the two pages that lead to it as well.
TABLES = f"""
PRAGMA page_size = 8192;
BEGIN IMMEDIATE;
{MARK}
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    json TEXT NOT NULL
);
"""
"""The statements that make a new capture, in a transaction that is left open."""

INSERT = "INSERT INTO events (json) VALUES (?)"
"""Adds one row."""

_ROWS_AT_ONCE = 16
"""The most rows that one statement adds; an exchange needs four at most."""

INSERTS = tuple(INSERT + ", (?)" * further for further in range(_ROWS_AT_ONCE))
"""The statements that add one row, two rows, and so on."""

_encode_into = msgspec.json.Encoder().encode_into


def texts_of(events: Sequence[Event], scratch: bytearray) -> tuple[list[str], int]:
    """Return the JSON of each event, and how many octets that is in all.

    ``scratch`` is overwritten; to make room for each event anew would cost more.
    """
    texts: list[str] = []
    octets = 0
    for event in events:
        if type(event) is Unknown:
            scratch[:] = event.raw.encode()
        else:
            _encode_into(event, scratch)
        octets += len(scratch)
        texts.append(scratch.decode())
    return texts, octets


def takes_our_rows(connection: sqlite3.Connection) -> bool:
    """Tell whether a capture's table is the one that we write to; others may have had more."""
    found = connection.execute("SELECT * FROM events LIMIT 0").description
    return [column[0] for column in found] == ["position", "json"]
