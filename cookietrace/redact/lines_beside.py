"""What ``explain --json`` prints, redacted in another process while the verdicts are made in this.

The other process reads the capture too, and learns what is secret in it. From then on it is given
what was made of the exchanges, page by page, and makes lines of it. They are printed in the end:
what is known of an exchange may change as long as there are events to come.

Only the other process needs what redacts, which this file does not import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Protocol

import zstandard

from cookietrace.archive import FileBlocks
from cookietrace.judging import made_early_of_verdicts
from cookietrace.lesson.made_early import MadeEarly, StructCodec
from cookietrace.lesson.repeated import Packed, Repeated
from cookietrace.redact.passed import Passed
from cookietrace.stores import StoredEvents

_AT_ONCE: Final = 16
"""How many pages are given to the other process at a time."""


class Other(Protocol):
    """The other process, in which a ``LineMaker`` has the methods that are called by name."""

    def ready(self) -> None:
        """Wait until it has learned everything. Raises what that did."""

    def call(self, name: str, *arguments: object) -> Any:
        """Return what a method returns."""

    def ask(self, name: str, *arguments: object) -> None:
        """Call a method without waiting for what it returns."""

    def answered(self) -> bool:
        """Return whether what was asked, or whether it is ready, can be had without waiting."""

    def answer(self) -> Any:
        """Return what the method returned that was asked last."""


def lines_beside(
    events: StoredEvents, other: Other, browser: str = "auto"
) -> Iterator[bytes] | None:
    """Return the lines of the exchanges, some at a time, once all events have been read.

    None if the other process has not learned from the same events: the capture grew, or was cut.
    Raises as reading the events does, and ``CookietraceError`` if the other process ended.
    """
    made, read = _Lines(other), Passed()
    trace, early = made_early_of_verdicts(
        events, Repeated().packed, StructCodec(Packed), browser, read.passing, paged=made.paged
    )
    made.wait()
    if other.call("learned") != read.all:
        return None
    return made.all(early, lambda: early.data_pages(trace))


class _Lines:
    """The lines that the other process has made so far, of pages that may change."""

    def __init__(self, other: Other) -> None:
        self._other = other
        self._early: MadeEarly[Any] | None = None
        """What the pages are of."""
        self._is_ready = False
        self._asked = 0
        """For the lines of how many pages the other process has been asked; it may not be done."""
        self._blocks = FileBlocks()
        self._first = 0
        """The number of the first block of lines."""

    def paged(self, early: MadeEarly[Any]) -> None:
        """Take what the other process has done, and give it more, unless it is busy."""
        if self._waits:
            if not self._other.answered():
                return
            self._take()
        if early is not self._early:  # all is made anew
            self._early, self._asked, self._first = early, 0, len(self._blocks)
        until = min(early.made_pages, self._asked + _AT_ONCE)
        if until > self._asked:
            self._other.ask("lines", [early.made_page(at) for at in range(self._asked, until)])
            self._asked = until

    def wait(self) -> None:
        """Wait until the other process has done what it was asked for."""
        while self._waits:
            self._take()

    def all(
        self, early: MadeEarly[Any], pages: Callable[[], Iterable[tuple[bytes, bool]]]
    ) -> Iterator[bytes]:
        """Yield the lines of all pages, some at a time."""
        known = len(self._blocks) - self._first if early is self._early else 0
        waiting: list[bytes] = []
        for at, (page, as_made) in enumerate(pages()):
            if as_made and at < known:
                yield from self._made_of(waiting)
                waiting = []
                yield zstandard.decompress(self._blocks.read(self._first + at))
                continue
            waiting.append(page)
            if len(waiting) >= _AT_ONCE:
                yield from self._made_of(waiting)
                waiting = []
        yield from self._made_of(waiting)

    def _made_of(self, pages: list[bytes]) -> Iterator[bytes]:
        if pages:
            yield from map(zstandard.decompress, self._other.call("lines", pages))

    @property
    def _waits(self) -> bool:
        """Whether something is to come from the other process."""
        return not self._is_ready or self._asked > len(self._blocks) - self._first

    def _take(self) -> None:
        """Take what is to come."""
        if not self._is_ready:
            self._other.ready()
            self._is_ready = True
            return
        for lines in self._other.answer():
            self._blocks.add(lines)
