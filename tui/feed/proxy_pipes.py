"""The two pipes to the proxy: reports come in on one, commands go out on the other."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from textual.message import Message

from cookietrace.errors import LaunchError
from cookietrace.protocol import Command, decode_report, encode_line
from tui.messages import ProxyEnded, ProxyReported


class ReportReader:
    """A thread that reads JSON lines from a file descriptor, and posts one message per line."""

    def __init__(self, fd: int, post: Callable[[Message], object]) -> None:
        self._fd = fd
        self._post = post
        self._thread = threading.Thread(target=self._run, name="reports", daemon=True)

    def start(self) -> None:
        """Start to read."""
        self._thread.start()

    def _run(self) -> None:
        try:
            with os.fdopen(self._fd, "rb") as stream:
                for line in stream:
                    report = decode_report(line)
                    if report is not None:
                        self._post(ProxyReported(report))
        except OSError:
            pass  # a broken pipe has ended, too
        self._post(ProxyEnded())


class Commands:
    """Writes JSON lines to the proxy."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    @property
    def fd(self) -> int:
        """The pipe, for a browser that says something about itself."""
        return self._fd

    def listen(self, mode: str, label: str) -> None:
        """Ask for a listener; the proxy replies with a ``listening`` report that has this label.

        Raises ``LaunchError`` if the proxy has ended.
        """
        self._send(Command(type="listen", mode=mode, label=label))

    def session(self, client_id: str) -> None:
        """Ask for a fresh browser instead of a client; the proxy replies with ``session``.

        Raises ``LaunchError`` if the proxy has ended.
        """
        self._send(Command(type="session", client_id=client_id))

    def edit(self, host: str, responses: tuple[str, ...], requests: tuple[str, ...]) -> None:
        """Ask the proxy to change these cookies, and no others, towards a host from now on.

        Raises ``LaunchError`` if the proxy cannot be asked.
        """
        command = Command(type="edit", host=host, responses=responses, requests=requests)
        self._send(command)

    def _send(self, command: Command) -> None:
        try:
            os.write(self._fd, encode_line(command))
        except OSError:
            raise LaunchError("the proxy has ended: start cookietrace again") from None
