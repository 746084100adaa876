"""Writing: completely or not at all, over no other file, for the owner only."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cookietrace.errors import FormatError
from cookietrace.events import Body, Capture, Event, Recorder, Request
from cookietrace.formats import Export, Format, export, outgoing, write_export
from cookietrace.redact import PREFIX
from cookietrace.stores import create_capture
from tests.formats.awkward import EVENTS

INFO = EVENTS[0]
assert isinstance(INFO, Capture)


def test_only_the_owner_can_read_a_file(tmp_path: Path) -> None:
    """The mode is 0600, and no other file is left."""
    path = tmp_path / "out.jsonl"
    write_export(path, [b"one", b"two"])
    assert path.read_bytes() == b"onetwo"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    """Without ``force`` it is refused; with it, the new file replaces it in one step."""
    path = tmp_path / "out.jsonl"
    path.write_text("precious")
    path.chmod(0o644)
    with pytest.raises(FormatError, match="already exists: --force"):
        write_export(path, [b"new"])
    assert path.read_text() == "precious"
    write_export(path, [b"new"], force=True)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    """Checking and writing are one step, so no file is lost between them."""
    path = tmp_path / "out.jsonl"

    def pieces() -> Iterator[bytes]:
        path.write_text("another file")
        yield b"ours"

    with pytest.raises(FormatError, match="already exists"):
        write_export(path, pieces())
    assert path.read_text() == "another file"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("force", [True, False])
def test_a_failure_leaves_nothing_behind(tmp_path: Path, force: bool) -> None:
    """If the content fails halfway, no partial file is left, and an old file stays."""
    path = tmp_path / "out.jsonl"
    if force:
        path.write_text("old")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise FormatError("no more")

    with pytest.raises(FormatError, match="no more"):
        write_export(path, pieces(), force=force)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"] * force


def test_a_capture_is_never_written_over(tmp_path: Path) -> None:
    """Not even with ``force``, whatever its name, and not while it is in use."""
    path = tmp_path / "capture.har"
    with create_capture(path), pytest.raises(FormatError, match="is a capture: choose"):
        write_export(path, [b"x"], force=True)
    with pytest.raises(FormatError, match="is a capture: choose"):
        write_export(path, [b"x"], force=True)


@pytest.mark.parametrize(
    ("name", "words"), [(".", "is a folder"), ("missing/out.har", "there is no folder")]
)
def test_a_path_that_cannot_be_written(tmp_path: Path, name: str, words: str) -> None:
    """A folder, and a file in a folder that does not exist."""
    with pytest.raises(FormatError, match=words):
        write_export(tmp_path / name, [b"x"], force=True)


def test_links_and_devices(tmp_path: Path) -> None:
    """``force`` replaces the target of a link, not the link; a device is written to."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write_export(link, [b"new"], force=True)
    assert link.is_symlink()
    assert target.read_text() == "new"
    write_export(os.devnull, [b"x"], force=True)


def test_a_pipe_needs_no_force() -> None:
    """A pipe that a shell puts instead of a file (``>(gzip)``, ``/dev/stdout``) is written to."""
    outlet, inlet = os.pipe()
    write_export(f"/dev/fd/{inlet}", [b"one", b"two"])
    os.close(inlet)
    with os.fdopen(outlet, "rb") as file:
        assert file.read() == b"onetwo"


def test_a_file_that_is_open_is_written_to_where_it_is(tmp_path: Path) -> None:
    """``/dev/stdout`` may be a file that the shell opened; it is not replaced, nor refused."""
    path = tmp_path / "out.txt"
    with path.open("wb") as file:
        file.write(b"before,")
        file.flush()
        write_export(f"/dev/fd/{file.fileno()}", [b"one,", b"two"])
        file.write(b",after")
    assert path.read_bytes() == b"before,one,two,after"


