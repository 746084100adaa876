"""What export and explain print: octets for programs, nothing that acts for a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cookietrace.events import SCHEMA, Capture, Client, Request, encode
from tests.cli.conftest import ROOT, Run

CAPTURE = (
    Capture(capture_id="c0", schema=SCHEMA, at=1.0, producer="test"),
    Client(client_id="c1", at=1.0, listen="l", peer="p"),
    Request(
        exchange_id="e1", client_id="c1", at=2.0, method="GET", url="http://a.test/\x9b31m\x85\xe9"
    ),
)


@pytest.mark.parametrize(
    "command",
    [("export", "--format", "jsonl"), ("export", "--format", "har"), ("explain", "--json")],
)
def test_a_terminal_gets_nothing_that_acts(
    command: tuple[str, ...], tmp_path: Path, data_folder: Path, run: Run
) -> None:
    """A C1 control in JSON is octets for a pipe, and a visible escape on a terminal."""
    path = tmp_path / "hostile.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in CAPTURE))
    name, *options = command
    assert "\x9b31m" in run(name, path, *options).out
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "cookietrace", name, str(path), *options],
        cwd=ROOT,
        env={**os.environ, "XDG_DATA_HOME": str(data_folder)},
        stdout=inside,
    ) as process:
        os.close(inside)
        shown = b""
        try:
            while piece := os.read(terminal, 4096):
                shown += piece
        except OSError:  # how Linux tells that nobody has the other end any more
            pass
        os.close(terminal)
    assert process.returncode == 0
    text = shown.decode()
    assert "\\x9b31m\\x85\xe9" in text
    assert text.replace("\r\n", "").isprintable()


@pytest.mark.parametrize(
    ("options", "about"),
    [((), None), (("--cookie", "nope"), "cookie nope"), (("--host", "a.test"), None)],
)
def test_an_export_of_nothing_is_said(
    options: tuple[str, ...], about: str | None, tmp_path: Path, run: Run
) -> None:
    """A focus that leaves nothing still gives its file, and a line that says why it is empty."""
    path = tmp_path / "some.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in CAPTURE))
    result = run("export", path, "--format", "csv", *options)
    assert result.out.startswith("Step,Action")
    assert (about is None) == (result.err == "")
    assert about is None or f"is about {about}: `cookietrace explain FILE`" in result.err
