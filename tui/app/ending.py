"""Ends the screen when it is asked to by a signal, also if its terminal takes nothing any more.

Then Textual's thread that writes to the terminal waits, and everything that waits for that thread,
the event loop included. So what the event loop was to do is given a time, and then the process
ends without it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

END_SECONDS = 10.0
"""How long an orderly end may take: longer than whoever started the screen waits for it."""


def end_on_signals(loop: asyncio.AbstractEventLoop, leave: Callable[[], object]) -> None:
    """Call ``leave`` on the loop at SIGTERM and SIGHUP, and end the process if that does not."""

    def ended(number: int, _frame: FrameType | None) -> None:
        timer = threading.Timer(END_SECONDS, os._exit, (128 + number,))
        timer.daemon = True
        timer.start()
        with contextlib.suppress(RuntimeError):  # the loop is closed: it ends already
            loop.call_soon_threadsafe(leave)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ended)
