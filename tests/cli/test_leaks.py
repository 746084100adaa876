"""``cookietrace leaks``: what survives in a file, without showing it; and ``--keep``."""

from __future__ import annotations

import base64
import gzip
import itertools
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cookietrace.events import SCHEMA, Body, Capture, Client, Event, Request, Response
from cookietrace.formats import export, outgoing, read_capture
from cookietrace.leaks import sources
from cookietrace.stores import create_capture
from tests.cli.conftest import Result, Run
from tests.cli.test_bad_input import refused

SECRET = "zQ7-x_9K.fP2mWd41"
TOKEN = "tokEn-8841-abcd-x"

EVENTS: list[Event] = [
    Capture(capture_id="c0", schema=SCHEMA, at=1.0, producer="test"),
    Client(client_id="c1", at=1.0, listen="l", peer="p", user_agent="UA"),
    Request(
        exchange_id="e1",
        client_id="c1",
        at=1.0,
        method="GET",
        url=f"http://a.test/cb?state=st4te-8841-value&token={TOKEN}",
        headers=(("Cookie", f"sid={SECRET}"), ("X-Company-Auth", "c0mpany-9944-key")),
    ),
    Body(
        exchange_id="e1",
        at=1.1,
        of="response",
        content_type="text/plain",
        size=9,
        content=f"{base64.b64encode(SECRET.encode()).decode()} " + "filler " * 2000,
    ),
    Response(exchange_id="e1", at=1.2, status_code=200),
]


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A capture with secrets."""
    path = tmp_path / "a.cookietrace"
    store = create_capture(path, info=EVENTS[0])  # type: ignore[arg-type]
    store.append(EVENTS[1:])
    store.close()
    return path


def secrets(folder: Path, *lines: str) -> Path:
    """Return a file of secrets."""
    path = folder / "secrets.txt"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def shows_none(result: Result) -> None:
    """Assert that no secret, and no part of one, was printed."""
    for part in (SECRET, SECRET[:6], SECRET[-6:], TOKEN, TOKEN[:6], "8841"):
        assert part not in result.out + result.err


def test_an_export_holds_no_secret(run: Run, capture: Path, tmp_path: Path) -> None:
    """A redacted export passes, one with the values does not; neither secret is printed."""
    wanted = secrets(tmp_path, "", SECRET, TOKEN)
    for name in ("a.har", "a.jsonl", "a.csv", "a.md", "a.html"):
        assert run("export", capture, "-o", tmp_path / name).status == 0
        result = run("leaks", tmp_path / name, "--secrets-from", wanted)
        assert result.status == 0
        assert result.out == f"None of the 2 secrets survives in {tmp_path / name}.\n"
        assert run("export", capture, "-o", tmp_path / name, "--force", "--show-values").status == 0
        result = run("leaks", tmp_path / name, "--secrets-from", wanted)
        assert result.status == 1
        assert "The secret in line 2 survives:\n  line " in result.out
        assert (
            result.out.endswith(f"secrets survive in {tmp_path / name}.\n") or "1 of" in result.out
        )
        shows_none(result)


def test_where_it_survives(run: Run, tmp_path: Path) -> None:
    """Each place has its line, its byte and its spelling."""
    file = tmp_path / "a.txt"
    file.write_text(f"x\n{SECRET}\nis {base64.b64encode(SECRET.encode()).decode()}\n", "utf-8")
    result = run("leaks", file, "--secrets-from", secrets(tmp_path, SECRET))
    assert result.out.splitlines() == [
        "The secret in line 1 survives:",
        "  line 2 (byte 2): as it is",
        "  line 3 (byte 23): Base64",
        f"The secret survives in {file}.",
    ]


@pytest.mark.parametrize("kind", ["gz", "zip", "capture"])
def test_any_file(run: Run, capture: Path, tmp_path: Path, kind: str) -> None:
    """A packed file is unpacked, with every file in an archive; of a capture, events are read."""
    file = {"gz": tmp_path / "a.har.gz", "zip": tmp_path / "a.zip", "capture": capture}[kind]
    data = b"".join(export(EVENTS, "har", show_values=True))
    if kind == "gz":
        file.write_bytes(gzip.compress(data))
    elif kind == "zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.har", b"{}")
            archive.writestr("b.har", data)
    result = run("leaks", file, "--secrets-from", secrets(tmp_path, SECRET))
    assert result.status == 1
    assert {"gz": "of unpacked", "zip": "of b.har", "capture": "  event 3: "}[kind] in result.out
    shows_none(result)


@pytest.mark.parametrize("kind", ["gz", "zip", "empty.zip", "fifo", "folder"])
def test_what_cannot_be_looked_through(run: Run, tmp_path: Path, kind: str) -> None:
    """Damage is one line and no traceback, and so is what is no file; a pipe is not waited for."""
    file = tmp_path / f"a.{kind}"
    data = bytes(200_000) + b"end"
    if kind == "fifo":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    elif kind == "gz":
        file.write_bytes(gzip.compress(data)[:-20])
    else:
        with zipfile.ZipFile(file, "w") as archive:
            if kind == "zip":
                archive.writestr("a.har", data)
        file.write_bytes(file.read_bytes().replace(b"end", b"END"))
    known = secrets(tmp_path, SECRET)
    line = refused(run("leaks", file, "--secrets-from", known), str(file))
    assert "--lenient" not in line


def test_what_lies_across_a_window(tmp_path: Path) -> None:
    """A long file is read in pieces that overlap, and lines are counted on."""
    file = tmp_path / "long"
    line = b"x" * 99 + b"\n"
    file.write_bytes(line * 50_000)
    windows = [window for source in sources(file) for window in source.windows]
    assert len(windows) > 2
    for before, after in itertools.pairwise(windows):
        assert before.offset < after.offset < before.offset + len(before.text)
        assert after.line == 1 + after.offset // 100
    assert windows[-1].offset + len(windows[-1].text) == 5_000_000


def test_secrets_from_standard_input(tmp_path: Path) -> None:
    """Without --secrets-from they are read from standard input; nothing asks for them there."""
    file = tmp_path / "a.txt"
    file.write_text(SECRET, "utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "cookietrace", "leaks", file],
        input=f"{SECRET}\r\n\n".encode(),
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (1, b"")
    assert b"line 1" in result.stdout


def test_bad_secrets(run: Run, tmp_path: Path) -> None:
    """What cannot be looked for is one line that names the line, and not the secret."""
    file = tmp_path / "a.txt"
    file.write_text("x", "utf-8")
    error = refused(
        run("leaks", file, "--secrets-from", secrets(tmp_path, SECRET, "ab3")), "line 2"
    )
    assert "ab3" not in error
    refused(run("leaks", file, "--secrets-from", secrets(tmp_path, "")), "there are no secrets")
    refused(run("leaks", file, "--secrets-from", tmp_path / "none"), "none cannot be read")
    refused(run("leaks", file), "there are no secrets in standard input")
    refused(run("leaks", tmp_path / "gone", "--secrets-from", secrets(tmp_path, SECRET)), "gone")


def test_it_ends_at_ctrl_c(tmp_path: Path) -> None:
    """However much there is to decode, an interrupt ends it."""
    file = tmp_path / "a.txt"
    file.write_text("%25" * 2_000_000, "utf-8")
    command = [sys.executable, "-m", "cookietrace", "leaks", str(file)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        # More than a pipe holds: all of it is written once the command reads, so it has begun.
        process.stdin.write(SECRET.encode() + b"\n" * 200_000)
        process.stdin.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=120) in (130, -signal.SIGINT)


def test_kept_names(run: Run, capture: Path) -> None:
    """--keep keeps the values of a name, for every command that redacts; cookies never stay."""
    for command in (("export", "-f", "jsonl"), ("export", "-f", "har"), ("explain", "--json")):
        plain = run(command[0], capture, *command[1:]).out
        kept = run(command[0], capture, *command[1:], "--keep", "State", "--keep", "sid").out
        assert "st4te-8841-value" not in plain
        assert "st4te-8841-value" in kept
        assert not any(value in text for text in (plain, kept) for value in (SECRET, TOKEN))
    assert run("check", capture, "--keep", "state").status in (0, 1)
    for name in ("export", "explain", "check"):
        options = ("-f", "har") if name == "export" else ()
        refused(run(name, capture, *options, "--keep", "*"), "'*' is not a name")


def test_names_in_the_settings(run: Run, capture: Path, tmp_path: Path) -> None:
    """``redact`` and ``keep`` of the settings apply to every export."""
    settings = tmp_path / "mine.toml"
    settings.write_text('redact = ["X-Company-Auth"]\nkeep = ["state"]\n', "utf-8")
    plain = run("export", capture, "-f", "jsonl").out
    assert "c0mpany-9944-key" in plain
    mine = run("--config", settings, "export", capture, "-f", "jsonl").out
    assert "c0mpany-9944-key" not in mine
    assert "st4te-8841-value" in mine


def test_a_redacted_copy_is_read_again(capture: Path, tmp_path: Path) -> None:
    """Reading a redacted copy and exporting it once more changes nothing."""
    once = list(outgoing(read_capture(capture)))
    path = tmp_path / "once.jsonl"
    path.write_bytes(b"".join(export(iter(once), "jsonl")))
    assert list(outgoing(read_capture(path))) == once


def test_a_pipe_is_refused_at_once(run: Run, tmp_path: Path) -> None:
    """A file is read twice, which a pipe cannot be; and a pipe that nobody writes to never ends."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refused(run("leaks", pipe, "--secrets-from", secrets(tmp_path, SECRET)), "pipe")
    file = tmp_path / "a.txt"
    file.write_text(SECRET, "utf-8")
    refused(run("leaks", file, "--secrets-from", pipe), "it is a pipe")


def test_a_list_of_secrets_from_another_system(run: Run, tmp_path: Path) -> None:
    """A byte order mark, CRLF and empty lines are no part of a secret."""
    file, wanted = tmp_path / "a.txt", tmp_path / "secrets.txt"
    file.write_text(SECRET, "utf-8")
    wanted.write_bytes(b"\xef\xbb\xbf" + SECRET.encode() + b"\r\n\r\n")
    assert run("leaks", file, "--secrets-from", wanted).status == 1
