"""The terminal's state: saved before a full-screen program, restored if that is killed."""

from __future__ import annotations

import contextlib
import os
import sys
import termios
from collections.abc import Iterator
from typing import Any

RESET = (
    "\x1b[?1049l"  # back to the main screen
    "\x1b[?25h"  # cursor shown
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l"  # no mouse reports
    "\x1b[?1004l\x1b[?2004l\x1b[?2048l"  # no focus, paste or resize reports
    "\x1b[<u"  # plain keys
    "\x1b[0m\r"
)


class Terminal:
    """The saved state of the terminal on stdin; empty if stdin is not a terminal."""

    def __init__(self, attributes: list[Any] | None) -> None:
        self._attributes = attributes

    @classmethod
    def save(cls) -> Terminal:
        """Return the current state."""
        try:
            return cls(termios.tcgetattr(sys.stdin.fileno()))
        except (termios.error, OSError, ValueError):
            return cls(None)

    def restore(self) -> None:
        """Restore the state and reset every screen mode; no error if the terminal is gone."""
        if self._attributes is None:
            return
        with contextlib.suppress(termios.error, OSError, ValueError):
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, RESET.encode("ascii"))
        with contextlib.suppress(termios.error, OSError, ValueError):
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self._attributes)


@contextlib.contextmanager
def keys_unseen() -> Iterator[None]:
    """Echo no keys to the terminal on stdin, and forget those that were pressed; Ctrl-C works.

    Nothing happens if stdin is no terminal, or if it is another program's now.
    """
    before = _foreground()
    if before is not None:
        unseen = [*before]
        unseen[_LOCAL] = before[_LOCAL] & ~termios.ECHO
        _set(unseen)
    try:
        yield
    finally:
        if before is not None and _foreground() is not None:
            with contextlib.suppress(termios.error, OSError, ValueError):
                termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
            _set(before)


_LOCAL = 3
"""Where the attributes of a terminal have what it does with keys."""


def _foreground() -> list[Any] | None:
    """Return the attributes of our terminal; None if whoever changes them would be stopped."""
    if sys.stdin is None:
        return None
    try:
        descriptor = sys.stdin.fileno()
        if os.tcgetpgrp(descriptor) != os.getpgrp():
            return None
        return termios.tcgetattr(descriptor)
    except (termios.error, OSError, ValueError):
        return None


def _set(attributes: list[Any]) -> None:
    with contextlib.suppress(termios.error, OSError, ValueError):
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, attributes)
