"""Proxies forked from one process that has mitmproxy loaded already: loading it takes a second.

A forked proxy is a process of its own in every respect that a test looks at: it has
its descriptors, its signals, its limits and its end.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]


class Forked:
    """One forked proxy; as much of ``subprocess.Popen`` as the tests need."""

    def __init__(self, pid: int, status_fd: int, stderr: IO[bytes]) -> None:
        self.pid = pid
        self.stderr = stderr
        self._status_fd = status_fd
        self._status: int | None = None

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self._status is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit status, negative where a signal ended it; raises ``TimeoutExpired``."""
        if self._status is None:
            ready, _, _ = select.select([self._status_fd], [], [], timeout)
            if not ready:
                raise subprocess.TimeoutExpired("proxy", timeout or 0.0)
            self._status = int(os.read(self._status_fd, 20))
            os.close(self._status_fd)
        return self._status


class Nursery:
    """The process that forks; it ends when this side is closed."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", __spec__.name, str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )

    def start(
        self, arguments: Sequence[str], *, reports_fd: int, commands_fd: int, before: str = ""
    ) -> Forked:
        """Fork a proxy with this environment; ``before`` is code that it runs first."""
        errors_read, errors_write = os.pipe()
        status_read, status_write = os.pipe()
        wish = {"arguments": list(arguments), "before": before, "environment": dict(os.environ)}
        socket.send_fds(
            self._socket,
            [json.dumps(wish).encode()],
            [reports_fd, commands_fd, errors_write, status_write],
        )
        os.close(errors_write)
        os.close(status_write)
        pid = int(self._socket.recv(20))
        return Forked(pid, status_read, os.fdopen(errors_read, "rb"))

    def close(self) -> None:
        """End the process that forks."""
        self._socket.close()
        self._process.wait(120)


def _serve(wishes: socket.socket) -> None:
    """Fork one proxy after the other, until nobody asks any more."""
    from proxy_addon.process.main import main  # what takes the time

    while True:
        message, descriptors, _, _ = socket.recv_fds(wishes, 1_000_000, 4)
        if not message:
            return
        wish = json.loads(message)
        reports_fd, commands_fd, errors_fd, status_fd = descriptors
        pid = os.fork()
        if pid == 0:
            wishes.close()
            os.close(status_fd)
            os.dup2(errors_fd, 2)
            os.close(errors_fd)
            os.environ.clear()
            os.environ.update(wish["environment"])
            status = 70
            try:
                exec(wish["before"], {})
                fds = ["--reports-fd", str(reports_fd), "--commands-fd", str(commands_fd)]
                status = main([*wish["arguments"], *fds])
            except SystemExit as leave:
                status = leave.code if isinstance(leave.code, int) else 1
            finally:
                os._exit(status)
        for descriptor in (reports_fd, commands_fd, errors_fd):
            os.close(descriptor)
        wishes.send(str(pid).encode())
        threading.Thread(target=_report_end, args=(pid, status_fd)).start()


def _report_end(pid: int, status_fd: int) -> None:
    """Wait for a proxy, and pass its exit status on."""
    _, status = os.waitpid(pid, 0)
    os.write(status_fd, str(os.waitstatus_to_exitcode(status)).encode())
    os.close(status_fd)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
