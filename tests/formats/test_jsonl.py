"""JSON Lines: every event, byte for byte, and the errors for a broken file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace.errors import FormatError, SchemaError
from cookietrace.events import SCHEMA, Capture, Event, Recorder, Request, Unknown, encode
from cookietrace.formats import export, jsonl, read_capture
from cookietrace.formats.jsonl import read_jsonl
from cookietrace.json_text import inert
from cookietrace.stores import create_capture
from tests.event_strategies import CAPTURES, EVENTS
from tests.formats import awkward

INFO = awkward.EVENTS[0]


@settings(max_examples=50, deadline=None)
@given(CAPTURES, st.lists(EVENTS, max_size=20))
def test_a_round_trip(info: Capture, events: list[Event]) -> None:
    """Read and exported again with real values, any capture gives the same file."""
    written = b"".join(export([info, *events], "jsonl", show_values=True))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "capture.jsonl")
        path.write_bytes(written)
        read = list(read_jsonl(path))
        assert read == [info, *map(as_read, events)]
        assert b"".join(export(read, "jsonl", show_values=True)) == written


def as_read(event: Event) -> Event:
    """Return an event as it is read: an unknown one is kept as the text that was written."""
    return Unknown(raw=inert(event.raw.encode()).decode()) if isinstance(event, Unknown) else event


def test_the_store_and_the_file_hold_the_same_lines(tmp_path: Path) -> None:
    """An export holds the same events as the database, one per line."""
    path = tmp_path / "a.cookietrace"
    assert isinstance(INFO, Capture)
    with create_capture(path, info=INFO) as store:
        store.append(awkward.EVENTS[1:])
    written = b"".join(export(read_capture(path), "jsonl", show_values=True))
    assert written.splitlines() == [inert(encode(event)) for event in awkward.EVENTS]


def test_a_redacted_copy_is_not_redacted_again(tmp_path: Path) -> None:
    """Tokens are not secrets: a copy of a copy is identical to it."""
    path = tmp_path / "copy.jsonl"
    path.write_bytes(b"".join(export(awkward.EVENTS, "jsonl")))
    assert b"".join(export(read_capture(path), "jsonl")) == path.read_bytes()


def test_an_event_of_several_lines_becomes_one(tmp_path: Path) -> None:
    """An event of another program with line feeds between its fields stays one line."""
    event = Unknown(raw='{"type":"later",\r\n"x":1}')
    assert b"".join(export([INFO, event], "jsonl", show_values=True)).count(b"\n") == 2


def lines(*events: Event | bytes) -> list[bytes]:
    """Return events as lines; bytes are kept as they are."""
    return [event if isinstance(event, bytes) else encode(event) + b"\n" for event in events]


MARK = Recorder(at=1.0, state="started")
CASES: dict[str, tuple[list[bytes], str, int]] = {
    "cut off": (lines(INFO, MARK, encode(MARK)[:-5]), "line 3: the file was cut off here", 2),
    "cut off, sole": (lines(encode(INFO)[:-5]), "line 1: the file was cut off here", 0),
    "no JSON": (lines(INFO, b"{]\n", MARK), "line 2: not an event", 2),
    "a field lacks": (lines(INFO, b'{"type":"body"}\n', MARK), "line 2: not a valid body event", 2),
    "no UTF-8": (lines(INFO, b'{"type":"\xff"}\n', MARK), "line 2: not UTF-8", 2),
    "headless": (lines(MARK, MARK), "line 1: the first event must be a capture event", 3),
    "a later line is blamed": (lines(INFO, b"\n", MARK, b"x\n"), "line 4: not an event", 2),
}


@pytest.mark.parametrize("case", CASES)
def test_a_broken_line_is_named(tmp_path: Path, case: str) -> None:
    """The error names the line and ``--lenient``, which keeps the other lines."""
    content, words, kept = CASES[case]
    path = tmp_path / "broken.jsonl"
    path.write_bytes(b"".join(content))
    with pytest.raises(FormatError, match=words) as caught:
        list(read_capture(path))
    assert "--lenient" in str(caught.value)
    assert "\n" not in str(caught.value)
    if kept:
        events = list(read_capture(path, lenient=True))
        assert len(events) == kept
        assert isinstance(events[0], Capture)
    else:
        with pytest.raises(FormatError, match="contains no events"):
            list(read_capture(path, lenient=True))


LOSSES: dict[str, tuple[tuple[Event | bytes, ...], list[str]]] = {
    "cut off": ((INFO, MARK, encode(MARK)[:9]), ["t.jsonl, line 3: the file was cut off here;"]),
    "one line": ((INFO, b"x\n", MARK), ["t.jsonl: 1 line could not be read (line 2)"]),
    "lines": ((INFO, b"x\n", b"y\n"), ["t.jsonl: 2 lines could not be read (line 2 first)"]),
    "both": ((INFO, b"x\n", b"y"), ["1 line could not be read (line 2)", "line 3: the file was"]),
    "headless": ((MARK, MARK), ["t.jsonl, line 1: the first event is not a capture event;"]),
    "nothing": ((INFO, b"\n", MARK), []),
}


@pytest.mark.parametrize("case", LOSSES)
def test_losses_are_reported(tmp_path: Path, case: str) -> None:
    """Lenient reading reports each kind of loss in one line, and nothing if nothing is lost."""
    content, wanted = LOSSES[case]
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"".join(lines(*content)))
    said: list[str] = []
    list(read_capture(path, lenient=True, lost=said.append))
    assert len(said) == len(wanted)
    assert all(words in line for words, line in zip(wanted, said, strict=True))


def test_blank_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    """What an editor may add is ignored, and lines may end with CR LF."""
    path = tmp_path / "edited.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + encode(INFO) + b"\r\n\r\n" + encode(MARK))
    assert list(read_capture(path)) == [INFO, MARK]


def test_a_newer_schema_is_refused_in_one_line(tmp_path: Path) -> None:
    """A file from a newer version is refused, with and without ``lenient``."""
    path = tmp_path / "newer.jsonl"
    newer = encode(msgspec.structs.replace(INFO, schema=SCHEMA + 1)) + b"\n"
    for first in (newer, newer.replace(b'"at":', b'"began":')):
        path.write_bytes(first)
        for lenient in (False, True):
            with pytest.raises(SchemaError, match="newer cookietrace"):
                list(read_capture(path, lenient=lenient))


def test_an_older_schema_is_read_as_it_is(tmp_path: Path) -> None:
    """The first event keeps its number, and written again the file is the same."""
    path = tmp_path / "older.jsonl"
    older = msgspec.structs.replace(INFO, schema=1)
    path.write_bytes(encode(older) + b"\n" + encode(MARK) + b"\n")
    events = list(read_capture(path))
    assert events == [older, MARK]
    assert b"".join(export(events, "jsonl", show_values=True)) == path.read_bytes()


def test_events_of_a_later_version_of_our_schema_are_kept(tmp_path: Path) -> None:
    """Unknown types and fields do not prevent reading the known ones."""
    path = tmp_path / "later.jsonl"
    request = next(event for event in awkward.EVENTS if isinstance(event, Request))
    extended = encode(request)[:-1] + b',"later":true}\n'
    path.write_bytes(b"".join(lines(INFO, b'{"type":"frame","opcode":1}\n', extended)))
    assert list(read_capture(path)) == [INFO, Unknown(raw='{"type":"frame","opcode":1}'), request]


@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_that_is_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    """It is named without being read as a whole; ``--lenient`` skips it."""
    monkeypatch.setattr(jsonl, "LONGEST", 1_000)
    path = tmp_path / "long.jsonl"
    long = b'{"type":"later","x":"' + b"x" * 5_000 + b'"}' + end
    path.write_bytes(b"".join(lines(INFO, MARK, MARK)) + long)
    with pytest.raises(FormatError, match="line 4: longer than any event"):
        list(read_jsonl(path))
    lost: list[str] = []
    assert list(read_jsonl(path, lost.append)) == [INFO, MARK, MARK]
    assert "line 4" in lost[0]
