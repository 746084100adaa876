"""Writing: whole or not at all, never over anything, for its owner only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cookietrace.errors import FormatError
from cookietrace.events import Capture, Event
from cookietrace.formats import Export, Format, export, outgoing, write_export
from cookietrace.redact import PREFIX
from cookietrace.stores import create_capture
from tests.formats.awkward import EVENTS

INFO = EVENTS[0]
assert isinstance(INFO, Capture)


def test_a_file_is_its_owners_and_alone(tmp_path: Path) -> None:
    """0600, with nothing left beside it."""
    path = tmp_path / "out.jsonl"
    write_export(path, [b"one", b"two"])
    assert path.read_bytes() == b"onetwo"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    """Refused in one line without; with it the new file is there in one step."""
    path = tmp_path / "out.jsonl"
    path.write_text("precious")
    path.chmod(0o644)
    with pytest.raises(FormatError, match="exists already: --force"):
        write_export(path, [b"new"])
    assert path.read_text() == "precious"
    write_export(path, [b"new"], force=True)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    """The check and the writing are one step: nobody's file is lost between them."""
    path = tmp_path / "out.jsonl"

    def pieces() -> Iterator[bytes]:
        path.write_text("somebody else's")
        yield b"ours"

    with pytest.raises(FormatError, match="exists already"):
        write_export(path, pieces())
    assert path.read_text() == "somebody else's"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("force", [True, False])
def test_a_failure_leaves_nothing_behind(tmp_path: Path, force: bool) -> None:
    """Where the content fails halfway there is no half file, and an old one stays."""
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
    """Not even by force, whatever it is called, and not while it is in use here."""
    path = tmp_path / "capture.har"
    with create_capture(path), pytest.raises(FormatError, match="is a capture itself"):
        write_export(path, [b"x"], force=True)
    with pytest.raises(FormatError, match="is a capture itself"):
        write_export(path, [b"x"], force=True)


@pytest.mark.parametrize(
    ("name", "words"), [(".", "is a folder"), ("missing/out.har", "there is no folder")]
)
def test_what_cannot_be_written_is_told(tmp_path: Path, name: str, words: str) -> None:
    """One line for a folder and for a folder that is not there."""
    with pytest.raises(FormatError, match=words):
        write_export(tmp_path / name, [b"x"], force=True)


def test_a_link_is_followed_and_a_device_written_to(tmp_path: Path) -> None:
    """By force a link's target is replaced, not the link; a device just takes the octets."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write_export(link, [b"new"], force=True)
    assert link.is_symlink()
    assert target.read_text() == "new"
    write_export(os.devnull, [b"x"], force=True)


def test_a_pipe_needs_no_force() -> None:
    """What a shell puts in a file's place (``>(gzip)``, ``/dev/stdout``) takes the octets."""
    outlet, inlet = os.pipe()
    write_export(f"/dev/fd/{inlet}", [b"one", b"two"])
    os.close(inlet)
    with os.fdopen(outlet, "rb") as file:
        assert file.read() == b"onetwo"


def test_everything_goes_out_redacted_unless_told(tmp_path: Path) -> None:
    """Values leave with ``show_values``, or where the capture says that they are no secrets."""
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
    """An empty sequence goes through without a word."""
    assert list(outgoing([])) == []


def test_events_without_a_capture_event_are_taken_for_secrets() -> None:
    """Whoever does not say that a capture is harmless gets it redacted."""
    assert b"unseen-before" not in b"".join(export(EVENTS[1:], "jsonl"))


def test_a_format_goes_by_its_name_or_its_suffix() -> None:
    """An unknown one is refused in one line, with every name that would do."""
    with pytest.raises(FormatError, match="xml is not a format: choose one of jsonl, har, csv, m"):
        export(EVENTS, "xml")
    assert b"".join(export(EVENTS, "MD")) == b"".join(export(EVENTS, "markdown"))
    readable = Format(name="old", title="", suffixes=(), reads=lambda path, lost: ())
    with pytest.raises(FormatError, match="old can only be read"):
        export(EVENTS, readable)


def test_a_format_may_stream_or_hold() -> None:
    """Events come once without being kept, or as often as wanted."""
    assert list(Export(iter(EVENTS)).stream()) == list(EVENTS)
    held = Export(iter(EVENTS))
    assert held.events == EVENTS
    assert list(held.stream()) == list(EVENTS)
    assert len(held.trace.exchanges) == 5
