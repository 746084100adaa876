"""The SQLite store in one process: what it keeps, who can read it, and its errors."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from cookietrace.errors import CaptureError, SchemaError
from cookietrace.events import SCHEMA, Capture, Event, Recorder, Request, Unknown
from cookietrace.stores import START, checkpointer, create_capture, is_live, open_store
from cookietrace.stores import sqlite as sqlite_module
from cookietrace.stores.checkpointer import EVERY
from cookietrace.stores.own_file import in_use
from cookietrace.stores.salvage import salvage
from cookietrace.stores.sqlite import SqliteStore


def mark(number: int) -> Recorder:
    """Return a small event that differs from all others."""
    return Recorder(at=float(number), state="started", message=f"event {number}")


def everything(store: SqliteStore, limit: int = 1000) -> list[Event]:
    """Read a store to its end, ``limit`` events at a time."""
    events: list[Event] = []
    position = START
    while (batch := store.read(position, limit)).events:
        events += batch.events
        position = batch.position
    return events


def test_events_are_read_as_they_were_appended(path: Path) -> None:
    """In the same order, after the capture event."""
    request = Request(
        exchange_id="e1",
        client_id="c1",
        at=2.0,
        method="GET",
        url="http://h\xf6st.test/\x00\x7f",
        upstream=None,
        http_version="HTTP/1.1",
        headers=(("Cookie", 'a=\xff\xfe; b="x\\y"'), ("Cookie", "")),
    )
    unknown = Unknown(raw='{"type":"later", "at": 3,  "more":[1]}')
    with create_capture(path) as store:
        store.append([mark(1), request])
        store.append([unknown])
        assert everything(store) == [store.info, mark(1), request, unknown]
    with opened(path) as store:
        assert everything(store, limit=1) == [store.info, mark(1), request, unknown]


def opened(path: Path, *, write: bool = False) -> SqliteStore:
    """Open a capture as the concrete type, for its context manager."""
    store = open_store(path, write=write)
    assert isinstance(store, SqliteStore)
    return store


def test_reading_continues_from_a_position(path: Path) -> None:
    """Append and read return the same position; reading from it finds only later events."""
    with create_capture(path) as store:
        first = store.append([mark(1), mark(2)])
        assert store.read().position == first
        assert store.read(first).events == ()
        assert store.read(first).position == first
        assert store.append([]) == first
        second = store.append([mark(3)])
        batch = store.read(first)
        assert batch.events == (mark(3),)
        assert batch.position == second
        assert store.read(START, limit=2).events == (store.info, mark(1))


def test_a_foreign_position_is_refused_in_one_line(path: Path) -> None:
    """A position from elsewhere raises ``CaptureError``."""
    with create_capture(path) as store:
        with pytest.raises(CaptureError, match="no such position"):
            store.read("elsewhere\n")
        with pytest.raises(CaptureError, match="no such position"):
            store.wait("elsewhere", 0)


@pytest.mark.parametrize("sensitive", [True, False])
@pytest.mark.parametrize("redacted", [True, False])
def test_info_is_the_first_event(path: Path, sensitive: bool, redacted: bool) -> None:
    """``info`` is the capture event, the same for the writer and later readers."""
    with create_capture(path, sensitive=sensitive, redacted=redacted) as store:
        info = store.info
    assert (info.sensitive, info.redacted, info.schema) == (sensitive, redacted, SCHEMA)
    assert len(info.capture_id) == 32
    assert open_and_read(path).info == info


def open_and_read(path: Path) -> SqliteStore:
    """Return an already closed store of the path, for its ``info``."""
    with opened(path) as store:
        return store


def test_a_given_capture_event_is_kept(path: Path) -> None:
    """An import keeps the identity of the imported capture."""
    info = Capture(capture_id="abc", schema=SCHEMA, at=1.0, producer="other 1")
    with create_capture(path, info=info):
        pass
    assert open_and_read(path).info == info


def test_only_the_owner_can_read_the_files(path: Path) -> None:
    """The capture, its log and index are 0600, folders created for it 0700."""
    path = path.parent / "new" / "folder" / path.name
    with create_capture(path) as store:
        store.append([mark(1)])
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert len(modes) == 4
        assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_a_clean_exit_leaves_one_plain_file(path: Path) -> None:
    """After close there is neither log nor lock, and the file is not in WAL mode."""
    with create_capture(path) as store:
        store.append([mark(1)])
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_bytes()[18:20] == b"\x01\x01"  # SQLite's header: no write-ahead log


@pytest.mark.parametrize("writer_first", [True, False])
def test_the_last_to_close_leaves_one_plain_file(path: Path, writer_first: bool) -> None:
    """With a reader attached, the last to close cleans up, and nothing is lost."""
    writer = create_capture(path)
    reader = opened(path)
    writer.append([mark(1)])
    for store in (writer, reader) if writer_first else (reader, writer):
        assert store.read().events[1:] == (mark(1),)
        store.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with opened(path) as again:
        assert everything(again) == [again.info, mark(1)]


def test_recording_continues_in_an_existing_capture(path: Path) -> None:
    """A capture without a writer can be appended to, also while a reader has it open."""
    with create_capture(path) as store:
        position = store.append([mark(1)])
    with opened(path) as reader, opened(path, write=True) as writer:
        assert not reader.wait(position, 0)
        writer.append([mark(2)])
        assert reader.wait(position, 5)
        assert reader.read(position).events == (mark(2),)


def test_a_reader_never_blocks_checkpoints(path: Path) -> None:
    """Between polls a reader holds nothing: the writer can empty its log at any time."""
    with create_capture(path) as writer, opened(path) as reader:
        writer.append([mark(number) for number in range(2000)])
        assert len(reader.read(limit=10).events) == 10
        with sqlite3.connect(path) as other:
            busy, _, _ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        other.close()
        assert busy == 0
        assert path.with_name(path.name + "-wal").stat().st_size == 0


def test_the_log_is_checkpointed_while_recording(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While recording, the log is moved into the file and reused from its start."""
    monkeypatch.setattr(checkpointer, "SLOW_SECONDS", 3600.0)
    large = Unknown(raw='{"type":"large","text":"' + "x" * 100_000 + '"}')
    log = path.with_name(path.name + "-wal")
    with create_capture(path) as store:
        position = store.append([large] * 50)
        grown = log.stat().st_size
        assert grown > 5_000_000 > path.stat().st_size
        for _ in range(1000):
            if path.stat().st_size > 5_000_000:
                break
            store.wait(position, 0.01)
        for _ in range(1000):
            position = store.append([mark(1)])
            if log.stat().st_size == grown:
                break
            grown = log.stat().st_size
            store.wait(position, 0.01)
        assert log.stat().st_size == grown
        assert path.stat().st_size > 5_000_000
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(("slow", "factor"), [(3600.0, 1), (1e-9, checkpointer.RAREST)])
def test_checkpoints_are_rarer_on_a_slow_disk(
    path: Path, slow: float, factor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each of them, appending waits for the disk."""
    monkeypatch.setattr(checkpointer, "SLOW_SECONDS", slow)
    with create_capture(path) as store:
        store.append([mark(1)])
        store._checkpointer._checkpoint_and_pace()
        assert store._checkpointer.every == EVERY * factor


def test_wait_returns_when_there_is_more(path: Path) -> None:
    """A long wait ends with the append, whichever store appends."""
    with create_capture(path) as writer, opened(path) as reader:
        position = reader.read().position
        results: list[bool] = []
        threads = [
            threading.Thread(target=lambda store=store: results.append(store.wait(position, 60)))
            for store in (reader, writer)
        ]
        for thread in threads:
            thread.start()
        writer.append([mark(1)])
        for thread in threads:
            thread.join()
        assert results == [True, True]
        assert not reader.wait(reader.read().position, 0.01)


def test_close_ends_a_wait(path: Path) -> None:
    """A waiting thread gets False when the store is closed."""
    store = create_capture(path)
    position = store.read().position
    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(store.wait(position, 60)))
    thread.start()
    store.close()
    thread.join()
    assert results == [False]


def test_threads_may_share_a_store(path: Path) -> None:
    """All appends from several threads are kept, each batch together."""
    with create_capture(path) as store:

        def append(start: int) -> None:
            for number in range(start, start + 50, 2):
                store.append([mark(number), mark(number + 1)])

        threads = [threading.Thread(target=append, args=(start,)) for start in (0, 50, 100, 150)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        numbers = [int(event.at) for event in everything(store)[1:] if isinstance(event, Recorder)]
    assert sorted(numbers) == list(range(200))
    assert all(numbers[i + 1] == numbers[i] + 1 for i in range(0, 200, 2))


def test_every_call_after_close_is_refused(path: Path) -> None:
    """A closed store raises one line that says so; closing again does nothing."""
    store = create_capture(path)
    store.close()
    store.close()
    with pytest.raises(CaptureError, match="has been closed"):
        store.append([mark(1)])
    with pytest.raises(CaptureError, match="has been closed"):
        store.read()
    assert not store.wait(START, 60)


def test_a_reader_cannot_append(path: Path) -> None:
    """A store that was opened for reading refuses to write."""
    create_capture(path).close()
    with opened(path) as store, pytest.raises(CaptureError, match="opened for reading"):
        store.append([mark(1)])


def test_an_append_is_all_or_nothing(path: Path) -> None:
    """If the disk is full nothing of the batch is kept, and everything before it is."""
    with create_capture(path) as store:
        position = store.append([mark(1)])
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        large = Unknown(raw='{"type":"large","text":"' + "x" * 40_000 + '"}')
        with pytest.raises(CaptureError, match="disk is full"):
            store.append([mark(2), large])
        assert store.read(position).events == ()
        store._connection.execute("PRAGMA max_page_count = 100000")
        store.append([mark(3)])
        assert store.read(position).events == (mark(3),)


@pytest.mark.parametrize("vanish", [Path.unlink, lambda path: path.rename(f"{path}.old")])
def test_a_capture_that_vanishes_is_noticed(path: Path, vanish: Callable[[Path], object]) -> None:
    """Recording into a file that was moved or deleted soon raises an error."""
    with create_capture(path) as store:
        store.append([mark(1)])
        vanish(path)

        def keep_appending() -> None:
            for _ in range(100_000):  # the file is checked from time to time only
                store.append([mark(2)])

        with pytest.raises(CaptureError, match="moved or deleted"):
            keep_appending()
        with pytest.raises(CaptureError, match="moved or deleted"):
            store.append([mark(3)])


def test_an_existing_file_is_not_recorded_over(path: Path) -> None:
    """Creating refuses a file with content, and accepts an empty one."""
    path.write_text("precious")
    with pytest.raises(CaptureError, match="already exists"):
        create_capture(path)
    assert path.read_text() == "precious"
    path.write_text("")
    path.chmod(0o644)
    create_capture(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_redacted_copy_is_not_recorded_into(path: Path) -> None:
    """True values and tokens are never mixed in one file."""
    create_capture(path, redacted=True).close()
    with pytest.raises(CaptureError, match="redacted copy"):
        open_store(path, write=True)


def test_a_table_of_another_version_is_read_and_not_recorded_into(path: Path) -> None:
    """Recording is refused when opening, instead of losing every event later."""
    create_capture(path).close()
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """
            ALTER TABLE events RENAME TO ours;
            CREATE TABLE events (
                position INTEGER PRIMARY KEY, type TEXT NOT NULL, exchange_id TEXT,
                json TEXT NOT NULL
            );
            INSERT INTO events SELECT position, 'capture', NULL, json FROM ours;
            DROP TABLE ours;
            """
        )
    connection.close()
    with pytest.raises(CaptureError, match="made by another version"):
        open_store(path, write=True)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with opened(path) as store:
        assert everything(store) == [store.info] == list(salvage(path, print))


def test_a_failed_check_of_the_table_closes_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If another program locks the file then: ``CaptureError``, and nothing left open."""
    create_capture(path).close()

    def locked(_: sqlite3.Connection) -> bool:
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite_module, "has_our_table", locked)
        with pytest.raises(CaptureError, match="is locked"):
            open_store(path, write=True)
    found = path.stat()
    assert in_use[found.st_dev, found.st_ino] == 0


