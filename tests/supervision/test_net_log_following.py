"""A browser's log is followed to its end, and if that is not possible all works as before."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cookietrace.events import Browser as Said
from cookietrace.protocol import BrowserPieces, decode_command
from cookietrace.stores import create_capture
from cookietrace.supervision.browsers import Browser, Listening, launch
from tests.listening.logs import FOLDER, changes, hops
from tests.processes import running_with, wait_until

PROGRAM = """#!{python}
import pathlib, sys, time
[log] = [a.partition("=")[2] for a in sys.argv if a.startswith("--log-net-log=")]
assert "--net-log-capture-mode=IncludeSensitive" in sys.argv
{does}
"""

PAGE = str(FOLDER / "page.netlog")
COPIES = f"pathlib.Path(log).write_bytes(pathlib.Path({PAGE!r}).read_bytes())"
KILLED = (
    f"data = pathlib.Path({PAGE!r}).read_bytes()\n"
    "pathlib.Path(log).write_bytes(data[:data.rindex(b']}')] + b',\\n')\n"
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
)


def followed(tmp_path: Path, does: str, *, until: str = "ended") -> tuple[list[Said], list[str]]:
    """Open a program in place of a browser; return what was sent to the proxy, and warnings."""
    program = tmp_path / "chromium"
    program.write_text(PROGRAM.format(python=sys.executable, does=does))
    program.chmod(0o755)
    capture = tmp_path / "c.cookietrace"
    create_capture(capture).close()
    commands, writing = os.pipe()
    warnings: list[str] = []
    with launch(
        Browser("chromium", str(program)),
        proxy="127.0.0.1:1",
        headless=True,
        listening=Listening(capture, writing, warnings.append),
    ) as launched:
        if until == "ended":
            wait_until(lambda: not launched.running(), "the program and its keeper have ended")
        else:
            wait_until(lambda: bool(warnings), "it is said why nobody listens")
            assert launched.running()
            assert running_with(str(launched.profile)) != []
    os.close(writing)
    pieces, said = BrowserPieces(), list[Said]()
    with os.fdopen(commands, "rb") as stream:
        for line in stream:
            command = decode_command(line)
            assert command is not None
            event = pieces.take(command)
            if event is not None:
                said.append(event)
    assert not launched.profile.exists()
    return said, warnings


@pytest.mark.parametrize("does", [COPIES, KILLED], ids=["whole", "killed"])
def test_a_log_to_its_end(tmp_path: Path, does: str) -> None:
    """Whatever it says is sent before the keeper ends, also if the browser was killed."""
    said, warnings = followed(tmp_path, does)
    assert warnings == []
    assert sorted(event.url or "" for event in said if event.unmatched) == sorted(
        hop.url for hop in hops("page")
    )
    written = [change.name for event in said for change in event.changes]
    assert written == [change.name for change in changes("page")]


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ("open(log, 'w').write('hello\\n'); time.sleep(600)", "not a net log"),
        ("open(log, 'w').write('{\"constants\":{\"a\":1},\\n'); time.sleep(600)", "cannot be read"),
    ],
)
def test_a_log_that_is_none(tmp_path: Path, does: str, words: str) -> None:
    """One line says so, and the browser goes on."""
    said, [warning] = followed(tmp_path, does, until="warned")
    assert said == []
    assert warning.startswith("what chromium says of itself is not recorded: ")
    assert words in warning


def test_a_browser_that_writes_no_log(tmp_path: Path) -> None:
    """Nothing is said, and it ends as it would."""
    assert followed(tmp_path, "time.sleep(0.2)") == ([], [])
