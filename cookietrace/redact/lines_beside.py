"""What ``explain --json`` prints, redacted in another process while the verdicts are made in this.

The other process reads the capture too, and learns what is secret in it. From then on it is given
what was made of the exchanges, page by page, and makes lines of it. They are printed in the end:
what is known about an exchange may change as long as there are events to come.

Only the other process needs what redacts, which is not imported here as long as that one lives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import zstandard

from cookietrace.archive import FileBlocks
from cookietrace.errors import CaptureError, EndedError
from cookietrace.events import Event
from cookietrace.judging import made_early_of_verdicts
from cookietrace.lesson.made_early import MadeEarly, StructCodec
from cookietrace.lesson.repeated import Packed, Repeated
from cookietrace.secret_names import TABLE_ONLY, Names
from cookietrace.stores import StoredEvents
from cookietrace.stores.passed import Passed

if TYPE_CHECKING:
    from cookietrace.redact.line_maker import LineMaker

_AT_ONCE: Final = 16
"""How many pages are given to the other process at a time."""


class Other(Protocol):
    """The other process, in which a ``LineMaker`` has the methods that are called by name.

    All of them raise ``EndedError`` if the process was ended.
    """

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
    events: StoredEvents, other: Other, browser: str = "auto", names: Names = TABLE_ONLY
) -> Iterator[bytes] | None:
    """Return the lines of the exchanges, some at a time, once all events have been read.

    None if the other process has not learned from the same events: the capture grew, or was cut.
    If it is ended, this one learns from them, too, and does what is left. Raises as reading the
    events does, and ``CaptureError`` if they are others by then.
    """
    read = Passed()

    def alone() -> LineMaker:
        from cookietrace.redact.line_maker import LineMaker

        return LineMaker(events, names)

    made = _Lines(other, alone)
    trace, early = made_early_of_verdicts(
        events, Repeated().packed, StructCodec(Packed), browser, read.passing, paged=made.paged
    )
    made.wait()
    if not made.has_learned(read.all):
        return None
    return made.all(early, lambda: early.data_pages(trace))


class _Lines:
    """The lines that the other process has made so far, of pages that may change."""

    def __init__(self, other: Other, make: Callable[[], LineMaker]) -> None:
        """``make`` makes in this process what the other one has."""
        self._other = other
        self._make = make
        self._here: LineMaker | None = None
        """What publishes the rest if the other process was ended."""
        self._ended = False
        self._learned: tuple[int, list[Event]] | None = None
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
        with self._unless_ended():
            self._paged(early)

    def _paged(self, early: MadeEarly[Any]) -> None:
        if self._ended:
            return
        if self._waits:
            if not self._other.answered():
                return
            self._take()
        if early is not self._early:  # all is made again
            self._early, self._asked, self._first = early, 0, len(self._blocks)
        until = min(early.made_pages, self._asked + _AT_ONCE)
        if until > self._asked:
            self._other.ask("lines", [early.made_page(at) for at in range(self._asked, until)])
            self._asked = until

    def wait(self) -> None:
        """Wait until the other process has done what it was asked for."""
        with self._unless_ended():
            while self._waits and not self._ended:
                self._take()

    def has_learned(self, read: tuple[int, list[Event]]) -> bool:
        """Return whether what makes the lines has learned from the events that were read."""
        self._learned = read
        with self._unless_ended():
            if not self._ended:
                return bool(self._other.call("learned") == read)
        return self._maker.learned() == read

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
            yield from map(zstandard.decompress, self._compressed(pages))

    def _compressed(self, pages: list[bytes]) -> list[bytes]:
        with self._unless_ended():
            if not self._ended:
                return list(self._other.call("lines", pages))
        if self._maker.learned() != self._learned:
            raise CaptureError("the capture changed while it was being read: try again")
        return self._maker.lines(pages)

    @property
    def _maker(self) -> LineMaker:
        if self._here is None:
            self._here = self._make()
        return self._here

    @contextmanager
    def _unless_ended(self) -> Iterator[None]:
        """Note if the other process was ended; what it has not done is left for this one."""
        try:
            yield
        except EndedError:
            self._ended = True

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
