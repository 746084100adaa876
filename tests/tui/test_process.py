"""``python -m tui`` as a process on a terminal of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.tui import captures

ROOT = Path(__file__).parents[2]
SHOW_CURSOR = b"\x1b[?25h"
LEAVE_ALTERNATE = b"\x1b[?1049l"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")},
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
}
"""Without the size that pytest-xdist gives its workers: the terminal has its own."""


MODULE = ("-m", "tui")
CHANGES = ("-m", "tui.changes")
IMPATIENT = (
    "-c",
    "import sys, tui.app.ending; tui.app.ending.END_SECONDS = 1.0; "
    "from tui.__main__ import main; sys.exit(main())",
)
"""The same, with less time for an orderly end."""


class Terminal:
    """The screen on a pseudo-terminal of a given size."""

    def __init__(
        self,
        *captures: Path,
        width: int = 80,
        height: int = 24,
        program: Sequence[str] = MODULE,
        stdin: int | None = None,
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.before = termios.tcgetattr(slave)
        self._slave = slave
        self.process = subprocess.Popen(
            [sys.executable, *program, *map(str, captures)],
            cwd=ROOT,
            stdin=slave if stdin is None else stdin,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=ENVIRONMENT,
        )
        self.seen = b""

    def wait_for(self, wanted: bytes, seconds: float = 120.0) -> None:
        """Read until the text is on the screen."""
        end = time.monotonic() + seconds
        while wanted not in self.seen:
            left = end - time.monotonic()
            assert left > 0, self.seen[-2000:]
            self._read(left)

    def wait_for_end(self, seconds: float = 120.0) -> int:
        """Read until the process has ended; return its status."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, self.seen[-2000:]
            self._read(0.05)
        self._catch_up()
        return self.process.returncode

    def _catch_up(self) -> None:
        """Read everything written to the terminal so far."""
        mark = b"\x1b]all read\x07"
        os.write(self._slave, mark)
        self.wait_for(mark)
        self.seen = self.seen.removesuffix(mark)

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self._master], [], [], seconds)
        if ready:
            with contextlib.suppress(OSError):
                self.seen += os.read(self._master, 65536)

    def press(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def stop_output(self) -> None:
        """Let whatever writes to the terminal wait, as Ctrl-S does."""
        termios.tcflow(self._slave, termios.TCOOFF)

    def restored(self) -> bool:
        """Return whether modes, cursor and screen of the terminal are as before."""
        last = self.seen[-400:]
        same = termios.tcgetattr(self._slave) == self.before
        return same and SHOW_CURSOR in last and LEAVE_ALTERNATE in last

    def hang_up(self) -> None:
        """Let the terminal be gone. Nobody gets a signal, since it is no session's."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        """End the process if it still runs, and close the terminal."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)
        os.close(self._slave)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The screen on the seed trace."""
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    running = Terminal(path)
    try:
        running.wait_for(b"Alice")
        yield running
    finally:
        running.close()


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param(lambda it: it.press(b"q"), id="q"),
        pytest.param(lambda it: it.press(b"\x03"), id="ctrl-c"),
        pytest.param(lambda it: it.process.send_signal(signal.SIGTERM), id="sigterm"),
        pytest.param(lambda it: it.process.send_signal(signal.SIGHUP), id="sighup"),
    ],
)
def test_every_way_out_is_clean(terminal: Terminal, leave: Callable[[Terminal], None]) -> None:
    """q, Ctrl-C, SIGTERM and SIGHUP end with 0 and restore the terminal."""
    leave(terminal)
    assert terminal.wait_for_end() == 0
    assert terminal.restored()


def test_a_terminal_that_takes_nothing_any_more(tmp_path: Path) -> None:
    """SIGTERM ends the screen, although what writes to the terminal waits for ever."""
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    running = Terminal(path, program=IMPATIENT)
    try:
        running.wait_for(b"Alice")
        running.stop_output()
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(120.0) == 128 + signal.SIGTERM
    finally:
        running.close()


@pytest.mark.parametrize("program", [MODULE, CHANGES])
def test_a_terminal_that_is_gone(tmp_path: Path, program: Sequence[str]) -> None:
    """Without a signal, too, the screen ends once nothing can be read from its terminal."""
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    running = Terminal(*[path] * (2 if program == CHANGES else 1), program=program)
    try:
        running.wait_for(b"do not differ" if program == CHANGES else b"Alice")
        running.hang_up()
        assert running.process.wait(60.0) == 0
    finally:
        running.close()


@pytest.mark.parametrize("signalled", [False, True])
def test_a_terminal_that_only_shows_is_gone(tmp_path: Path, signalled: bool) -> None:
    """The screen ends once nothing can be drawn, be it at a key or at its own end."""
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    keys, stdin = pty.openpty()
    running = Terminal(path, stdin=stdin)
    try:
        running.wait_for(b"Alice")
        running.hang_up()
        if signalled:
            running.process.send_signal(signal.SIGTERM)
        else:
            os.write(keys, b"\x1b[D" * 40)
        assert running.process.wait(60.0) == 0
    finally:
        running.close()
        os.close(keys)
        os.close(stdin)


@pytest.mark.parametrize("program", [MODULE, CHANGES])
def test_no_terminal_to_read_keys_from(tmp_path: Path, program: Sequence[str]) -> None:
    """Without one, it says so in one line and ends with 2, instead of reading nothing for ever."""
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    done = subprocess.run(
        [sys.executable, *program, *[str(path)] * (2 if program == CHANGES else 1)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "cookietrace: the screen reads keys from stdin, which is not a terminal\n"
    )


@pytest.mark.parametrize(("width", "height"), [(59, 24), (80, 15)])
def test_a_terminal_too_small_to_begin_in(tmp_path: Path, width: int, height: int) -> None:
    """In too small a terminal it says so in one line and ends with 2."""
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    running = Terminal(path, width=width, height=height)
    try:
        assert running.wait_for_end() == 2
        assert running.seen.decode().strip().splitlines() == [
            f"cookietrace: this terminal has {width}×{height} cells and cookietrace needs "
            "60×16: make it larger and start again"
        ]
    finally:
        running.close()


def test_not_a_capture(tmp_path: Path) -> None:
    """A file that is not a capture is one line and status 2, without a traceback."""
    path = tmp_path / "notes.txt"
    path.write_text("not a capture")
    done = subprocess.run(
        [sys.executable, "-m", "tui", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "notes.txt" in done.stderr
