"""A terminal for a test: runs a command on a pty, reads what it draws, presses keys."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
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

_ON_THIS_TERMINAL = """
import os, sys
os.open(os.ttyname(0), os.O_RDWR)  # a session without a terminal takes the first it opens
os.execv(sys.executable, [sys.executable, "-m", "cookietrace", *sys.argv[1:]])
"""


class Terminal:
    """One command on a terminal of its own; ``mark`` is in the environment of all it starts."""

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
                **os.environ,
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
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def raw(self) -> str:
        """Everything that was written to the terminal so far."""
        return self._drawn.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """The same without the escape sequences."""
        return _ESCAPES.sub("", self.raw)

    def wait_for(self, text: str) -> None:
        """Return once the text was drawn."""
        try:
            wait_until(
                lambda: text in self.text or self.process.poll() is not None, f"{text!r} is drawn"
            )
        except AssertionError as error:
            raise AssertionError(f"{error}; the terminal says: {self.text[-2000:]}") from None
        assert text in self.text, f"ended with {self.process.returncode}: {self.text[-2000:]}"

    def press(self, keys: str) -> None:
        """Type on the keyboard."""
        os.write(self._master, keys.encode())

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._slave)
        self._slave = -1
        os.close(self._master)
        self._master = -1

    def children(self) -> dict[str, int]:
        """Return the processes started so far, by the module that each runs."""
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
        """Wait until the command has ended; return its status."""
        wait_until(lambda: self.process.poll() is not None, "the command has ended")
        return self.process.wait()

    def nothing_left(self) -> bool:
        """Return whether no process of this command is left."""
        return running_with(self.mark) == []

    def close(self) -> None:
        """End what is left, and take the terminal away."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for fd in (self._slave, self._master):
            if fd >= 0:
                os.close(fd)

    def _read(self) -> None:
        """Read what is drawn, until the terminal is gone."""
        with contextlib.suppress(OSError):
            while octets := os.read(self._master, 65536):
                self._drawn += octets


@contextlib.contextmanager
def terminal(*arguments: str, mark: str, **options: object) -> Iterator[Terminal]:
    """Run ``cookietrace`` with the arguments on a terminal for the length of the block."""
    opened = Terminal(arguments, mark, **options)  # type: ignore[arg-type]
    try:
        yield opened
    finally:
        opened.close()
