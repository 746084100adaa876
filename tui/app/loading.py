"""Folds what is read from the capture, bit by bit, and knows how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.fold.new_sessions import NewSessions
from cookietrace.follow import apply_batch
from cookietrace.lesson.live.progress import Progress
from cookietrace.stores import START
from cookietrace.trace import Trace, merge_updates
from tui.app.host import Host
from tui.app.turns import TURN
from tui.messages import EventsRead, Reader

_FIRST_TURN: Final = 0.05
"""Seconds of the first turn: before it there is nothing to see, and small captures are whole."""

LASTING: Final = 0.4
"""Seconds after which loading is said to continue; a small capture is there before."""


class Loading:
    """Folds the events of one reader into one trace; nothing else does."""

    def __init__(
        self,
        host: Host,
        reader: Reader,
        trace: Trace,
        sessions: NewSessions | None,
        grown: Callable[[TraceUpdate], object],
        caught_up: Callable[[], object],
    ) -> None:
        """``sessions`` are fresh browsers that the viewer adds.

        ``grown`` gets what each turn of folding changed; ``caught_up`` is called once, when what
        there was at the beginning has been folded.
        """
        self.reader = reader
        self.trace = trace
        self._sessions = sessions
        self._host = host
        self._grown = grown
        self._caught_up = caught_up
        self._left: Iterator[TraceUpdate] = iter(())
        """Applies the next events for each update."""
        self.position, self.place = START, 0
        """The position after the batch that was taken last, and the place of its last event."""
        self._begun = 0.0
        self._folded = True
        self.progress: Progress | None = Progress()
        """How far it is; None once it has caught up."""

    def take(self, read: EventsRead) -> None:
        """Fold the events that were read; then more can be read."""
        if self.progress is not None and not self.progress.total:
            self.progress, self._begun = Progress(total=read.total), time.monotonic()
        if not read.batch.events:
            for update in apply_batch(self.trace, read.batch):
                self._grown(update)  # the capture's beginning was removed
            self._has_caught_up()
            self.reader.go_on()
            return
        self.position, self.place = read.batch.position, read.batch.places[-1]
        self._folded = False
        self._left = apply_batch(self.trace, read.batch, self._sessions)
        if not self._fold(time.monotonic() + (TURN if self.trace.position else _FIRST_TURN)):
            self._host.take_turns(self._fold)

    @property
    def at_rest(self) -> bool:
        """True while every event that was read is folded."""
        return self._folded

    def _fold(self, end: float) -> bool:
        """Fold for a while, then say what changed; return True if nothing is left."""
        updates: list[TraceUpdate] = []
        before, done = self.trace.position, True
        for update in self._left:
            updates.append(update)
            if time.monotonic() >= end or self._host.key_waiting:
                done = False
                break
        if self.progress is not None:
            lasting = time.monotonic() - self._begun > LASTING
            self.progress = self.progress.plus(self.trace.position - before, lasting=lasting)
        if updates:
            self._grown(merge_updates(updates))
        if not done:
            return False
        self._folded = True
        if self.progress is not None and self.progress.done >= self.progress.total:
            self._has_caught_up()
        self.reader.go_on()
        return True

    def _has_caught_up(self) -> None:
        if self.progress is not None:
            self.progress = None
            self._caught_up()