def test_a_terminal_gets_no_escape_sequences() -> None:
    """As with standard output: what a page sent cannot act on the terminal."""
    ours, theirs = os.openpty()
    write_export(os.ttyname(theirs), [b"a\x1b[2Jb\n"])
    assert os.read(ours, 100) == b"a\\x1b[2Jb\r\n"
    os.close(theirs)
    os.close(ours)


@pytest.mark.parametrize("force", [True, False])
def test_what_is_no_file_is_never_replaced(tmp_path: Path, force: bool) -> None:
    """A socket is refused; so is a pipe that appears instead of a file meanwhile."""
    with socket.socket(socket.AF_UNIX) as listening:
        path = tmp_path / "out.jsonl"
        listening.bind(str(path))
        with pytest.raises(FormatError, match="not a file, a pipe or a terminal"):
            write_export(path, [b"x"], force=force)
        assert path.is_socket()
    path.unlink()

    def pieces() -> Iterator[bytes]:
        os.mkfifo(path)
        yield b"ours"

    with pytest.raises(FormatError, match=r"already exists|not a regular file"):
        write_export(path, pieces(), force=force)
    assert path.is_fifo()
    assert list(tmp_path.iterdir()) == [path]


def test_exports_are_redacted_by_default(tmp_path: Path) -> None:
    """Real values need ``show_values``, or a capture that says it holds no secrets."""
    harmless: list[Event] = [msgspec.structs.replace(INFO, sensitive=False), *EVENTS[1:]]
    for name in ("jsonl", "har", "csv", "markdown"):
        redacted = b"".join(export(EVENTS, name))
        shown = b"".join(export(EVENTS, name, show_values=True))
        assert PREFIX.encode() in redacted
        assert b"unseen-before" not in redacted
        assert PREFIX.encode() not in shown
        assert b"unseen-before" in shown
        assert b"unseen-before" in b"".join(export(harmless, name))


def test_no_events_are_no_export() -> None:
    """An empty sequence stays empty."""
    assert list(outgoing([])) == []


def test_events_without_a_capture_event_are_redacted() -> None:
    """Without a ``capture`` event that says otherwise, values are secrets."""
    assert b"unseen-before" not in b"".join(export(EVENTS[1:], "jsonl"))


def test_a_format_by_name_or_suffix() -> None:
    """The error for an unknown one lists every format."""
    with pytest.raises(FormatError, match=r"xml is not a format\. Choose one of jsonl, har, "):
        export(EVENTS, "xml")
    assert b"".join(export(EVENTS, "MD")) == b"".join(export(EVENTS, "markdown"))
    readable = Format(name="old", title="", suffixes=(), reads=lambda path, lost: ())
    with pytest.raises(FormatError, match="old can only be read"):
        export(EVENTS, readable)


def test_streaming_and_keeping_events() -> None:
    """Events can be read once without keeping them, or any number of times."""
    assert list(Export(iter(EVENTS)).stream()) == list(EVENTS)
    held = Export(iter(EVENTS))
    assert held.events == EVENTS
    assert list(held.stream()) == list(EVENTS)
    assert len(held.trace.exchanges) == 5


def test_without_bodies_the_rest_is_the_same() -> None:
    """Secrets that only bodies name are still replaced elsewhere, and the verdicts stay."""
    assert isinstance(INFO, Capture)
    secret = msgspec.structs.replace(INFO, sensitive=True)
    form = Body(
        exchange_id=next(event.exchange_id for event in EVENTS if isinstance(event, Request)),
        at=INFO.at,
        of="request",
        content_type="application/x-www-form-urlencoded",
        size=24,
        content="password=correct-horse-9",
    )
    said = Recorder(at=INFO.at, state="gap", message="it was correct-horse-9")
    events = [secret, *EVENTS[1:], form, said]
    for given in (events, iter(events)):
        shown = list(outgoing(given, bodies=False))
        assert shown == [event for event in outgoing(events) if not isinstance(event, Body)]
        assert "correct-horse-9" not in str(shown)
    assert list(outgoing(events, show_values=True, bodies=False))[-1] == said
