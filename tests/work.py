"""What a function takes, whatever the load of the machine: lines that run, and memory."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import cookietrace

ROOM = str(Path(cookietrace.__file__).parent)


def lines_run(action: Callable[[], object]) -> int:
    """Return how many lines of this package an action runs."""
    count = 0

    def within(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "line"
        return within

    def begin(frame: FrameType, _: str, __: Any) -> Any:
        return within if frame.f_code.co_filename.startswith(ROOM) else None

    before = sys.gettrace()
    sys.settrace(begin)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


def most_memory(action: Callable[[], object]) -> int:
    """Return how many bytes Python has at most for what an action makes."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
