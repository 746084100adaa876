"""Follows the log of a browser that we opened to its end, and tells the recorder what it says.

The log is a pipe in the browser's own profile. A thread of the browser's keeper reads it.
"""

from __future__ import annotations

import contextlib
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from cookietrace.listening.said import Said
from cookietrace.supervision.log_pipe import LogPipe
from cookietrace.supervision.telling import BrowserFollower, Place, Teller

_LOOK_SECONDS: Final = 0.05
"""The shortest time between two looks: what a page asks for is read together."""

_IDLE_SECONDS: Final = 0.25

MOST_KEPT: Final = 64 * 1024 * 1024
"""How many bytes of the log are kept while the proxy takes nothing; then the browser waits, too."""


class LogReader(Protocol):
    """What reads a log: ``NetLogReader``, for instance."""

    def feed(self, data: bytes) -> Iterator[Said]:
        """Read the next bytes, and yield what they complete."""

    def waited(self, seconds: float) -> Iterator[Said]:
        """Yield what is due after so many seconds without anything new."""

    def end(self) -> Iterator[Said]:
        """Yield what the log's end leaves open."""


class LogFollower(BrowserFollower):
    """Reads one browser's log until the browser ends."""

    def __init__(
        self,
        said_by: str,
        reader: LogReader,
        pipe: LogPipe,
        place: Place,
        failed: Callable[[str], None],
    ) -> None:
        """``failed`` is called, on the thread, with why nobody listens any more."""
        super().__init__(said_by, place, failed)
        self._reader = reader
        self._pipe = pipe
        self._kept: list[bytes] = []
        """What was read while the proxy took nothing."""

    def _run(self) -> None:
        # The browser must never wait for us: what fails here, too, closes the pipe.
        with contextlib.closing(self._pipe):
            try:
                super()._run()
            finally:
                while not self._ending.is_set():
                    self._pipe.read()
                    self._pipe.wait(_IDLE_SECONDS)

    def _follow(self, teller: Teller) -> None:
        silent = time.monotonic()
        while True:
            ending = self._ending.is_set()
            data = b"".join([*self._kept, self._pipe.read()])
            self._kept.clear()
            now = time.monotonic()
            ended = ending and not data
            if data:
                silent = now
                self._take(self._reader.feed(data), teller, now)
            elif not ended:
                self._take(self._reader.waited(now - silent), teller, now)
            else:
                self._take(self._reader.end(), teller, now)
            self._looked(teller, now, last=ended)
            if teller.waits:
                teller.catch_up()
                teller.send(now, last=ended)
            if ended:
                return
            if data:
                self._ending.wait(_LOOK_SECONDS * self._pipe.fill)
            else:
                self._pipe.wait(_IDLE_SECONDS)

    def _waiting(self) -> None:
        if sum(map(len, self._kept)) < MOST_KEPT:
            self._kept.append(self._pipe.read())

    def _take(self, said: Iterator[Said], teller: Teller, now: float) -> None:
        for each in said:
            self._said(each, teller, now)

    def _said(self, said: Said, teller: Teller, now: float) -> None:
        """Take what the browser said."""
        teller.said(said, now)

    @abstractmethod
    def _looked(self, teller: Teller, now: float, *, last: bool) -> None:
        """Do what is to be done after each look at the log; after the ``last`` one, too."""
