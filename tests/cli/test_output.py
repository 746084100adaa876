"""What export and explain print: bytes for programs, nothing that acts on a terminal."""

from __future__ import annotations

import io
import os
import pty
import sys
from pathlib import Path
from threading import Thread

import pytest

from cookietrace.cli import main
from cookietrace.events import SCHEMA, Capture, Client, Request, encode
from tests.cli.conftest import Run

CAPTURE = (
    Capture(capture_id="c0", schema=SCHEMA, at=1.0, producer="test"),
    Client(client_id="c1", at=1.0, listen="l", peer="p"),
    Request(
        exchange_id="e1", client_id="c1", at=2.0, method="GET", url="http://a.test/\x9b31m\x85\xe9"
    ),
)


def shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Return what ``cookietrace`` writes to a terminal."""
    terminal, inside = pty.openpty()
    shown = io.BytesIO()

    def read_all() -> None:
        try:
            while piece := os.read(terminal, 4096):
                shown.write(piece)
        except OSError:  # how Linux reports that the other end is closed
            pass

    reader = Thread(target=read_all)
    reader.start()
    with monkeypatch.context() as patch, os.fdopen(inside, "w", encoding="utf-8") as stdout:
        patch.setattr(sys, "argv", ["cookietrace", *arguments])
        patch.setattr(sys, "stdout", stdout)
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0
    reader.join()
    os.close(terminal)
    return shown.getvalue().decode()


@pytest.mark.parametrize(
    "command",
    [("export", "--format", "jsonl"), ("export", "--format", "har"), ("explain", "--json")],
)
def test_a_terminal_gets_nothing_that_acts(
    command: tuple[str, ...],
    tmp_path: Path,
    data_folder: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A C1 control in JSON is written as it is to a pipe, and escaped to a terminal."""
    path = tmp_path / "hostile.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in CAPTURE))
    name, *options = command
    assert "\x9b31m" in run(name, path, *options).out
    monkeypatch.setenv("XDG_DATA_HOME", str(data_folder))
    text = shown_on_a_terminal(monkeypatch, name, str(path), *options)
    assert "\\x9b31m\\x85\xe9" in text
    assert text.replace("\r\n", "").isprintable()


@pytest.mark.parametrize(
    ("options", "focus"),
    [((), None), (("--cookie", "nope"), "cookie nope"), (("--host", "a.test"), None)],
)
def test_an_export_of_nothing(
    options: tuple[str, ...], focus: str | None, tmp_path: Path, run: Run
) -> None:
    """A focus without matches still gives a file, and a line says why it is empty."""
    path = tmp_path / "some.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in CAPTURE))
    result = run("export", path, "--format", "csv", *options)
    assert result.out.startswith("Step,Action")
    assert (focus is None) == (result.err == "")
    assert focus is None or f"matches {focus}: `cookietrace explain FILE`" in result.err
