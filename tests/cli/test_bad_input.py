"""Bad input: one line that says what to do, exit status 2, nothing lost, no traceback."""

from __future__ import annotations

import gzip
import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cookietrace.ca import require_confdir
from cookietrace.cli import CLOSED_PIPE
from cookietrace.errors import CaptureError, LaunchError
from cookietrace.events import encode
from cookietrace.formats import export, read_capture
from cookietrace.redact import redacted
from cookietrace.stores import create_capture, open_or_create
from cookietrace.supervision.browsers import NAMES
from tests.cli.conftest import ROOT, Result, Run
from tests.ports import FreePort, held_ports
from tests.story import Story, seed_story
from tests.verdict_stories import rich


def refused(result: Result, *wanted: str) -> str:
    """Assert that the result is an error in one line with all these words; return the line."""
    assert result.status == 2, result
    assert "Traceback" not in result.err
    lines = result.err.splitlines()
    assert len(lines) == 1, result.err
    assert lines[0].startswith("cookietrace: ")
    for words in wanted:
        assert words in lines[0]
    return lines[0]


def written(path: Path, story: Story) -> Path:
    """Write a story as a capture."""
    with closing(create_capture(path, sensitive=False)) as store:
        store.append(story.events[1:])
    return path


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A capture of the two visits."""
    return written(tmp_path / "seed.cookietrace", seed_story())


def not_a_capture(path: Path) -> None:
    """Write a text file."""
    path.write_text("shopping list\n")


def other_database(path: Path) -> None:
    """Write another program's SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")


def from_the_future(path: Path) -> None:
    """Write a capture as a newer version would."""
    written(path, seed_story())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (not_a_capture, "not a capture"),
        (other_database, "not a capture"),
        (from_the_future, "newer cookietrace"),
        (Path.mkdir, "file.cookietrace"),
    ],
)
def test_a_file_that_is_not_a_capture(
    run: Run, tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    """Reading it and recording into it both fail, and the file is unchanged."""
    path = tmp_path / "file.cookietrace"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    for command in (["explain", path], ["export", path, "--format", "jsonl"]):
        refused(run(*command), "file.cookietrace", words)
    with pytest.raises(CaptureError, match=words) as error:
        open_or_create(path)  # what the proxy records into
    assert "\n" not in str(error.value)
    assert "file.cookietrace" in str(error.value)
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize("command", [("explain",), ("export", "--format", "csv")])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"cookies": [], "origins": []}', "`recordHar`"),
        (b"# Netscape HTTP Cookie File\n", "cookietrace watch"),
        (gzip.compress(b'{"traceEvents": []}', mtime=0), "Export HAR (with sensitive data)"),
    ],
)
def test_a_file_of_another_tool(
    run: Run, tmp_path: Path, command: tuple[str, ...], content: bytes, words: str
) -> None:
    """One line says what it is and how to get a HAR."""
    path = tmp_path / "file"
    path.write_bytes(content)
    refused(run(*command, path), f"{path} is ", words)


PROCESSES: dict[str, tuple[tuple[str, ...], Callable[[Path], object], str]] = {
    "usage": (("explain", "--nope", "FILE"), Path.touch, "`cookietrace explain -h`"),
    "newer schema": (("export", "FILE", "--format", "csv"), from_the_future, "newer cookietrace"),
    "port in use": (("proxy", "--listen", "PORT"), Path.touch, "in use"),
}
"""One command per kind of error: its arguments, what FILE is, and words in the line."""


