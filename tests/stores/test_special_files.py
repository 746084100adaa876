"""Only regular files are opened, locked or changed; a file has one writer, whatever its name."""

from __future__ import annotations

import fcntl
import os
import resource
import sqlite3
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from cookietrace.errors import BusyError, CaptureError
from cookietrace.events import Recorder
from cookietrace.stores import (
    connection,
    create_capture,
    delete_capture,
    is_live,
    list_captures,
    open_or_create,
    open_store,
    salvage,
)
from cookietrace.stores.sqlite import APPEND_MILLISECONDS, SqliteStore, open_sqlite
from cookietrace.stores.writer_lock import lock_path
from tests.stores.conftest import Start, line_from

ODD_MODE = 0o664
EVENT = Recorder(at=1.0, state="started")

USES: dict[str, Callable[[Path], object]] = {
    "create": create_capture,
    "record": open_or_create,
    "record more": lambda path: open_store(path, write=True),
    "read": open_store,
    "delete": delete_capture,
    "salvage": lambda path: list(salvage(path, print)),
}


@pytest.fixture
def device() -> Iterator[Path]:
    """A device that is ours alone: the far side of a pseudo-terminal."""
    ours, theirs = os.openpty()
    yield Path(os.ttyname(theirs))
    os.close(theirs)
    os.close(ours)


@pytest.mark.parametrize("use", USES)
def test_a_pipe_is_left_as_it_is(path: Path, use: str) -> None:
    """One line says what it is; it keeps its mode, and nothing appears beside it."""
    os.mkfifo(path)
    path.chmod(ODD_MODE)
    with pytest.raises(CaptureError, match="is a pipe, not a capture"):
        USES[use](path)
    assert stat.S_IMODE(path.stat().st_mode) == ODD_MODE
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("linked", [False, True])
def test_a_device_is_left_as_it_is(device: Path, path: Path, use: str, linked: bool) -> None:
    """By its own name, or by that of a link to it."""
    before = device.stat().st_mode
    if linked:
        path.symlink_to(device)
    with pytest.raises(CaptureError, match="is a device, not a capture"):
        USES[use](path if linked else device)
    assert device.stat().st_mode == before


def test_a_descriptor_is_no_capture() -> None:
    """``/dev/stdout`` and its kind name what is open, here a pipe."""
    outlet, inlet = os.pipe()
    for use in USES.values():
        with pytest.raises(CaptureError, match="is a pipe, not a capture"):
            use(Path(f"/dev/fd/{inlet}"))
    os.close(outlet)
    os.close(inlet)


def test_a_pipe_in_the_folder_is_listed_with_the_reason(path: Path) -> None:
    """Listing does not open it, or it would wait for ever."""
    os.mkfifo(path)
    (found,) = list_captures(path.parent)
    assert "is a pipe" in str(found.trouble)


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("use", ["create", "record more", "read"])
@pytest.mark.parametrize("dangling", [False, True])
def test_a_side_file_that_is_not_regular(path: Path, ending: str, use: str, dangling: bool) -> None:
    """SQLite would open it for writing, and change its mode."""
    if use != "create":
        create_capture(path).close()
    beside = path.with_name(path.name + ending)
    if dangling:
        beside.symlink_to("nowhere")
    else:
        os.mkfifo(beside)
        beside.chmod(ODD_MODE)
    with pytest.raises(CaptureError, match=f"{ending} is not a regular file"):
        USES[use](path)
    assert dangling or stat.S_IMODE(beside.stat().st_mode) == ODD_MODE
    assert not is_live(path)


@pytest.mark.parametrize("kind", ["pipe", "notes", "another name"])
def test_a_lock_file_that_is_something_else(path: Path, kind: str) -> None:
    """It is neither emptied nor removed, and nothing waits for it."""
    lock = path.with_name(path.name + "-lock")
    if kind == "pipe":
        os.mkfifo(lock)
    elif kind == "notes":
        lock.write_text("my notes on locks")
    else:
        lock.write_text("12")
        (path.parent / "numbers").hardlink_to(lock)
    with pytest.raises(CaptureError, match="which is something else: move that away"):
        create_capture(path)
    assert lock.exists()
    assert kind == "pipe" or lock.read_text() in ("my notes on locks", "12")
    assert not path.exists()
    assert not is_live(path)


