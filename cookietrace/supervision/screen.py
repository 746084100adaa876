"""The terminal screen: a process in the foreground that ends with the command that started it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import platformdirs

from cookietrace.errors import LaunchError
from cookietrace.supervision.child import module_command, module_environment
from cookietrace.supervision.lifeline import Lifeline
from cookietrace.supervision.proxy import RunningProxy
from cookietrace.supervision.terminal import Terminal

QUIT_PATIENCE = 5.0
"""Seconds that the screen gets to end after it was asked to."""


def hints_file() -> Path:
    """Return the file whose existence says that the user has hidden the newcomers' hints."""
    return platformdirs.user_data_path("cookietrace", appauthor=False) / "hints-hidden"


def has_terminal() -> bool:
    """Return whether there is a terminal to show the screen on and to read keys from."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class Screen:
    """The screen's process. After the block it has ended, and the terminal is restored."""

    def __init__(self, program: str = "tui") -> None:
        """``program`` is the package whose ``__main__`` draws the screen."""
        self._program = program
        self._terminal = Terminal.save()
        self._lifeline = Lifeline()
        self._process: subprocess.Popen[bytes] | None = None
        self._proxy: RunningProxy | None = None
        self._arguments: list[str] = []

    def load(self, proxy: RunningProxy | None = None) -> None:
        """Start the process, which loads the screen and shows nothing yet.

        With a proxy, the screen receives all of its reports and can send it commands.
        Raises ``LaunchError`` if it cannot be started.
        """
        pass_fds = [self._lifeline.child_fd]
        self._proxy = proxy
        reports_fd: int | None = None
        if proxy is not None:
            reports_fd, forward_fd = os.pipe()
            proxy.reports.forward_to(forward_fd)
            pass_fds += [reports_fd, proxy.commands_fd]
            self._arguments += ["--reports-fd", str(reports_fd)]
            self._arguments += ["--commands-fd", str(proxy.commands_fd)]
        command = [str(self._lifeline.child_fd), self._program]
        # Ctrl-C reaches the screen too, from its first moment: until it can ignore it, it waits.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                module_command("cookietrace.supervision.tether", command),
                env=module_environment(),
                pass_fds=pass_fds,
            )
        except OSError as error:
            raise LaunchError(f"cannot start the screen: {error.strerror}") from error
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            if reports_fd is not None:
                os.close(reports_fd)
        self._lifeline.started()

    def run(self, captures: Sequence[Path | str], arguments: Sequence[str] = ()) -> int:
        """Show the screen on captures until the user quits; return the exit status."""
        assert self._process is not None
        hints = [f"--hints-file={hints_file()}"] if self._program == "tui" else []
        given = [*arguments, *hints, *self._arguments]
        given += ["--", *map(str, captures)]
        line = msgspec.json.encode(given) + b"\n"
        with contextlib.suppress(OSError):  # if it has ended, its status says so
            os.write(self._lifeline.parent_fd, line)
        status = self._process.wait()
        return status if status >= 0 else 128 - status

    def __enter__(self) -> Screen:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the screen: SIGTERM, then cut the lifeline, then SIGKILL. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            for force in (process.terminate, self._lifeline.cut, process.kill):
                if process.poll() is not None:
                    break
                force()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=QUIT_PATIENCE)
            if process.returncode is not None and process.returncode < 0:
                self._terminal.restore()
        self._lifeline.cut()
        if self._proxy is not None:
            self._proxy.reports.stop_forwarding()