@pytest.mark.parametrize("case", PROCESSES)
def test_an_error_in_a_process_of_its_own(run_process: Run, tmp_path: Path, case: str) -> None:
    """A real process prints one line to stderr, nothing to stdout, and exits with status 2."""
    arguments, make, words = PROCESSES[case]
    path = tmp_path / "file.cookietrace"
    make(path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        names = {"FILE": str(path), "PORT": f"127.0.0.1:{server.getsockname()[1]}"}
        result = run_process(*(names.get(argument, argument) for argument in arguments))
    refused(result, words)
    assert result.out == ""


def test_a_reader_that_stops_reading(tmp_path: Path) -> None:
    """``cookietrace export FILE | head -1`` ends without a traceback or a message."""
    path = tmp_path / "long.jsonl"
    events = seed_story().events
    path.write_bytes(b"".join(encode(event) + b"\n" for event in [*events, *events[1:] * 500]))
    assert path.stat().st_size > 500_000  # more than a pipe holds
    with subprocess.Popen(
        [sys.executable, "-m", "cookietrace", "export", path, "-f", "jsonl", "--show-values"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"type":"capture"')
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == CLOSED_PIPE


@pytest.mark.parametrize("command", [("explain",), ("export", "--format", "csv")])
def test_a_capture_that_does_not_exist(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    """The line names the path."""
    name, *options = command
    refused(run(name, tmp_path / "none.cookietrace", *options), "none.cookietrace")


def test_a_capture_that_cannot_be_written(tmp_path: Path) -> None:
    """If the capture cannot be created, one line names it; the proxy passes it on (below)."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CaptureError, match=r"x\.cookietrace") as error:
        open_or_create(tmp_path / "file" / "x.cookietrace")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("flag", ["--listen", "--reverse-listen"])
@pytest.mark.parametrize("command", ["proxy", "demo"])
def test_a_port_in_use(run: Run, command: str, flag: str) -> None:
    """If a requested port is taken, the line names the port and the option."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        target = ["http://127.0.0.1:9"] if command == "proxy" else []
        refused(run(command, *target, flag, f"127.0.0.1:{port}"), str(port), flag, "in use")


@pytest.mark.parametrize("flag", ["--listen", "--reverse-listen"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_an_app_on_our_own_port(run: Run, free_port: FreePort, flag: str, host: str) -> None:
    """A proxy that would forward to itself is refused; the line names the URL and both fixes."""
    port = free_port()
    app = f"http://{host}:{port}"
    refused(run("proxy", app, flag, f"127.0.0.1:{port}"), app, "the app's own port", flag)


def test_a_newer_jsonl(run: Run, tmp_path: Path) -> None:
    """A file with a newer schema is refused."""
    path = tmp_path / "newer.jsonl"
    line = {"type": "capture", "capture_id": "x", "schema": 99, "at": 0, "producer": "later"}
    path.write_text(json.dumps(line) + "\n")
    refused(run("explain", path), "newer")


@pytest.mark.parametrize("name", ["jsonl", "har"])
def test_a_truncated_file(run: Run, tmp_path: Path, capture: Path, name: str) -> None:
    """The line says where the file ends; --lenient keeps what is before that, and says so."""
    whole = b"".join(export(read_capture(capture), name))
    path = tmp_path / f"cut.{name}"
    path.write_bytes(whole[: len(whole) - 400])
    refused(run("explain", path), "line", "--lenient")
    lenient = run("explain", path, "--lenient")
    assert lenient.status == 0, lenient.err
    assert "This transcript covers" in lenient.out
    assert lenient.err.startswith(f"cookietrace: {path}, line ")
    assert lenient.err.count("\n") == 1
    exported = run("export", path, "--lenient", "--format", "csv")
    assert (exported.status, exported.err) == (0, lenient.err)


def test_edited_verdicts(run: Run, tmp_path: Path) -> None:
    """A redacted file with a reason that does not exist: one line; leniently, what is lost."""
    path = tmp_path / "edited.jsonl"
    events = redacted(rich().events, key=b"k" * 32)
    path.write_bytes(b"".join(export(events, "jsonl")).replace(b"path-mismatch", b"path-mish"))
    refused(run("explain", path, "--json"), "edited.jsonl", "exchange 2", "path-mish", "--lenient")
    lenient = run("explain", path, "--json", "--lenient")
    assert lenient.status == 0, lenient.err
    printed = [json.loads(line) for line in lenient.out.splitlines()]
    assert printed[1]["observed_cookie_header"].startswith("a=redacted-")
    assert printed[1]["withheld"] == []
    assert lenient.err.startswith(f"cookietrace: {path}: the verdicts on ")
    assert lenient.err.count("\n") == 1


def test_a_capture_cut_to_its_head(run: Run, tmp_path: Path, capture: Path) -> None:
    """If not even --lenient finds anything, one line says so."""
    path = tmp_path / "cut.cookietrace"
    path.write_bytes(capture.read_bytes()[:5000])
    refused(run("explain", path), "cut.cookietrace")
    refused(run("explain", path, "--lenient"), "nothing in it can be read")


def test_an_unknown_format(run: Run, capture: Path) -> None:
    """The line lists the formats, including those of plug-ins."""
    refused(run("export", capture, "--format", "pdf"), "pdf", "har", "jsonl", "csv", "markdown")
    refused(run("export", capture), "--format", "flow")
    refused(run("export", capture, "-o", "out.pdf"), "--format", "har")


def test_an_export_onto_a_file(run: Run, capture: Path, tmp_path: Path) -> None:
    """--force is needed to replace a file, and never replaces a capture."""
    out = tmp_path / "out.har"
    out.write_text("mine")
    refused(run("export", capture, "-o", out), "out.har", "--force")
    assert out.read_text() == "mine"
    assert run("export", capture, "-o", out, "--force").status == 0
    assert json.loads(out.read_text())["log"]["version"] == "1.2"
    before = capture.read_bytes()
    refused(
        run("export", capture, "--format", "har", "-o", capture, "--force"),
        "is the file being read",
    )
    assert capture.read_bytes() == before


@pytest.mark.parametrize("kind", NAMES)
def test_no_browser_found(run: Run, tmp_path: Path, kind: str) -> None:
    """The line lists the names that were tried, and nothing is started."""
    line = refused(run("proxy", "--browser", kind, PATH=str(tmp_path)), f"no {kind} found")
    assert all(name in line for name in NAMES[kind])


def test_no_display(run: Run, tmp_path: Path) -> None:
    """Without a display no browser is opened, and nothing is started."""
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    environment = {"PATH": str(tmp_path), "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    refused(run("proxy", "--browser", "chromium", **environment), "display", "--browser none")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("watch",), "cookietrace proxy"),
        (("view", "x.cookietrace"), "cookietrace explain"),
        (("proxy", "--listen", "nowhere"), "--listen nowhere"),
        (("proxy", "--reverse-listen", "127.0.0.1:x", "http://localhost:1"), "--reverse-listen"),
        (("proxy", "--reverse-listen", "127.0.0.1:9000"), "--reverse-listen"),
        (("proxy", "localhost:3000"), "http://localhost:3000"),
        (("proxy", "--upstream", "ftp://x", "--listen", "127.0.0.1:0"), "--upstream"),
        (("proxy", "--upstream", "http://me:pass@proxy.example:3128"), "COOKIETRACE_UPSTREAM"),
        (("proxy", "--upstream", "token@proxy.example"), "COOKIETRACE_UPSTREAM"),
        (("proxy", "--upstream", "@/nowhere"), "/nowhere"),
        (("proxy", "--upstream", f"@{os.devnull}"), os.devnull),
        (("proxy", "--only", ""), "--only ''"),
        (("proxy", "--only", "[(*"), "--only '[(*'"),
        (("proxy", "--ignore", "https://bank.example/"), "--ignore 'https://bank.example/'"),
        (("demo", "--headless", "--browser", "firefox"), "chromium"),
        (("proxy", "--headless"), "--browser"),
        (("explain", "x.cookietrace", "--jar"), "--json"),
        (("proxy", "--block-third-party-cookies"), "--browser"),
        (("proxy", "--watch-scripts"), "--browser chromium"),
        (("demo", "--headless", "--watch-scripts", "--browser", "chromium"), "--watch-scripts"),
        (("proxy", "--watch-scripts", "--browser", "firefox"), "--browser chromium"),
        (("proxy", "--watch-scripts", "--browser", "none"), "--browser chromium"),
        (("proxy", "--listen-browser"), "--browser"),
        (("proxy", "--attach", "nowhere"), "--attach nowhere"),
        (("proxy", "--attach", "127.0.0.1:9222", "--browser", "chromium"), "--browser"),
        (("proxy", "--attach", "127.0.0.1:9222", "--block-third-party-cookies"), "--browser"),
        (("demo", "--headless", "--attach", "127.0.0.1:9222"), "--attach"),
        (("demo", "--headless", "--browser=chromium", "--listen-browser"), "--listen-browser"),
        (("captures", "delete"), "--all"),
        (("captures", "delete", "none"), "none"),
    ],
)
def test_what_cannot_be_done(run: Run, arguments: tuple[str, ...], words: str) -> None:
    """Each is one line that says what to do instead."""
    refused(run(*arguments), words)


def test_no_browser_to_attach_to(run: Run, tmp_path: Path) -> None:
    """The line says how to start one; nothing is started, and no capture is made."""
    capture = tmp_path / "one.cookietrace"
    with held_ports() as free_port:
        port = free_port()
        refused(
            run("proxy", "--attach", f":{port}", "--capture", capture),
            f"--attach 127.0.0.1:{port}",
            f"--remote-debugging-port={port}",
            "--user-data-dir",
        )
    assert not capture.exists()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nope"], "No such command 'nope' (for help: `cookietrace -h`)"),
        (["export"], "Missing argument 'FILE...' (for help: `cookietrace export -h`)"),
        (
            ["explain", "--nope", "x"],
            "No such option '--nope' (for help: `cookietrace explain -h`)",
        ),
    ],
)
def test_a_command_line_that_makes_no_sense(run: Run, arguments: list[str], line: str) -> None:
    """The line says what is wrong and how to get help; nothing goes to standard output."""
    result = run(*arguments)
    assert refused(result) == f"cookietrace: {line}"
    assert result.out == ""


def a_broken_ca(confdir: Path) -> None:
    """Write a CA that cannot be read."""
    confdir.mkdir()
    (confdir / "mitmproxy-ca.pem").write_text("no key\n")


def test_a_folder_that_holds_no_ca(run: Run, tmp_path: Path) -> None:
    """The proxy does not start without a CA, which would fail at every site with https."""
    a_broken_ca(tmp_path / "ca")
    capture = tmp_path / "one.cookietrace"
    arguments = ("--confdir", tmp_path / "ca", "--listen", "127.0.0.1:0", "--capture", capture)
    refused(run("proxy", *arguments), "--confdir", "remove mitmproxy-ca.pem")
    assert not capture.exists()


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    """It is named, with the option that chooses another one."""
    (tmp_path / "ca").touch()
    with pytest.raises(LaunchError, match=r"ca is a file: .*--confdir$"):
        require_confdir(tmp_path / "ca")


def test_two_proxies_on_one_capture(run: Run, tmp_path: Path, free_port: FreePort) -> None:
    """A second proxy is refused while the first one writes.

    What its process says about the capture is the command's error, in one line.
    """
    path = tmp_path / "one.cookietrace"
    with closing(create_capture(path)):
        refused(
            run("proxy", "--capture", path, "--listen", f"127.0.0.1:{free_port()}"),
            "one.cookietrace",
        )


def test_an_escape_sequence_in_an_argument(run: Run) -> None:
    """The line repeats what the user typed without acting on a terminal."""
    assert "\x1b" not in refused(run("explain", "\x1b[31mred.cookietrace"))


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        (("exprot",), "Did you mean 'export'?"),
        (("captures", "dleete"), "Did you mean 'delete'?"),
        (("explain", "--problms", "{capture}"), "Did you mean '--problems'?"),
        (("export", "{capture}", "--format", "mardown"), "Did you mean 'markdown'?"),
        (("witness", "Flaks"), "Did you mean 'flask'?"),
        (("whatif", "{capture}", "--set", "user: SameSit=Lax"), "Did you mean 'SameSite'?"),
        (("--config", "{settings}", "config"), "Did you mean 'only'?"),
        (("nothing-like-it",), "No such command 'nothing-like-it' (for help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_slip_of_the_keyboard(
    run: Run, capture: Path, tmp_path: Path, command: tuple[str, ...], wanted: str
) -> None:
    """A name that nearly is a known one is answered with that one."""
    settings = tmp_path / "config.toml"
    settings.write_text('onyl = ["shop.test"]\n')
    line = refused(run(*(each.format(capture=capture, settings=settings) for each in command)))
    assert wanted in line