def test_a_file_with_two_names_is_not_recorded_into(path: Path) -> None:
    """SQLite would keep a log for each name. It can be read, and each name deleted."""
    create_capture(path).close()
    other = path.with_name("other.cookietrace")
    other.hardlink_to(path)
    for name in (path, other):
        with pytest.raises(CaptureError, match="has 2 names"):
            open_store(name, write=True)
        open_store(name).close()
    delete_capture(other)
    open_store(path, write=True).close()


@pytest.mark.parametrize("content", [False, True])
def test_an_empty_file_with_two_names_is_not_recorded_into(path: Path, content: bool) -> None:
    """Its other name may be anything; its mode stays."""
    path.write_text("precious" * content)
    path.chmod(ODD_MODE)
    (path.parent / "other").hardlink_to(path)
    with pytest.raises(CaptureError, match="already exists" if content else "has 2 names"):
        create_capture(path)
    assert stat.S_IMODE(path.stat().st_mode) == ODD_MODE


HOLDER = """
import sys
from cookietrace.stores import create_capture
store = create_capture(sys.argv[1])
print("ready", flush=True)
sys.stdin.read()
store.close()
"""


@pytest.mark.parametrize("name", ["moved", "linked", "symbolic"])
def test_one_file_has_one_writer(path: Path, start: Start, name: str) -> None:
    """A new name for a file that is being recorded starts no second recorder, deletes nothing."""
    holder = start(HOLDER, path)
    assert line_from(holder) == "ready"
    other = path.with_name("other.cookietrace")
    if name == "moved":
        path.rename(other)
    elif name == "linked":
        other.hardlink_to(path)
    else:
        other.symlink_to(path)
    for use in ("record more", "delete"):
        with pytest.raises(CaptureError, match="being recorded"):
            USES[use](other)
    with pytest.raises(CaptureError, match=r"being recorded|exists already"):
        create_capture(other)
    assert other.exists()


def test_a_reader_keeps_its_locks_when_a_writer_in_its_process_closes(
    path: Path, start: Start
) -> None:
    """Closing any descriptor of a file releases all of SQLite's locks, so ours stays open."""
    writer = create_capture(path)
    with closing(open_store(path)) as reader:
        writer.close()
        other = start(
            "import sqlite3, sys\n"
            "connection = sqlite3.connect(sys.argv[1], timeout=0)\n"
            "try: print(connection.execute('PRAGMA journal_mode = DELETE').fetchone()[0])\n"
            "except sqlite3.OperationalError as error: print(error)\n",
            path,
        )
        assert line_from(other) == "database is locked"
        other.wait()  # it would keep the log
        assert reader.read().events
    open_store(path, write=True).close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_only_the_folder_for_captures_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that the user named must exist: a name that was mistyped makes none."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    link = tmp_path / "link.cookietrace"
    link.symlink_to(tmp_path / "capturs" / "a.cookietrace")
    for name in (link, tmp_path / "capturs" / "a.cookietrace"):
        with pytest.raises(CaptureError, match=r"there is no folder .*capturs: create it"):
            open_or_create(name)
    assert list(tmp_path.iterdir()) == [link]
    path = tmp_path / "data" / "cookietrace" / "captures" / "a.cookietrace"
    open_or_create(path).close()
    assert path.exists()


