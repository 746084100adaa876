"""Reading: any file that holds a capture, recognised by content before name."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.errors import CaptureError, CookietraceError, FormatError
from cookietrace.formats import FORMATS, export, open_capture, read_capture
from cookietrace.stores import ImportedStore, create_capture, events_of
from cookietrace.stores.sqlite import SqliteStore
from tests.formats.awkward import EVENTS


def store(path: Path) -> None:
    """Write the awkward capture as a recorder would."""
    with create_capture(path, info=EVENTS[0]) as made:  # type: ignore[arg-type]
        made.append(EVENTS[1:])


def jsonl(path: Path) -> None:
    """Write the awkward capture as JSON Lines."""
    path.write_bytes(b"".join(export(EVENTS, "jsonl", show_values=True)))


def har(path: Path) -> None:
    """Write the awkward capture as a HAR."""
    path.write_bytes(b"".join(export(EVENTS, "har", show_values=True)))


@pytest.mark.parametrize("name", ["a.cookietrace", "a.jsonl", "a.har", "a", "a.txt"])
@pytest.mark.parametrize("write", [store, jsonl, har])
def test_content_decides_before_the_name(
    tmp_path: Path, name: str, write: Callable[[Path], None]
) -> None:
    """A file is read as what it contains, except that a store's suffix means a store."""
    path = tmp_path / name
    write(path)
    if name == "a.cookietrace" and write is not store:
        with pytest.raises(CaptureError, match="is not a capture"):
            list(read_capture(path))
        return
    events = list(read_capture(path))
    if write is har:
        assert len(events) > 10
    else:
        assert events == list(EVENTS)


@pytest.mark.parametrize("name", ["csv", "markdown"])
def test_a_format_that_is_only_written(tmp_path: Path, name: str) -> None:
    """The error says so, and names the formats that are read."""
    path = tmp_path / f"a{FORMATS[name].suffixes[0]}"
    path.write_bytes(b"".join(export(EVENTS, name)))
    with pytest.raises(FormatError, match=r"cannot read it; .* one of these formats: jsonl, har"):
        read_capture(path)


def test_reading_an_open_capture(tmp_path: Path) -> None:
    """Reading a capture that this process writes leaves its locks alone."""
    path = tmp_path / "live"
    with create_capture(path) as writer:
        assert len(list(read_capture(path))) == 1
        writer.append(EVENTS[1:])
        assert len(list(read_capture(path))) == len(EVENTS)
        with pytest.raises(CaptureError, match="being recorded"):
            SqliteStore.__enter__(open_for_writing(path))


def open_for_writing(path: Path) -> SqliteStore:
    """Open a second writer, which must fail."""
    from cookietrace.stores.sqlite import open_sqlite

    return open_sqlite(path, write=True)


def test_a_live_capture_is_followed_and_a_file_is_imported(tmp_path: Path) -> None:
    """A viewer gets the store itself for a capture, and a capture of its own for other files."""
    store(tmp_path / "a.cookietrace")
    jsonl(tmp_path / "a.jsonl")
    with closing(open_capture(tmp_path / "a.cookietrace")) as opened:
        assert isinstance(opened, SqliteStore)
        with closing(open_capture(tmp_path / "a.jsonl")) as held:
            assert isinstance(held, ImportedStore)
            assert list(events_of(opened)) == list(events_of(held)) == list(EVENTS)


def test_a_file_that_cannot_be_read_further_is_shown_up_to_there(tmp_path: Path) -> None:
    """The events before it come first, then one line says where it is damaged.

    With ``lenient``, what is lost has been said by the time that the capture is open.
    """
    path = tmp_path / "a.jsonl"
    jsonl(path)
    with path.open("ab") as file:
        file.write(b"nonsense\n")
    with closing(open_capture(path)) as held:
        assert held.read(limit=len(EVENTS)).events[:1] == EVENTS[:1]
        with pytest.raises(FormatError, match=r"line \d+: not an event.*--lenient"):
            list(events_of(held))
    said: list[str] = []
    with closing(open_capture(path, lenient=True, lost=said.append)) as held:
        assert [line.partition(": ")[2] for line in said] == [
            f"1 line could not be read (line {len(EVENTS) + 1})"
        ]
        assert list(events_of(held)) == list(EVENTS)


def test_a_damaged_store_is_read_leniently(tmp_path: Path) -> None:
    """It is an error by default; ``lenient`` keeps everything before the damage."""
    path = tmp_path / "a.cookietrace"
    with create_capture(path, info=EVENTS[0]) as made:  # type: ignore[arg-type]
        for _ in range(100):
            made.append(EVENTS[1:])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CaptureError, match="--lenient"):
        list(read_capture(path))
    said: list[str] = []
    kept = len(list(read_capture(path, lenient=True, lost=said.append)))
    assert kept > 20
    assert said == [f"{path} was cut off or damaged: what comes after event {kept} is lost"]
    with closing(open_capture(path, lenient=True)) as held:
        assert len(list(events_of(held))) == kept


def folder(path: Path) -> None:
    """Make a folder."""
    path.mkdir()


def pipe(path: Path) -> None:
    """Make a pipe that no one writes to."""
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda path: None, CaptureError, "there is no capture at"),
        (folder, CaptureError, "is a folder, not a capture"),
        (pipe, CaptureError, "is a pipe, not a capture"),
        (Path.touch, FormatError, "is empty"),
        (lambda path: path.write_text("Dear Sir"), FormatError, "jsonl, har"),
        (lambda path: path.write_bytes(b"\x00\xff" * 100), FormatError, "neither a capture nor"),
    ],
)
def test_a_path_that_is_not_a_capture(
    tmp_path: Path, make: Callable[[Path], object], kind: type[CookietraceError], words: str
) -> None:
    """The error is one line, safe for a terminal, and raised at once."""
    path = tmp_path / "thing\x1b.bin"
    make(path)
    with pytest.raises(kind, match=words) as caught:
        read_capture(path)
    assert str(caught.value).isprintable()
