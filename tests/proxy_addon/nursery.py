"""Proxies forked from a process that has already imported mitmproxy, which takes a second.

A forked proxy is a process of its own in every respect that tests look at: it has its own
descriptors, signals, limits and exit status. ``program`` is our proxy, or mitmproxy's own
``mitmdump``, whose output is read from ``stderr`` too.
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
    """A forked proxy; as much of ``subprocess.Popen`` as the tests need."""

    def __init__(self, pid: int, status_fd: int, stderr: IO[bytes]) -> None:
        self.pid = pid
        self.stderr = stderr
        self._status_fd = status_fd
        self._status: int | None = None

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self._status is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit status, negative if a signal ended it; raises ``TimeoutExpired``."""
        if self._status is None:
            ready, _, _ = select.select([self._status_fd], [], [], timeout)
            if not ready:
                raise subprocess.TimeoutExpired("proxy", timeout or 0.0)
            self._status = int(os.read(self._status_fd, 20))
            os.close(self._status_fd)
        return self._status


class Nursery:
    """The process that forks; it ends when it is closed here."""

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
        """Fork our proxy with this environment; ``before`` is code that it runs first."""
        return self._fork("proxy", arguments, before, (reports_fd, commands_fd))

    def start_mitmdump(self, arguments: Sequence[str]) -> Forked:
        """Fork a ``mitmdump`` with this environment; its stdout is in ``stderr`` too."""
        return self._fork("mitmdump", arguments, "", ())

    def _fork(
        self, program: str, arguments: Sequence[str], before: str, pipes: Sequence[int]
    ) -> Forked:
        """Fork a program that gets these pipes."""
        errors_read, errors_write = os.pipe()
        status_read, status_write = os.pipe()
        order = {
            "program": program,
            "arguments": list(arguments),
            "before": before,
            "environment": dict(os.environ),
        }
        socket.send_fds(
            self._socket, [json.dumps(order).encode()], [errors_write, status_write, *pipes]
        )
        os.close(errors_write)
        os.close(status_write)
        pid = int(self._socket.recv(20))
        return Forked(pid, status_read, os.fdopen(errors_read, "rb"))

    def close(self) -> None:
        """End the process that forks."""
        self._socket.close()
        self._process.wait(120)


def _serve(orders: socket.socket) -> None:
    """Fork a proxy for each order, until the other side is closed."""
    # These imports take the time.
    import mitmproxy.tools.dump
    from mitmproxy.tools.main import mitmdump

    from proxy_addon.process.main import main

    del mitmproxy

    while True:
        message, descriptors, _, _ = socket.recv_fds(orders, 1_000_000, 4)
        if not message:
            return
        order = json.loads(message)
        errors_fd, status_fd, *pipes = descriptors
        pid = os.fork()
        if pid == 0:
            orders.close()
            os.close(status_fd)
            os.dup2(errors_fd, 2)
            if order["program"] == "mitmdump":
                os.dup2(errors_fd, 1)
            os.close(errors_fd)
            os.environ.clear()
            os.environ.update(order["environment"])
            status = 70
            try:
                exec(order["before"], {})
                if order["program"] == "mitmdump":
                    mitmdump(order["arguments"])
                    status = 0
                else:
                    reports_fd, commands_fd = map(str, pipes)
                    fds = ["--reports-fd", reports_fd, "--commands-fd", commands_fd]
                    status = main([*order["arguments"], *fds])
            except SystemExit as leave:
                status = leave.code if isinstance(leave.code, int) else 1
            finally:
                sys.stdout.flush()
                os._exit(status)
        for descriptor in (errors_fd, *pipes):
            os.close(descriptor)
        orders.send(str(pid).encode())
        threading.Thread(target=_report_end, args=(pid, status_fd)).start()


def _report_end(pid: int, status_fd: int) -> None:
    """Wait for a proxy, and send its exit status."""
    _, status = os.waitpid(pid, 0)
    os.write(status_fd, str(os.waitstatus_to_exitcode(status)).encode())
    os.close(status_fd)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
