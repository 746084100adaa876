"""Ctrl-C before and after a command: the program ends at once, and says nothing.

This imports next to nothing, since it comes before everything else.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130
"""The exit status that shells expect from a program that Ctrl-C ended."""

_AGAIN = 0.005
"""Seconds after which it is looked again whether an exception can be raised."""

_IMPORTS = "<frozen importlib"
"""How the names of the files begin whose code imports modules."""

_CALLED_FROM_C = frozenset({"__del__", "__eq__", "__getattr__", "__hash__"})
"""Methods that C code calls which may drop their exceptions: that of msgspec does for enums."""


def leave(number: int, frame: FrameType | None) -> None:
    """End the process at once: there is nothing yet, or nothing any more, to put in order."""
    del number, frame
    os._exit(INTERRUPTED)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise ``KeyboardInterrupt``, but not where it may be lost or become another exception.

    That is in an import, and in some methods that C code calls. It is raised soon after that.
    """
    if _may_lose(frame):
        signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        return
    signal.default_int_handler(number, frame)


def _may_lose(frame: FrameType | None) -> bool:
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(_IMPORTS) or code.co_name in _CALLED_FROM_C:
            return True
        frame = frame.f_back
    return False


def quiet() -> None:
    """Let Ctrl-C end the process at once, unless it is ignored or somebody handles it.

    If Ctrl-C was pressed, and no exception could be raised so far, the process ends now.
    """
    waits = signal.getitimer(signal.ITIMER_REAL)[0] > 0
    if waits and signal.getsignal(signal.SIGALRM) is interrupt:
        os._exit(INTERRUPTED)
    if signal.getsignal(signal.SIGINT) in (signal.default_int_handler, interrupt):
        signal.signal(signal.SIGINT, leave)


def unwinding() -> bool:
    """Let Ctrl-C raise ``KeyboardInterrupt`` if it ended the process until now.

    Return whether it did: ``quiet`` belongs after what may be interrupted.
    """
    if signal.getsignal(signal.SIGINT) is not leave:
        return False
    signal.signal(signal.SIGINT, interrupt)
    return True