def test_a_lock_when_recording_starts_is_one_line(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is recorded yet that could be lost; nothing stays locked."""
    monkeypatch.setattr(connection, "_BUSY_SECONDS", 0.01)
    create_capture(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="is locked by another program: try again"):
            open_store(path, write=True)
        assert not is_live(path)
    open_store(path, write=True).close()


def test_a_recording_that_was_cut_off_while_it_began(path: Path) -> None:
    """The journal that a killed process left beside its file is worked off, or named."""
    create_capture(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA cache_size = 1")
        other.execute("PRAGMA cache_spill = 1")
        other.execute("BEGIN")
        other.executemany("INSERT INTO events (json) VALUES (?)", [("x" * 5000,)] * 200)
        copy = path.with_name("copy.cookietrace")
        for ending in ("", "-journal"):
            content = path.with_name(path.name + ending).read_bytes()
            copy.with_name(copy.name + ending).write_bytes(content)
    assert copy.with_name(copy.name + "-journal").stat().st_size > 0
    with closing(open_store(copy, write=True)) as store:
        store.append([EVENT])
        assert store.read().events == (store.info, EVENT)
    assert not copy.with_name(copy.name + "-journal").exists()


@pytest.mark.parametrize("make", [create_capture, lambda path: open_store(path, write=True)])
def test_appending_does_not_wait_for_another_program(
    path: Path, make: Callable[[Path], SqliteStore]
) -> None:
    """Traffic waits with it: after some milliseconds it is an error of its own kind."""
    if make is not create_capture:
        create_capture(path).close()
    with make(path) as store:
        waits = store._connection.execute("PRAGMA busy_timeout").fetchone()[0]
        assert waits == APPEND_MILLISECONDS <= 10
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for events in ([EVENT], [EVENT] * 100):
                with pytest.raises(BusyError, match="locked by another program"):
                    store.append(events)
        before = store.read().position
        assert int(store.append([EVENT])) == int(before) + 1


SLOTS = ((124, 1), (124, 4), (120, 8)) if hasattr(fcntl, "F_OFD_SETLK") else ()
"""One slot of a reader, all of them, and all of SQLite's locks: only Linux tells who holds them."""


def test_appending_does_not_wait_for_the_slots_of_readers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself waits ten seconds for them, without asking anyone."""
    waits: list[float] = []
    monkeypatch.setattr("cookietrace.stores.reader_slots.time.sleep", waits.append)
    with create_capture(path) as store:
        shared = os.open(path.with_name(path.name + "-shm"), os.O_RDWR)
        for first, count in SLOTS:
            store.append([EVENT])
            assert not waits
            lock(shared, fcntl.F_WRLCK, first, count)
            with pytest.raises(BusyError, match="locked by another program"):
                store.append([EVENT])
            lock(shared, fcntl.F_UNLCK, first, count)
            assert waits
            waits.clear()
        for first, count in SLOTS[-1:]:
            lock(shared, fcntl.F_WRLCK, first, count)
    os.close(shared)
    with open_sqlite(path, write=True) as again:
        assert again.extent()[0] == 1 + len(SLOTS)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def lock(descriptor: int, kind: int, first: int, count: int) -> None:
    """Lock or unlock bytes as another process would: this lock belongs to the open file."""
    request = struct.pack("hhqqi0q", kind, os.SEEK_SET, first, count, 0)
    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, request)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("x" * 247, None),
        ("x" * 248, "the name xxxxxxxxxxxxxxxx… is too long"),
        ("é" * 124, "the name éééééééééééééééé… is too long"),
        ("x" * 300, "the name xxxxxxxxxxxxxxxx… is too long"),
        ("/".join(["x" * 50] * 10), "the path .* is too long"),
    ],
    ids=["as long as it may be", "long", "long in UTF-8", "too long for any file", "deep"],
)
def test_a_long_name_is_one_clear_line(tmp_path: Path, name: str, line: str | None) -> None:
    """SQLite needs longer names for the files beside it, and opens no path of any length."""
    path = tmp_path / name
    if line is None:
        create_capture(path).close()
        open_sqlite(path, write=True).close()
        return
    with pytest.raises(CaptureError, match=line):
        create_capture(path)
    assert not path.parent.exists() or not list(path.parent.iterdir())


NOT_WRITTEN = [
    ("SQLITE_READONLY", {"f_flag": os.ST_RDONLY}, "its file system is read-only"),
    ("SQLITE_READONLY_DIRECTORY", {"access": False}, "its permissions do not allow it"),
    ("SQLITE_READONLY", {"f_bavail": 1}, "the disk is full"),
    ("SQLITE_READONLY_CANTLOCK", {}, "SQLite opened it for reading alone"),
    ("SQLITE_IOERR_SHMSIZE", {}, "the disk is full"),
]


@pytest.mark.parametrize(("code", "state", "reason"), NOT_WRITTEN)
def test_a_file_that_cannot_be_written_says_why(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: str, state: dict[str, int], reason: str
) -> None:
    """One line with the reason: the disk, the file system or the permissions."""
    usual = {"f_flag": 0, "f_bavail": 10**6, "f_frsize": 4096, "access": True} | state
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(**usual))
    monkeypatch.setattr(os, "access", lambda *_: usual["access"])
    error = sqlite3.OperationalError("wire text")
    error.sqlite_errorname = code
    line = str(connection.as_capture_error(path, error))
    assert line.startswith(f"{path} cannot be written to")
    assert reason in line


def test_a_disk_that_is_full_from_the_start(path: Path) -> None:
    """That nothing can be written is one line; no lock is left behind, and later it works."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(CaptureError) as raised:
            create_capture(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(path) in str(raised.value)
    assert not lock_path(path).exists()
    create_capture(path).close()
