"""Turns the signals that end a program into one exception, so that everything unwinds."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """The program was asked to end: Ctrl-C, SIGTERM, or a closed terminal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_status(self) -> int:
        """The exit status that shells expect from a program ended by a signal."""
        return 128 + self.number


@contextmanager
def orderly_end() -> Iterator[None]:
    """Raise ``Interrupted`` at the first such signal; ignore more of them while unwinding."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        del frame
        for each in END_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    before = {each: signal.signal(each, interrupt) for each in END_SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
