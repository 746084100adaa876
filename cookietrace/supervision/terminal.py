"""The terminal's state: saved before a full-screen program, restored if that is killed."""

from __future__ import annotations

import contextlib
import os
import sys
import termios
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
