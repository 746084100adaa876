"""Ctrl-C before and after a command: the program ends at once, and says nothing.

This imports next to nothing, since it comes before everything else.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130
"""The exit status that shells expect from a program that Ctrl-C ended."""


def leave(number: int, frame: FrameType | None) -> None:
    """End the process at once: there is nothing yet, or nothing any more, to put in order."""
    del number, frame
    os._exit(INTERRUPTED)


def quiet() -> None:
    """Let Ctrl-C end the process at once, unless it is ignored or somebody handles it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, leave)


def unwinding() -> bool:
    """Let Ctrl-C raise ``KeyboardInterrupt`` if it ended the process until now.

    Return whether it did: ``quiet`` belongs after what may be interrupted.
    """
    if signal.getsignal(signal.SIGINT) is not leave:
        return False
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return True
