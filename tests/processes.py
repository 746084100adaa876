"""Looks at the processes of this machine, for tests that nothing is left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 120.0
"""Seconds to wait for a condition, long enough for a busy machine."""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Return once the condition holds; fail with ``what`` if it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"it never happened that {what}"
        time.sleep(0.02)


def running_with(text: str) -> list[int]:
    """Return the processes (no zombies) whose command line or environment contains the text."""
    wanted = os.fsencode(text)
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            seen = (folder / "cmdline").read_bytes() + b"\0" + (folder / "environ").read_bytes()
        except OSError:
            continue
        if wanted in seen:
            found.append(int(folder.name))
    return found