def test_a_reader_in_another_program_prevents_recording(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program reads, we cannot record: one line, and the file is closed."""
    monkeypatch.setattr("cookietrace.stores.connection._BUSY_SECONDS", 0.05)
    create_capture(path).close()
    found = path.stat()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM events").fetchall()
        with pytest.raises(CaptureError, match="locked by another program: try again"):
            open_store(path, write=True)
        assert in_use[found.st_dev, found.st_ino] == 0
        assert not is_live(path)
        other.execute("COMMIT")
    open_store(path, write=True).close()
    open_store(path, write=True).close()


def test_recording_raises_the_schema(path: Path) -> None:
    """A capture of an older schema is read as it is, and becomes current when recorded into."""
    info = Capture(capture_id="abc", schema=1, at=1.0, producer="older 1", sensitive=False)
    create_capture(path, info=info).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with opened(path) as store:
        assert store.info == info
    for _ in range(2):
        with opened(path, write=True) as store:
            assert store.info == msgspec.structs.replace(info, schema=SCHEMA)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    connection.close()
    with opened(path) as store:
        assert store.read().events == (msgspec.structs.replace(info, schema=SCHEMA),)


def newer(path: Path) -> None:
    """Make a capture look as if a later version had written it."""
    create_capture(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()


def headless(path: Path) -> None:
    """Make a capture without its first event."""
    create_capture(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM events")
    connection.close()


def other_database(path: Path) -> None:
    """Make an SQLite file of another program."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE events (position INTEGER)")
    connection.close()


