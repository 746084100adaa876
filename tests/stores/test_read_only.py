"""Captures in read-only places: nothing is lost, nothing is left behind."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cookietrace.events import Recorder
from cookietrace.stores import create_capture
from tests.stores.conftest import Start, line_from

# Root may write anywhere, so the child gives up root before it opens anything.
READER = """
import os, sys, shutil, tempfile
import cookietrace.stores as stores
from cookietrace.errors import CaptureError
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
path, command = sys.argv[1:]
try:
    if command == "create":
        stores.create_capture(path)
    store = stores.open_store(path, write=command == "append")
    print(len(store.read().events), flush=True)
    if command == "follow":
        print(store.wait("2", 120), flush=True)
    store.close()
except CaptureError as error:
    print(error, flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that anyone may enter, and only its owner may write to."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path
        path.chmod(0o700)


def make_read_only(folder: Path) -> None:
    """Let everyone read the folder's files, and no one except root write."""
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)


def names(folder: Path) -> list[str]:
    """Return the names of the folder's files."""
    return sorted(file.name for file in folder.iterdir())


def abandoned(path: Path) -> None:
    """Create a capture as a killed writer leaves it: with its events in the log only."""
    child = os.fork()
    if child == 0:
        store = create_capture(path)
        store.append([Recorder(at=1.0, state="started")])
        os._exit(0)
    os.waitpid(child, 0)


@pytest.mark.parametrize("shared_memory", ["kept", "lost"])
def test_a_log_in_a_read_only_folder_is_read(
    folder: Path, start: Start, shared_memory: str
) -> None:
    """A killed writer's log is read although nothing may be written."""
    path = folder / "x.cookietrace"
    abandoned(path)
    if shared_memory == "lost":
        (folder / "x.cookietrace-shm").unlink()
    before = names(folder)
    assert "x.cookietrace-wal" in before
    make_read_only(folder)
    assert line_from(start(READER, path, "read")) == "2"
    assert names(folder) == before


def test_a_plain_file_in_a_read_only_folder_is_read(folder: Path, start: Start) -> None:
    """A cleanly closed capture opens anywhere, and no file appears beside it."""
    path = folder / "x.cookietrace"
    with create_capture(path) as store:
        store.append([Recorder(at=1.0, state="started")])
    make_read_only(folder)
    assert line_from(start(READER, path, "read")) == "2"
    assert names(folder) == ["x.cookietrace"]


def test_a_file_still_in_log_mode_is_read(folder: Path, start: Start) -> None:
    """A capture copied without its (empty) log opens too."""
    path = folder / "x.cookietrace"
    abandoned(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    (folder / "x.cookietrace-lock").unlink()
    assert names(folder) == ["x.cookietrace"]
    assert path.read_bytes()[18:20] == b"\x02\x02"  # SQLite's header: write-ahead log
    make_read_only(folder)
    assert line_from(start(READER, path, "read")) == "2"
    folder.chmod(0o777)
    assert line_from(start(READER, path, "read")) == "2"
    assert names(folder) == ["x.cookietrace"]


@pytest.mark.parametrize("command", ["append", "create"])
def test_recording_without_write_permission_is_refused(
    folder: Path, start: Start, command: str
) -> None:
    """One line says that the file cannot be written to."""
    path = folder / "x.cookietrace"
    if command == "append":
        create_capture(path).close()
    make_read_only(folder)
    line = line_from(start(READER, path, command))
    assert "cannot be written to" in line


def test_a_live_capture_can_be_followed_without_write_permission(
    folder: Path, start: Start
) -> None:
    """A reader without write permission follows the writer."""
    path = folder / "x.cookietrace"
    with create_capture(path) as store:
        store.append([Recorder(at=1.0, state="started")])
        for file in folder.iterdir():
            file.chmod(0o444)
        reader = start(READER, path, "follow")
        assert line_from(reader) == "2"
        store.append([Recorder(at=2.0, state="started")])
        assert line_from(reader) == "True"
