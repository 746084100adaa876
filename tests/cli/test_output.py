"""What export and explain print: bytes for programs, nothing that acts on a terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import sys
from pathlib import Path
from threading import Thread

import pytest

from cookietrace.cli import main
from cookietrace.events import SCHEMA, Capture, Client, Request, encode
from tests.checking.sign_ins import SECRET, broken_sign_in
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


@pytest.fixture
def sign_in(tmp_path: Path) -> Path:
    """A capture with one problem, at step 3, and one warning, at step 6."""
    path = tmp_path / "sign-in.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in broken_sign_in()))
    return path


SUMMARY = """\
1 problem · 1 warning
  ▲ Step 3: 'oauth_state' withheld: SameSite=Lax, cross-site POST
  △ Step 6: 'cart' withheld: request without credentials

"""


@pytest.mark.parametrize(
    ("options", "first", "steps"),
    [
        ((), SUMMARY, ["Steps 1–2", "Step 3", "Steps 4–5", "Step 6"]),
        (("--path", "/callback"), "1 problem\n", ["Step 3"]),
        (("--cookie", "cart"), "1 warning\n", ["Steps 4–5", "Step 6"]),
        (("--host", "shop.test", "--path", "/"), "No problems, no warnings.\n", ["Steps 4–5"]),
        (("--host", "elsewhere.test"), "Nothing has happened yet.", []),
    ],
)
def test_explain_begins_with_the_problems(
    options: tuple[str, ...], first: str, steps: list[str], run: Run, sign_in: Path
) -> None:
    """A line each with its step; then the story of what is in focus, with the same numbers."""
    told = run("explain", sign_in, *options)
    assert told.status == 0, told
    assert told.out.startswith(first)
    paragraphs = told.out.split("\n\n")
    assert [text.partition(".")[0] for text in paragraphs if text.startswith("Step")] == steps
    assert ("nothing in" in told.err) is not bool(steps)
    printed = run("explain", sign_in, *options, "--json")
    entries = [json.loads(line) for line in printed.out.splitlines()]
    labels = [re.findall(r"\d+", step)[0] for step in steps]
    assert [str(entry["step"]) for entry in entries] == labels


def test_explain_only_the_problems(run: Run, sign_in: Path) -> None:
    """The worst first, with verdict, request, cause and fix; as JSON, one object per line."""
    told = run("explain", sign_in, "--problems")
    counted, problem, warning = told.out.split("\n\n")
    assert counted == "1 problem · 1 warning"
    assert [line.split()[0] for line in problem.splitlines() if not line.startswith("   ")] == [
        "▲", "Request:", "Cause:", "Fix:",
    ]  # fmt: skip
    assert warning.startswith("△ Warning in step 6: 'cart' withheld: ")
    first, second = (
        json.loads(line)
        for line in run("explain", sign_in, "--problems", "--json").out.splitlines()
    )
    assert (first["severity"], first["code"], first["step"]) == ("problem", "same-site-lax", 3)
    assert first["verdict"] == "'oauth_state' withheld: SameSite=Lax, cross-site POST"
    assert first["fix"].startswith("If other sites must cause it")
    assert SECRET not in first["cause"]
    assert (second["severity"], second["step"], second["row"]) == ("warning", 6, 6)
    clean = run("explain", sign_in, "--problems", "--path", "/login")
    assert clean.out == "No problems, no warnings.\n"
    assert run("explain", sign_in, "--problems", "--path", "/login", "--json").out == ""
    assert run("explain", sign_in, "--problems", "--json", "--jar").status == 2


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
