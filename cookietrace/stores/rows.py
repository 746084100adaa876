"""Events as rows: the table, the statements that add to it, and the columns of an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec

from cookietrace.events import Event, Known, encode
from cookietrace.stores.header import MARK

# An exchange takes about half a page of 8 KiB: with smaller ones, each transaction adds a
# page, and so writes the two pages that lead to it as well.
TABLES = f"""
PRAGMA page_size = 8192;
BEGIN IMMEDIATE;
{MARK}
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    exchange_id TEXT,
    json TEXT NOT NULL
);
"""
"""The statements that make a new capture, in a transaction that is left open."""

INSERT = "INSERT INTO events (type, exchange_id, json) VALUES (?, ?, ?)"
"""Adds one row."""

COLUMNS = 3
"""How many values a row takes."""

_ROWS_AT_ONCE = 16
"""The most rows that one statement adds; an exchange needs four at most."""

INSERTS = tuple(INSERT + ", (?, ?, ?)" * further for further in range(_ROWS_AT_ONCE))
"""The statements that add one row, two rows, and so on."""

_TYPES = {kind: str(kind.__struct_config__.tag) for kind in get_args(Known)}
_encode_into = msgspec.json.Encoder().encode_into


def columns_of(events: Sequence[Event], scratch: bytearray) -> tuple[list[str | None], int]:
    """Return type, exchange and JSON of event after event, and how many octets the JSON has.

    ``scratch`` is overwritten; to make room for each event anew would cost more.
    """
    columns: list[str | None] = []
    octets = 0
    for event in events:
        kind = _TYPES.get(type(event))
        if kind is None:
            kind, scratch = "unknown", bytearray(encode(event))
        else:
            _encode_into(event, scratch)
        octets += len(scratch)
        columns += (kind, getattr(event, "exchange_id", None), scratch.decode())
    return columns, octets
