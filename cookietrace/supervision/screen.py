"""The terminal screen, started in the foreground and tied to the command that started it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cookietrace.errors import LaunchError
from cookietrace.supervision.child import module_command, module_environment
from cookietrace.supervision.lifeline import Lifeline
from cookietrace.supervision.proxy import RunningProxy
from cookietrace.supervision.terminal import Terminal

QUIT_PATIENCE = 5.0
"""Seconds that the screen gets to end once it was asked to."""


def has_terminal() -> bool:
    """Return whether there is a terminal to show the screen on and to read keys from."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def run_screen(
    capture: Path, arguments: Sequence[str] = (), proxy: RunningProxy | None = None
) -> int:
    """Show the screen on a capture until it is quit; return the status to exit with.

    With a proxy the screen gets all its reports and may send it commands.
    Whatever way this function is left, the screen has ended and the terminal is
    as it was. Raises ``LaunchError`` where it cannot be started.
    """
    terminal = Terminal.remember()
    lifeline = Lifeline()
    command = [str(lifeline.child_fd), "tui", str(capture), *arguments]
    pass_fds = [lifeline.child_fd]
    reports_fd: int | None = None
    if proxy is not None:
        reports_fd, forward_fd = os.pipe()
        proxy.reports.forward_to(forward_fd)
        pass_fds += [reports_fd, proxy.commands_fd]
        command += ["--reports-fd", str(reports_fd), "--commands-fd", str(proxy.commands_fd)]
    try:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter, our own module)
            module_command("cookietrace.supervision.tether", command),
            env=module_environment(),
            pass_fds=pass_fds,
        )
    except OSError as error:
        lifeline.cut()
        raise LaunchError(f"cannot start the screen: {error.strerror}") from error
    finally:
        if reports_fd is not None:
            os.close(reports_fd)
    lifeline.started()
    try:
        status = process.wait()
    finally:
        if process.poll() is None:
            _end(process, lifeline)
        lifeline.cut()
        if proxy is not None:
            proxy.reports.stop_forwarding()
        if process.returncode < 0:
            terminal.restore()
    return status if status >= 0 else 128 - status


def _end(process: subprocess.Popen[bytes], lifeline: Lifeline) -> None:
    """End the screen: ask it, then cut its lifeline, then by force."""
    for harder in (process.terminate, lifeline.cut, process.kill):
        harder()
        try:
            process.wait(timeout=QUIT_PATIENCE)
        except subprocess.TimeoutExpired:
            continue
        return
