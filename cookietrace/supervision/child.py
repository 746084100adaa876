"""Runs one of our own modules as a child process that cannot outlive its parent."""

from __future__ import annotations

import collections
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO

import cookietrace
from cookietrace.errors import LaunchError
from cookietrace.protocol import UPSTREAM_VARIABLE
from cookietrace.supervision.lifeline import Lifeline

STOP_PATIENCE = 15.0
"""Seconds that a child gets to end by itself after its lifeline is cut.

A browser's keeper takes nearly that long; if killed earlier, it would leave the profile behind.
"""
TERMINATE_PATIENCE = 2.0
"""Seconds after SIGTERM before SIGKILL."""
ERROR_LINES_KEPT = 40


def module_command(module: str, arguments: Sequence[str]) -> list[str]:
    """Return the command that runs one of our modules with this interpreter.

    ``-P`` keeps the current folder off the import path, so that a ``tui.py`` of the
    user's is not imported.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def module_environment() -> dict[str, str]:
    """Return the environment in which ``module_command`` finds our packages, installed or not.

    The upstream proxy's login is left out.
    """
    environment = dict(os.environ)
    environment.pop(UPSTREAM_VARIABLE, None)
    ours = str(Path(cookietrace.__file__).parents[1])
    others = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = f"{ours}{os.pathsep}{others}" if others else ours
    return environment


class Child:
    """A running child, which ends when its lifeline is cut.

    It has its own session, so that Ctrl-C in the terminal reaches only the parent.
    """

    def __init__(self, name: str, process: subprocess.Popen[bytes], lifeline: Lifeline) -> None:
        self.name = name
        self.process = process
        self.lifeline = lifeline
        self.echo = False
        """Whether to copy its stderr to ours, line by line."""
        self._errors: collections.deque[str] = collections.deque(maxlen=ERROR_LINES_KEPT)
        self._error_reader: threading.Thread | None = None
        if process.stderr is not None:
            self._error_reader = threading.Thread(
                target=self._read_errors, args=(process.stderr,), daemon=True
            )
            self._error_reader.start()

    @classmethod
    def start(
        cls,
        name: str,
        module: str,
        arguments: Sequence[str],
        lifeline: Lifeline,
        *,
        pass_fds: Sequence[int] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> Child:
        """Start ``python -m module``; raises ``LaunchError`` if Python cannot be started.

        ``environment`` is added to that of ``module_environment``.
        """
        try:
            process = subprocess.Popen(  # noqa: S603 (our own interpreter, our own module)
                module_command(module, arguments),
                env={**module_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(*pass_fds, lifeline.child_fd),
                start_new_session=True,
            )
        except BaseException as error:
            lifeline.cut()
            if isinstance(error, OSError):
                raise LaunchError(f"cannot start the {name}: {error.strerror}") from error
            raise
        lifeline.started()
        return cls(name, process, lifeline)

    def last_error(self) -> str | None:
        """Return the last line that the child wrote to stderr, None if it wrote none."""
        if self._error_reader is not None and self.process.poll() is not None:
            self._error_reader.join(timeout=1)
        return self._errors[-1] if self._errors else None

    def stop(self) -> int:
        """Cut the lifeline and wait for the child, with force if needed; return its status."""
        self.lifeline.cut()
        for patience, force in (
            (STOP_PATIENCE, self.process.terminate),
            (TERMINATE_PATIENCE, self.process.kill),
        ):
            try:
                return self._ended(self.process.wait(timeout=patience))
            except subprocess.TimeoutExpired:
                force()
        return self._ended(self.process.wait())

    def _ended(self, status: int) -> int:
        """Read the rest of the child's stderr, and return the status."""
        if self._error_reader is not None:
            self._error_reader.join(timeout=1)
        return status

    def _read_errors(self, stream: IO[bytes]) -> None:
        """Keep the last lines of the child's stderr; copy them to ours if ``echo`` is set."""
        with stream:
            for line in stream:
                text = line.decode("utf-8", "backslashreplace").rstrip()
                if text:
                    self._errors.append(text)
                if self.echo:
                    with contextlib.suppress(OSError, ValueError):
                        sys.stderr.write(text + "\n")
                        sys.stderr.flush()
