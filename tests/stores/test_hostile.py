"""A capture made by an attacker: none of its statements runs, and reading it ends."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from cookietrace.errors import CaptureError
from cookietrace.events import LONGEST, Event, Recorder
from cookietrace.stores import (
    create_capture,
    events_of,
    guard,
    list_captures,
    open_store,
    salvage,
)
from cookietrace.stores.layout import APPLICATION_ID

CAPTURE = json.dumps(
    {"type": "capture", "capture_id": "0" * 32, "schema": 2, "at": 1.0, "producer": "hostile"}
)
TABLE = "CREATE TABLE events (position INTEGER PRIMARY KEY, json TEXT NOT NULL);"
FIRST = f"INSERT INTO events (json) VALUES ('{CAPTURE}');"
ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    f"SELECT i AS position, '{CAPTURE}' AS json FROM n"
)

SCHEMAS = {
    "a view": f"CREATE VIEW events AS SELECT 1 AS position, '{CAPTURE}' AS json;",
    "a view without end": f"CREATE VIEW events AS {ENDLESS};",
    "a view that never finds a row": f"CREATE VIEW events AS {ENDLESS} WHERE i < 1;",
    "a view that makes a huge row": (
        "CREATE VIEW events AS SELECT 1 AS position, hex(zeroblob(400000000)) AS json;"
    ),
    "a view that loads code": (
        "CREATE VIEW events AS SELECT 1 AS position, load_extension('x') AS json;"
    ),
    "a view beside the table": f"{TABLE}{FIRST}CREATE VIEW other AS {ENDLESS};",
    "a trigger": (
        f"{TABLE}{FIRST}CREATE TABLE loot (json);"
        "CREATE TRIGGER thief AFTER INSERT ON events BEGIN"
        "  INSERT INTO loot VALUES (new.json); DELETE FROM events WHERE position > 1;"
        "END;"
    ),
    "an index on an expression": (
        f"{TABLE}{FIRST}CREATE INDEX slow ON events (length(hex(json || hex(zeroblob(1000)))));"
    ),
    "a virtual table": "CREATE VIRTUAL TABLE events USING fts5 (position, json);",
    "a generated column": (
        "CREATE TABLE events (position INTEGER PRIMARY KEY, own TEXT,"
        " json TEXT AS (hex(zeroblob(1000000))));"
        "INSERT INTO events (own) VALUES ('');"
    ),
    "a table without rules": f"CREATE TABLE events (position, json);{FIRST}",
    "positions that are text": (
        f"CREATE TABLE events (position TEXT PRIMARY KEY, json TEXT);{FIRST}"
    ),
    "another program's table": "CREATE TABLE events (name TEXT);",
    "no table of events": "CREATE TABLE other (name TEXT);",
}


def made(path: Path, statements: str) -> Path:
    """Make a file that says it is a capture, with this content."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 2;"
            f"PRAGMA journal_mode = OFF; BEGIN; {statements} COMMIT;"
        )
    return path


def read(path: Path) -> list[Event]:
    """Return the events of a capture."""
    with contextlib.closing(open_store(path)) as store:
        return list(events_of(store))


@pytest.mark.parametrize("statements", SCHEMAS.values(), ids=SCHEMAS)
def test_a_schema_of_its_own_is_refused(tmp_path: Path, statements: str) -> None:
    """Reading, recording, salvage and the listing refuse it in one line, and change nothing."""
    path = made(tmp_path / "hostile.cookietrace", statements)
    before = path.read_bytes()
    for use in (
        lambda: read(path),
        lambda: open_store(path, write=True),
        lambda: list(salvage(path, print)),
    ):
        with pytest.raises(CaptureError) as refused:
            use()
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < len(str(path)) + 120
    listed = list_captures(tmp_path)
    assert [capture.info for capture in listed] == [None]
    assert path.read_bytes() == before


