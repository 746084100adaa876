"""The folder of captures: names, listing, deleting."""

from __future__ import annotations

from pathlib import Path

import pytest

from cookietrace.errors import CaptureError
from cookietrace.events import Client, Event, Failure, Recorder
from cookietrace.stores import (
    captures_folder,
    create_capture,
    delete_capture,
    delete_if_bare,
    give_up_capture_path,
    list_captures,
    reserve_capture_path,
)


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep tests away from the user's own data folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_a_new_capture_never_takes_a_name_in_use() -> None:
    """Captures of the same second get different names, sorted, before anything is recorded."""
    paths = [reserve_capture_path(1_700_000_000.0) for _ in range(3)]
    for path in paths:
        create_capture(path).close()
    names = [path.name for path in paths]
    assert len(set(names)) == 3
    assert names == sorted(names)
    assert all(name.endswith(".cookietrace") for name in names)
    paths.append(reserve_capture_path(1_700_000_000.0))
    for path in paths:
        give_up_capture_path(path)
    assert sorted(path.name for path in captures_folder().iterdir()) == names


def test_a_folder_that_cannot_be_made_is_one_line(data_folder: Path) -> None:
    """It says what to set instead."""
    (data_folder / "cookietrace").touch()
    with pytest.raises(CaptureError, match=r"cannot make a capture in .*: .* XDG_DATA_HOME"):
        reserve_capture_path(1_700_000_000.0)


def test_a_listing_describes_each_capture() -> None:
    """Number of events, size, times and whether it is being recorded."""
    path = reserve_capture_path(1_700_000_000.0)
    with create_capture(path, sensitive=False) as store:
        store.append([Recorder(at=5.0, state="started")])
        (live,) = list_captures()
    (ended,) = list_captures()
    assert (live.live, ended.live) == (True, False)
    assert ended.info == store.info
    assert (ended.events, ended.last_at, ended.first_at) == (2, 5.0, store.info.at)
    assert ended.size == path.stat().st_size
    assert ended.trouble is None


def test_an_unreadable_file_is_listed_with_the_reason() -> None:
    """A damaged file does not hide the others; files with other suffixes are ignored."""
    assert list_captures() == ()
    create_capture(captures_folder() / "b.cookietrace").close()
    (captures_folder() / "a.cookietrace").write_text("nonsense" * 100)
    (captures_folder() / "notes.txt").write_text("mine")
    damaged, whole = list_captures()
    assert damaged.info is None
    assert "not a capture" in str(damaged.trouble)
    assert whole.trouble is None


def test_deleting_removes_side_files_too() -> None:
    """The file and SQLite's side files are gone; other captures stay."""
    path = captures_folder() / "a.cookietrace"
    create_capture(path).close()
    create_capture(captures_folder() / "b.cookietrace").close()
    for ending in ("-wal", "-shm", "-journal", "-lock"):
        path.with_name(path.name + ending).touch()
    delete_capture(path)
    assert [file.name for file in captures_folder().iterdir()] == ["b.cookietrace"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.cookietrace", None, "there is no capture"),
        ("letter.txt", "Dear Sir, " * 100, "is not a capture"),
    ],
)
def test_only_captures_are_deleted(
    tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    """Other files are refused in one line, and stay."""
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(CaptureError, match=words):
        delete_capture(path)
    assert path.exists() == (content is not None)


def test_a_damaged_capture_can_be_deleted(tmp_path: Path) -> None:
    """A file with the suffix of captures is deleted, whatever its content."""
    path = tmp_path / "a.cookietrace"
    path.write_text("nonsense" * 100)
    delete_capture(path)
    assert not path.exists()


def test_a_capture_being_recorded_is_not_deleted(tmp_path: Path) -> None:
    """Deleting is refused while it has a writer."""
    path = tmp_path / "a.cookietrace"
    with create_capture(path), pytest.raises(CaptureError, match="stop the recorder"):
        delete_capture(path)
    assert path.exists()


BARE = [Recorder(at=1.0, state="started"), Client(client_id="c1", at=1.0, listen="l", peer="p")]
FAILED = Failure(at=1.0, host="shop.test", kind="tls-client", message="no trust", client_id="c1")


@pytest.mark.parametrize(
    ("events", "kept"),
    [([], False), (BARE, False), ([*BARE, FAILED], True), ([BARE[0]] * 200, True)],
    ids=["nothing", "only who listened", "a failure", "long"],
)
def test_a_capture_without_traffic_is_deleted(events: list[Event], kept: bool) -> None:
    """One that is still being recorded, or that holds any failure, stays."""
    path = reserve_capture_path(1_700_000_000.0)
    with create_capture(path) as store:
        store.append(events)
        assert not delete_if_bare(path)
    assert delete_if_bare(path) is not kept
    assert path.exists() is kept
    assert not delete_if_bare(path.with_name("none.cookietrace"))
