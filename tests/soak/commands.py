"""Runs a command of the project for a part, and keeps what it prints."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import msgspec

from tests.e2e.terminal import ROOT


class Ran(msgspec.Struct, frozen=True):
    """What came of a command."""

    status: int
    lines: tuple[str, ...]
    """Of its standard output, without empty ones."""
    errors: str


def run_module(module: str, *arguments: str, seconds: float) -> Ran:
    """Run ``python -m module``; it is ended with status -1 if it takes longer."""
    try:
        process = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        said = error.stdout.decode(errors="replace") if isinstance(error.stdout, bytes) else ""
        return Ran(-1, _lines(said), f"it took longer than {seconds:.0f} s")
    return Ran(process.returncode, _lines(process.stdout), process.stderr[-500:].strip())


def last_of(ran: Ran, default: str) -> str:
    """Return the last line of the output, or of the errors."""
    errors: Sequence[str] = ran.errors.splitlines()
    return (ran.lines[-1:] or errors[-1:] or (default,))[0]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.splitlines() if line.strip())
