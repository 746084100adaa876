"""A terminal for tests: runs a command on a pty, reads what it draws, sends keys."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import secrets
import select
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import cookietrace
from tests.processes import running_with, wait_until

ROOT = Path(cookietrace.__file__).parents[1]
_ESCAPES = re.compile(r"\x1b(\[[0-9;?<>=$ ]*[a-zA-Z~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9]|.)")

_SIZE = frozenset({"COLUMNS", "LINES"})
"""Variables that override a terminal's real size; pytest-xdist sets them in its workers."""

_ON_THIS_TERMINAL = """
import os, sys
os.open(os.ttyname(0), os.O_RDWR)  # the first terminal opened becomes the controlling one
os.execv(sys.executable, [sys.executable, "-m", "cookietrace", *sys.argv[1:]])
"""


class Terminal:
    """One command on its own terminal; ``mark`` is in the environment of all its processes."""

    def __init__(
        self,
        arguments: Sequence[str],
        mark: str,
        *,
        columns: int = 120,
        rows: int = 40,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.mark = mark
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.attributes = termios.tcgetattr(slave)
        self._slave = slave
        self.process = subprocess.Popen(
            [sys.executable, "-c", _ON_THIS_TERMINAL, *arguments],
            cwd=ROOT,
            env={
                **{name: value for name, value in os.environ.items() if name not in _SIZE},
                "TERM": "xterm-256color",
                "COOKIETRACE_TEST_MARK": mark,
                **(environment or {}),
            },
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        self._drawn = bytearray()
        stop, self._stop = os.pipe()
        self._reader = threading.Thread(target=self._read, args=(stop,))
        self._reader.start()

    def settings(self) -> list[object]:
        """Return the line settings as they are now, in the form of ``attributes``."""
        return termios.tcgetattr(self._slave)

    @property
    def raw(self) -> str:
        """Everything written to the terminal so far."""
        return self._drawn.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """The same without escape sequences."""
        return _ESCAPES.sub("", self.raw)

    def wait_for(self, text: str) -> None:
        """Return once the text has been drawn."""
        try:
            wait_until(
                lambda: text in self.text or self.process.poll() is not None, f"{text!r} is drawn"
            )
        except AssertionError as error:
            raise AssertionError(f"{error}; the terminal says: {self.text[-2000:]}") from None
        if text not in self.text:
            self.catch_up()
        assert text in self.text, f"ended with {self.process.returncode}: {self.text[-2000:]}"

    def catch_up(self) -> None:
        """Return once everything written to the terminal before this call has been read."""
        mark = f"\x1b]{secrets.token_hex(8)}\x07"
        os.write(self._slave, mark.encode())
        wait_until(lambda: mark in self.raw, "everything drawn has been read")

    def press(self, keys: str) -> None:
        """Type on the keyboard."""
        os.write(self._master, keys.encode())

    def hang_up(self) -> None:
        """Close the window."""
        self._stop_reading()
        for fd in (self._slave, self._master):
            os.close(fd)
        self._slave = self._master = -1

    def children(self) -> dict[str, int]:
        """Return the processes started so far, by the module that each one runs."""
        found = {}
        for pid in running_with(self.mark):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
                if "cookietrace.supervision.tether" in words:
                    found["tui"] = pid
                elif "-m" in words:
                    found[words[words.index("-m") + 1]] = pid
        return found

    def wait(self) -> int:
        """Wait until the command has ended and its output was read; return its exit status."""
        wait_until(lambda: self.process.poll() is not None, "the command has ended")
        if self._slave >= 0:
            self.catch_up()
        return self.process.wait()

    def nothing_left(self) -> bool:
        """Return whether no process of this command is left."""
        return running_with(self.mark) == []

    def close(self) -> None:
        """End what is left, and close the terminal."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._stop_reading()
        for fd in (self._slave, self._master):
            if fd >= 0:
                os.close(fd)

    def _read(self, stop: int) -> None:
        """Read what is drawn, until the other end of the pipe ``stop`` is closed."""
        with os.fdopen(stop):
            while True:
                ready, _, _ = select.select([self._master, stop], [], [])
                if stop in ready:
                    return
                self._drawn += os.read(self._master, 65536)

    def _stop_reading(self) -> None:
        """Stop the reader before the descriptor that it reads is closed."""
        if self._stop >= 0:
            os.close(self._stop)
            self._stop = -1
            self._reader.join()


@contextlib.contextmanager
def terminal(*arguments: str, mark: str, **options: object) -> Iterator[Terminal]:
    """Run ``cookietrace`` with the arguments on a terminal, for the duration of the block."""
    opened = Terminal(arguments, mark, **options)  # type: ignore[arg-type]
    try:
        yield opened
    finally:
        opened.close()