def truncated(path: Path) -> None:
    """Make a capture whose second half is missing."""
    with create_capture(path) as store:
        store.append([mark(number) for number in range(5000)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


BAD: dict[str, tuple[Callable[[Path], object], type[CaptureError], str]] = {
    "missing": (lambda path: None, CaptureError, "there is no capture at"),
    "folder": (Path.mkdir, CaptureError, "is a folder"),
    "empty": (Path.touch, CaptureError, "is empty"),
    "text": (lambda path: path.write_text("x" * 5000), CaptureError, "is not a capture"),
    "short": (lambda path: path.write_text("x"), CaptureError, "is not a capture"),
    "other": (other_database, CaptureError, "not a capture"),
    "newer": (newer, SchemaError, "newer cookietrace"),
    "headless": (headless, CaptureError, "does not begin with a capture event"),
    "loop": (lambda path: path.symlink_to(path), CaptureError, "capture"),
}


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_not_a_capture_is_refused_in_one_line(
    path: Path, case: str, write: bool
) -> None:
    """Each kind of unreadable file has its own error, and nothing is left behind."""
    make, kind, words = BAD[case]
    make(path)
    before = sorted(path.parent.iterdir())
    with pytest.raises(CaptureError, match=words) as caught:
        open_store(path, write=write)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    assert sorted(path.parent.iterdir()) == before


def test_a_damaged_capture_is_named_and_salvaged(path: Path) -> None:
    """A truncated file is refused as damaged; salvaging returns the events before the damage."""
    truncated(path)
    with pytest.raises(CaptureError, match="is damaged"):
        open_store(path)
    losses: list[str] = []
    found = list(salvage(path, losses.append))
    assert isinstance(found[0], Capture)
    assert len(found) > 1000
    assert found[1:] == [mark(number) for number in range(len(found) - 1)]
    assert len(losses) == 1
    assert f"what comes after event {len(found)} is lost" in losses[0]


@pytest.mark.parametrize("left", [600, 4096, 5000, 8192, 9000])
def test_a_capture_without_any_event_left_is_one_error_line(path: Path, left: int) -> None:
    """Cut off within its first pages, it has no events left."""
    truncated(path)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(CaptureError, match=r"is damaged|does not begin"):
        open_store(path)
    with pytest.raises(CaptureError, match="is damaged: nothing in it can be read"):
        list(salvage(path, print))


def test_events_that_do_not_decode_are_counted(path: Path) -> None:
    """They are skipped, and one line says how many."""
    create_capture(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO events (json) VALUES ('{'), ('')")
    connection.close()
    losses: list[str] = []
    assert len(list(salvage(path, losses.append))) == 1
    assert losses == [f"{path}: 2 events could not be read"]


def test_salvaging_refuses_other_files(path: Path) -> None:
    """A file of another kind raises ``CaptureError``."""
    path.write_text("x" * 5000)
    with pytest.raises(CaptureError, match="is not a capture"):
        list(salvage(path, print))


@pytest.mark.parametrize(
    ("pragma", "kind", "words"),
    [
        ("user_version = 99", SchemaError, "newer cookietrace"),
        ("application_id = 7", CaptureError, "is not a capture"),
    ],
)
def test_salvaging_accepts_only_captures_of_our_schema(
    path: Path, pragma: str, kind: type[CaptureError], words: str
) -> None:
    """A newer capture and another program's database are refused."""
    create_capture(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA {pragma}")
    connection.close()
    with pytest.raises(kind, match=words):
        list(salvage(path, print))


def test_a_damaged_event_is_named(path: Path) -> None:
    """An event that is not JSON raises ``CaptureError``."""
    create_capture(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO events (json) VALUES ('{')")
    connection.close()
    with opened(path) as store, pytest.raises(CaptureError, match="holds an event"):
        store.read()


@pytest.mark.parametrize("name", ["a b.cookietrace", "q?mode=memory#x%41.cookietrace", "ü;'.ct"])
def test_any_file_name_is_accepted(tmp_path: Path, name: str) -> None:
    """Nothing in a name is interpreted as an SQLite option."""
    path = tmp_path / name
    create_capture(path).close()
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert open_and_read(path).info.schema == SCHEMA


def test_control_characters_in_a_name_are_escaped(tmp_path: Path) -> None:
    """An error line never contains a control character."""
    with pytest.raises(CaptureError) as caught:
        open_store(tmp_path / "a\x1b[2J\n.cookietrace")
    assert str(caught.value).isprintable()


def test_extent_is_the_number_and_last_time(path: Path) -> None:
    """A listing gets both without reading the events."""
    with create_capture(path) as store:
        store.append([mark(number) for number in range(10)])
        assert store.extent() == (11, 9.0)
        store.append([Unknown(raw=msgspec.json.encode({"type": "later"}).decode())])
        assert store.extent() == (12, None)
