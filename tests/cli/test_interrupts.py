"""Ctrl-C ends every command quietly, whatever it is doing, and leaves nothing half written."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from cookietrace import interrupts
from cookietrace.events import encode
from cookietrace.supervision.terminal import RESET
from tests.cli.conftest import ROOT
from tests.story import TYPED, Story

PIPE_SIZE = 4096
"""What a process may write ahead of us, in bytes: about 60 lines of its imports."""

IMPORTED = re.compile(rb"import time:|[ \d]*\|[ \d]*\| *[\w.]*\n?$")
"""A line that says what was imported, or the end of one: an interrupt may cut it in two."""

MOMENTS = [
    ("click._compat", "config"),
    ("click.types", "--help"),
    ("cookietrace.cli", "captures"),
    ("cookietrace.lesson.display_text", "check", "{capture}"),
    ("cookietrace.lesson.transcript", "explain", "{capture}"),
    ("jinja2.lexer", "export", "{capture}", "--format", "html", "--output", "{folder}/page.html"),
    ("msgspec", "leaks", "{capture}"),
    ("click.types", "ca"),
    ("click.types", "witness"),
    ("cookietrace.supervision.screen", "view", "{capture}"),
    ("cookietrace.supervision.reports", "proxy", "--listen", "127.0.0.1:0"),
    ("cookietrace.supervision.reports", "watch", "--listen", "127.0.0.1:0"),
    ("cookietrace.supervision.reports", "demo", "--port", "0"),
]
"""The module whose import is the moment, and the command line."""


@pytest.mark.parametrize(("module", "line"), [(one[0], one[1:]) for one in MOMENTS])
def test_an_interrupt_is_quiet_at_any_moment(
    module: str, line: tuple[str, ...], tmp_path: Path, data_folder: Path
) -> None:
    """The exit status is 130, nothing is said, and no file is left.

    The process says what it imports, and waits as long as nobody reads it.
    """
    story = Story()
    story.respond(story.ask(headers=TYPED), "a=1")
    capture = tmp_path / "a.jsonl"
    capture.write_bytes(b"\n".join(map(encode, story.events)))
    command = [word.format(capture=capture, folder=tmp_path) for word in line]
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    screen, terminal = pty.openpty()
    has_screen = command[0] in ("view", "watch", "demo")
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "cookietrace", *command],
        cwd=ROOT,
        env={**os.environ, "XDG_DATA_HOME": str(data_folder), "XDG_CONFIG_HOME": str(tmp_path)},
        stdin=terminal if has_screen else subprocess.PIPE,
        stdout=terminal if has_screen else subprocess.PIPE,
        stderr=writing,
    ) as process:
        os.close(writing)
        os.close(terminal)
        with os.fdopen(reading, "rb") as lines:
            for imported in lines:
                if imported.rpartition(b"|")[2].strip() == module.encode():
                    process.send_signal(signal.SIGINT)
                    break
            lines_left = [line.replace(RESET.encode(), b"") for line in lines]
        said = [line for line in lines_left if line.strip() and not IMPORTED.match(line)]
        out = process.stdout.read() if process.stdout is not None else b""
        status = process.wait(timeout=120)
    os.close(screen)
    assert said == []
    assert (status, out) == (130, b"")
    assert list(tmp_path.glob("*.html*")) == []


LOST = {
    "where an exception is lost": """
class Last:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
""",
    "where an exception becomes another one": """
class Last:
    class Named:
        def __set_name__(self, owner, name):
            signal.raise_signal(signal.SIGINT)
    def __init__(self):
        type("Owner", (), {"attribute": self.Named()})
""",
}
"""What a command's imports do, too: where, and a class that does it."""

INTERRUPTED_IMPORT = """
import signal, sys
from cookietrace import entry
{last}
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            Last()
sys.meta_path.insert(0, Finder())
sys.argv[0] = "cookietrace"
entry.main()
"""


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("cookietrace.commands.explain", "explain"),
        ("cookietrace.commands.story", "explain"),
        ("cookietrace.formats.reading", "explain --json"),
        ("cookietrace.follow", "check"),
        ("cookietrace.formats.recognition", "whatif --drop a"),
    ],
)
@pytest.mark.parametrize("last", LOST.values(), ids=LOST)
def test_an_interrupt_of_an_import_is_not_lost(
    last: str, module: str, command: str, tmp_path: Path, data_folder: Path
) -> None:
    """While modules are imported, for a command or by it, an interrupt ends it, as ever."""
    story = Story()
    story.respond(story.ask(headers=TYPED), "a=1")
    capture = tmp_path / "a.jsonl"
    capture.write_bytes(b"\n".join(map(encode, story.events)))
    program = INTERRUPTED_IMPORT.format(last=last, module=module)
    done = subprocess.run(
        [sys.executable, "-c", program, *command.split(), str(capture)],
        cwd=ROOT,
        env={**os.environ, "XDG_DATA_HOME": str(data_folder), "XDG_CONFIG_HOME": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (130, b"")


@pytest.mark.parametrize("name", ["__del__", "__eq__", "__getattr__", "__hash__"])
def test_an_interrupt_waits_for_methods_that_c_code_calls(name: str) -> None:
    """Their exceptions may be dropped, so it is put off until they have returned."""
    made: dict[str, Callable[[], FrameType]] = {}
    exec(f"import sys\ndef {name}(): return sys._getframe()", made)
    before = signal.getsignal(signal.SIGALRM)
    try:
        interrupts.interrupt(signal.SIGINT, made[name]())
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert left > 0
    with pytest.raises(KeyboardInterrupt):
        interrupts.interrupt(signal.SIGINT, None)


def test_an_interrupt_while_nobody_reads_the_output(tmp_path: Path, data_folder: Path) -> None:
    """The command waits for a reader when Ctrl-C comes, and does not keep waiting."""
    story = Story()
    for _ in range(300):
        story.respond(story.ask(headers=TYPED), "a=" + "b" * 300)
    capture = tmp_path / "a.jsonl"
    capture.write_bytes(b"\n".join(map(encode, story.events)))
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    with contextlib.closing(os.fdopen(reading, "rb", buffering=0)) as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cookietrace", "explain", str(capture)],
            cwd=ROOT,
            env={**os.environ, "XDG_DATA_HOME": str(data_folder)},
            stdout=writing,
            stderr=subprocess.PIPE,
        )
        os.close(writing)
        assert output.read(1)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read()
        process.stderr.close()
        assert process.wait(timeout=120) == 130
    assert said.strip() == b""
