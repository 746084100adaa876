"""The two pipes to the process that started us: reports out, commands in, a line of JSON each."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable

from cookietrace.events import Listener
from cookietrace.protocol import Command, Report, decode_command, encode_line
from cookietrace.safe_text import safe


class Reports:
    """Says what the one who started us should know, on the pipe, and on stderr where it is bad.

    A reader that is slow or gone costs nothing: what does not fit is dropped.
    """

    def __init__(self, fd: int | None = None) -> None:
        self._fd = fd
        if fd is not None:
            os.set_blocking(fd, False)

    def listening(self, listeners: tuple[Listener, ...], ca: str) -> None:
        """All listeners that there are now, and the path of the CA certificate."""
        self._send(Report(type="listening", listeners=listeners, ca=ca))

    def trouble(self, message: str) -> None:
        """Recording has begun to fail, or a command could not be carried out."""
        self._send(Report(type="trouble", message=message))
        complain(message)

    def recovered(self, message: str) -> None:
        """Recording works again."""
        self._send(Report(type="recovered", message=message))
        complain(message)

    def refused(self, message: str, label: str | None) -> None:
        """A listener that was asked for could not be opened."""
        self._send(Report(type="refused", message=message, label=label))
        complain(message)

    def stopped(self, message: str | None = None) -> None:
        """The last report; ``message`` says why, where it is no ordinary end."""
        self._send(Report(type="stopped", message=message))
        if message is not None:
            complain(message)

    def _send(self, report: Report) -> None:
        """Write one line, if anybody listens."""
        if self._fd is None:
            return
        try:
            os.write(self._fd, encode_line(report))
        except OSError:
            return


def complain(message: str) -> None:
    """Write one line to stderr."""
    try:
        sys.stderr.write(f"cookietrace: {safe(message)}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


class Commands:
    """Reads commands as they come, on the event loop; the end of the pipe is a command too."""

    def __init__(self, fd: int, on_command: Callable[[Command], None], on_end: Callable[[], None]):
        self._fd = fd
        self._rest = b""
        self._on_command = on_command
        self._on_end = on_end

    def start(self) -> None:
        """Begin to read; needs a running loop."""
        os.set_blocking(self._fd, False)
        asyncio.get_running_loop().add_reader(self._fd, self._read)

    def stop(self) -> None:
        """Read no more."""
        asyncio.get_running_loop().remove_reader(self._fd)

    def _read(self) -> None:
        """Take in what is there."""
        try:
            data = os.read(self._fd, 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.stop()
            self._on_end()
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            command = decode_command(line)
            if command is not None:
                self._on_command(command)
