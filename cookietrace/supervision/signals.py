"""Turns the signals that ask for an end into one exception, so that everything unwinds."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked for the end: Ctrl-C, SIGTERM, or the terminal was closed."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_status(self) -> int:
        """The status a shell expects of a program that a signal ended."""
        return 128 + self.number


@contextmanager
def orderly_end() -> Iterator[None]:
    """Raise ``Interrupted`` at the first such signal; ignore further ones while unwinding."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        del frame
        for each in ENDING:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    before = {each: signal.signal(each, interrupt) for each in ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
