"""What export and explain print: bytes for programs, nothing that acts on a terminal."""

from __future__ import annotations

import io
import os
import pty
import sys
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from cookietrace.cli import main
from cookietrace.events import SCHEMA, Capture, Client, Request, encode
from tests.cli.conftest import Run
from tests.story import seed_story

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


SEED = [encode(event) for event in seed_story().events]


@pytest.mark.parametrize(
    ("options", "steps", "told"),
    [
        ((), 3, True),
        (("--path", "/*"), 3, False),
        (("--cookie", "other"), 0, False),
        (("--title", "Why <b>None</b>?", "--questions", "1"), 3, True),
    ],
)
def test_the_page_of_the_demo(
    options: tuple[str, ...], steps: int, told: bool, tmp_path: Path, run: Run
) -> None:
    """The demo's own capture becomes its first lesson, and a line says how to get the rest."""
    path = tmp_path / "demo.jsonl"
    path.write_bytes(b"\n".join(SEED))
    result = run("export", path, "--format", "html", *options)
    assert result.status == 0
    assert result.out.count('<tr id="table-') == steps
    assert ("Read Cookie 'user'" in result.out) is told
    assert ("--path '/*' puts everything into it" in result.err) is told
    if "--title" in options:
        assert "<h1>Why &lt;b&gt;None&lt;/b&gt;?</h1>" in result.out
        assert result.out.count("data-right=") == 1


def test_another_capture_is_shown_whole(tmp_path: Path, run: Run) -> None:
    """Only a capture of the demo has a first lesson."""
    path = tmp_path / "shop.jsonl"
    capture, *others = seed_story().events
    assert isinstance(capture, Capture)
    events = (msgspec.structs.replace(capture, sensitive=True), *others)
    path.write_bytes(b"\n".join(map(encode, events)))
    result = run("export", path, "--format", "html")
    assert result.err == ""
    assert "Read Cookie 'user'" not in result.out


def test_an_introduction(tmp_path: Path, run: Run) -> None:
    """The text of a file is on the page, and a hand-out has no answers."""
    path, intro = tmp_path / "demo.jsonl", tmp_path / "intro.txt"
    path.write_bytes(b"\n".join(SEED))
    intro.write_text("# Today\nWhy None?\n", encoding="utf-8")
    result = run("export", path, "--format", "html", "--intro", intro, "--no-answers")
    assert "<h2>Today</h2>\n<p>Why None?</p>" in result.out
    assert 'class="answer"' not in result.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--format", "csv", "--title", "x"), "--title is for a lesson page, and csv is not one"),
        (("--format", "har", "--no-answers"), "--no-answers is for a lesson page"),
        (("--format", "jsonl", "--questions", "0"), "--questions is for a lesson page"),
        (("--format", "html", "--intro", "nothing.txt"), "'nothing.txt' does not exist"),
        (("--format", "html", "--intro", "latin.txt"), "latin.txt is not UTF-8 text"),
        (("--format", "html", "--intro", "long.txt"), "long.txt is too long"),
        (("--format", "html", "--questions", "99"), "0<=x<=50"),
    ],
)
def test_options_of_a_page_that_cannot_be_used(
    options: tuple[str, ...],
    words: str,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line says what to do, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    Path("demo.jsonl").write_bytes(b"\n".join(SEED))
    Path("latin.txt").write_bytes(b"caf\xe9")
    Path("long.txt").write_text("x" * 100_001, encoding="utf-8")
    result = run("export", "demo.jsonl", *options)
    assert result.status == 2
    assert result.out == ""
    assert words in result.err
    assert len(result.err.splitlines()) == 1


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
