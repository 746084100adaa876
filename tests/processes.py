"""Looks at the processes of this machine, for tests that promise to leave none behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 120.0
"""Seconds after which a condition is taken never to come true, on a busy machine too."""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Return once the condition holds; fail, naming it, where it does not for long."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def running_with(text: str) -> list[int]:
    """Return the processes (no zombies) whose command line or environment holds the text."""
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
