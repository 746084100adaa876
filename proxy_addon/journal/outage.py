"""What waits while nothing can be appended to the capture: events, and gaps for what was lost."""

from __future__ import annotations

import time
from collections.abc import Sequence

from cookietrace.events import Event, Recorder, encode
from proxy_addon.journal.losses import Loss

KEPT_BYTES = 32 * 1024 * 1024
"""About the most memory that waiting events take: a thousand usual exchanges take half of it."""

LOCKED = "another program has locked the capture"
"""Why events wait."""

_AT_ONCE = 500
"""The most events of one transaction, so that it does not take long."""


class Outage:
    """A queue of events and losses in the order in which they happened.

    With ``keeps``, events are kept until the first one does not fit; from then on they are lost,
    until something could be written again.
    """

    def __init__(self, reason: str, *, keeps: bool) -> None:
        self.reason = reason
        self.keeps = keeps
        self.locked = keeps
        """Whether another program's lock is what the last attempt failed for."""
        self.told = False
        """Whether the user knows."""
        self.loses = False
        """Whether something was lost since it began."""
        self.began = time.time()
        self._since = time.monotonic()
        self._queue: list[Event | Loss] = []
        self._size = 0
        self._gaps: list[str] = []
        """The messages of the gaps that were written."""
        self._lost: Loss | None = None
        """All that was lost."""
        self._being_written: Recorder | None = None
        """The gap of the loss that is the last entry of the current attempt."""

    @property
    def age(self) -> float:
        """How many seconds ago it began."""
        return time.monotonic() - self._since

    @property
    def message(self) -> str | None:
        """What was lost, in one line; None if nothing was."""
        if len(self._gaps) == 1:
            return self._gaps[0]
        if self._lost is None:
            return None
        self._lost.until = time.time()
        return self._lost.message()

    def keep(self, events: Sequence[Event]) -> bool:
        """Keep events if they fit, and return whether they do."""
        if not (self.keeps and events):
            return False
        try:
            size = sum(map(memory, events))
        except Exception:  # noqa: BLE001 (what cannot be encoded can never be written)
            return False
        if self._size + size > KEPT_BYTES:
            self.keeps = False
            return False
        self._size += size
        self._queue += events
        return True

    def lose(self, events: Sequence[Event]) -> None:
        """Count events as lost."""
        self.loses = True
        if self._lost is None:
            self._lost = Loss(self.reason)
        self._lost.reason = self.reason
        self._lost.add(events)
        last = self._queue[-1] if self._queue else None
        if not isinstance(last, Loss) or (len(self._queue) == 1 and self._being_written):
            last = Loss(self.reason)
            self._queue.append(last)
        last.add(events)

    def add_last(self, events: Sequence[Event]) -> None:
        """Add the last events of the recording, whatever their size."""
        self._queue += events

    def next(self) -> list[Event]:
        """Return the next events to write: a gap stands for a loss. Empty if nothing waits."""
        events: list[Event] = []
        self._being_written = None
        for entry in self._queue[:_AT_ONCE]:
            if isinstance(entry, Loss):
                if not events:
                    entry.until = time.time()
                    gap = Recorder(at=entry.until, state="gap", message=entry.message())
                    self._being_written = gap
                    events.append(gap)
                break
            events.append(entry)
        return events

    def written(self, count: int) -> None:
        """Forget so many entries, which were written: from now on events can be kept."""
        for entry in self._queue[:count]:
            if not isinstance(entry, Loss):
                self._size -= memory(entry)
        del self._queue[:count]
        if self._being_written is not None:
            self._gaps.append(self._being_written.message or "")
            self._being_written = None
        self.keeps = True

    def failed(self, reason: str, *, locked: bool) -> None:
        """Note that writing failed; what was lost meanwhile belongs to the loss before it."""
        self.reason, self.locked = reason, locked
        if not locked:
            self.keeps = False
        if self._being_written is not None:
            self._being_written = None
            first, *others = self._queue
            if others and isinstance(first, Loss) and isinstance(others[0], Loss):
                first.merge(others[0])
                del self._queue[1]

    def left(self) -> list[Event]:
        """Return the events that wait still."""
        return [entry for entry in self._queue if not isinstance(entry, Loss)]


def memory(event: Event) -> int:
    """Return about how many bytes an event takes in memory: more than its JSON, with headers."""
    return 2 * len(encode(event)) + 1024
