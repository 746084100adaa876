"""The two pipes to the parent process: reports out, commands in (``cookietrace.protocol``)."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable

from cookietrace.events import Listener
from cookietrace.protocol import Command, Report, decode_command, encode_line
from cookietrace.safe_text import safe


class Reports:
    """Writes reports to the pipe, and problems to stderr as well.

    A slow or missing reader never blocks: what does not fit into the pipe is dropped.
    """

    def __init__(self, fd: int | None = None) -> None:
        self._fd = fd
        self._missing: int | None = None
        self._lost: str | None = None
        if fd is not None:
            os.set_blocking(fd, False)

    def listening(self, listeners: tuple[Listener, ...], ca: str) -> None:
        """Report all current listeners, and the path of the CA certificate."""
        self._send(Report(type="listening", listeners=listeners, ca=ca))

    def trouble(self, message: str) -> None:
        """Report that recording has started to fail."""
        self._send(Report(type="trouble", message=message))
        print_error(message)

    def recovered(self, message: str) -> None:
        """Report that recording works again."""
        self._send(Report(type="recovered", message=message))
        print_error(message)

    def warning(self, message: str) -> None:
        """Report that something is wrong with the proxy while recording works."""
        self._send(Report(type="warning", message=message))
        print_error(message)

    def warning_over(self, message: str) -> None:
        """Report that what the last warning said is over."""
        self._send(Report(type="warning"))
        print_error(message)

    def incomplete(self, exchanges: int, message: str) -> None:
        """Remember for the last report how many exchanges are missing."""
        self._missing, self._lost = exchanges, message

    def refused(self, message: str, label: str | None) -> None:
        """Report that a requested listener could not be opened."""
        self._send(Report(type="refused", message=message, label=label))
        print_error(message)

    def session(self, refused: str | None = None) -> None:
        """Report that a fresh browser takes over from a client, or why none does."""
        self._send(Report(type="session", message=refused))

    def edited(self, refused: str | None = None) -> None:
        """Report that other cookies are changed from now on, or why they are not."""
        self._send(Report(type="edited", message=refused))

    def stopped(self, message: str | None = None) -> None:
        """Send the last report; ``message`` says why, unless it is a normal end."""
        self._send(Report(type="stopped", message=message, missing=self._missing, lost=self._lost))
        if message is not None:
            print_error(message)

    def _send(self, report: Report) -> None:
        """Write one line, if there is a pipe."""
        if self._fd is None:
            return
        try:
            os.write(self._fd, encode_line(report))
        except OSError:
            return


def print_error(message: str) -> None:
    """Write one line to stderr."""
    try:
        sys.stderr.write(f"cookietrace: {safe(message)}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


class Commands:
    """Reads commands on the event loop; the end of the pipe calls ``on_end``."""

    def __init__(self, fd: int, on_command: Callable[[Command], None], on_end: Callable[[], None]):
        self._fd = fd
        self._rest = b""
        self._on_command = on_command
        self._on_end = on_end

    def start(self) -> None:
        """Start reading; needs a running event loop."""
        os.set_blocking(self._fd, False)
        asyncio.get_running_loop().add_reader(self._fd, self._read)

    def stop(self) -> None:
        """Stop reading."""
        asyncio.get_running_loop().remove_reader(self._fd)

    def _read(self) -> None:
        """Read the available data, and pass on complete commands."""
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