def test_a_schema_without_end_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading the schema takes a limited number of steps."""
    many = "".join(f"CREATE TABLE t{number} (x);" for number in range(300))
    path = made(tmp_path / "hostile.cookietrace", f"{TABLE}{FIRST}{many}")
    open_store(path).close()
    monkeypatch.setattr(guard, "_SCHEMA_STEPS", 1_000)
    with pytest.raises(CaptureError, match="more tables than any capture"):
        open_store(path)


@pytest.mark.parametrize(
    "row",
    [
        "(-5, '{}')",
        "(2, x'00')",
        "(2, 5)",
        "(2, '{}')",
        "(2, '')",
        f"(2, '{'[' * 100_000}')",
        '(2, \'{"type": "recorder", "state": "gap", "at": 1e999}\')',
        f'(2, \'{{"type": "recorder", "state": "gap", "at": {"9" * 10_000}}}\')',
        '(2, \'{"type": "recorder", "state": "gap", "at": NaN}\')',
    ],
)
def test_a_row_that_is_no_event_is_damage(tmp_path: Path, row: str) -> None:
    """It is one line, whatever the row holds; the listing does not fail."""
    rows = f"{TABLE}{FIRST}INSERT INTO events VALUES {row};"
    path = made(tmp_path / "hostile.cookietrace", rows)
    with pytest.raises(CaptureError):
        read(path)
    assert len(list_captures(tmp_path)) == 1


def test_a_row_of_any_size_is_not_read(tmp_path: Path) -> None:
    """SQLite refuses a row over the limit before it is in memory."""
    size = LONGEST // 2
    path = made(
        tmp_path / "hostile.cookietrace",
        f"{TABLE}{FIRST}INSERT INTO events (json) VALUES (hex(zeroblob({size})) || 'x');",
    )
    with pytest.raises(CaptureError, match="larger than any event"):
        read(path)


def test_a_batch_of_large_events_is_short(tmp_path: Path) -> None:
    """However many events are asked for, a batch holds a limited number of characters."""
    message = "x" * (6 * 1024 * 1024)
    with create_capture(tmp_path / "large.cookietrace") as store:
        for at in range(6):
            store.append([Recorder(at=float(at), state="gap", message=message)])
        assert len(store.read().events) < 6
        assert len(list(events_of(store))) == 7


def test_a_page_that_refers_to_itself_ends(tmp_path: Path) -> None:
    """A tree of pages with a cycle is damage, not an endless capture."""
    path = tmp_path / "hostile.cookietrace"
    with create_capture(path) as store:
        for at in range(40):
            store.append([Recorder(at=float(at), state="gap", message="x" * 4000)])
    content = bytearray(path.read_bytes())
    page_size = 8192
    with contextlib.closing(sqlite3.connect(path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master").fetchone()[0]
    start = (root - 1) * page_size
    assert content[start] == 5  # an interior page of a table
    cells = int.from_bytes(content[start + 3 : start + 5], "big")
    pointers = [
        start + int.from_bytes(content[start + 12 + 2 * cell : start + 14 + 2 * cell], "big")
        for cell in range(cells)
    ]
    for pointer in pointers[1:]:  # every branch becomes the first
        content[pointer : pointer + 4] = content[pointers[0] : pointers[0] + 4]
    path.write_bytes(content)
    with pytest.raises(CaptureError, match="damaged"):
        read(path)
    lost: list[str] = []
    assert list(salvage(path, lost.append))
    assert "damaged" in lost[0]


def test_a_journal_cannot_name_a_file_to_delete(tmp_path: Path) -> None:
    """SQLite deletes the file that a planted journal names, if such a capture is opened."""
    path = tmp_path / "hostile.cookietrace"
    create_capture(path).close()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    name = str(victim).encode()
    page = 8192
    pages = path.stat().st_size // page
    header = bytes.fromhex("d9d505f920a163d7") + b"".join(
        number.to_bytes(4, "big") for number in (0, 0, pages, 512, page)
    )
    journal = header.ljust(512, b"\0") + b"".join(
        (
            (0x40000000 // page + 1).to_bytes(4, "big"),
            name,
            len(name).to_bytes(4, "big"),
            (sum(name) & 0xFFFFFFFF).to_bytes(4, "big"),
            bytes.fromhex("d9d505f920a163d7"),
        )
    )
    planted = tmp_path / "hostile.cookietrace-journal"
    planted.write_bytes(journal)
    with pytest.raises(CaptureError, match="names another file"):
        open_store(path)
    assert victim.read_text() == "precious"
    with contextlib.closing(sqlite3.connect(path)) as connection:  # SQLite itself does
        connection.execute("SELECT count(*) FROM events").fetchone()
    assert not victim.exists()


def test_a_schema_that_is_not_text(tmp_path: Path) -> None:
    """A damaged name of a table or a column is one line, not a traceback."""
    path = tmp_path / "hostile.cookietrace"
    with create_capture(path):
        pass
    content = path.read_bytes()
    at = content.index(b"CREATE TABLE events")
    broken = bytearray(content)
    broken[at - 13] = 0xDA  # the name in the list of tables
    path.write_bytes(broken)
    with pytest.raises(CaptureError, match="damaged"):
        read(path)
