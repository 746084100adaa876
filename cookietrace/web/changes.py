"""What changed since when: a bounded log that any number of readers follow at their own pace.

A reader is nothing but the id up to which it has been told, so one that is slow costs nothing:
what happened meanwhile is merged when it comes back. What is older than the log is told as "read
everything again".
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final

import msgspec

MOST_KEPT: Final = 4096
"""How many changes are kept one by one."""

MOST_CHANGED: Final = 1000
"""How many changed steps are listed; of more, the rows from the first one on are read again."""


class Rows(msgspec.Struct, frozen=True):
    """Rows that are new, and earlier ones that have changed."""

    first: int
    """The first step that is new, or has to be read again; ``last`` + 1 if there is none."""
    last: int
    changed: tuple[int, ...]
    """Earlier steps, in ascending order."""


class News(msgspec.Struct, frozen=True):
    """Everything that a reader has to be told, merged."""

    id: int
    """Up to where it is told."""
    rows: Rows | None
    topics: frozenset[str]
    """What else has changed, such as ``problems``; its present state is to be sent."""


class _Entry(msgspec.Struct, frozen=True):
    id: int
    topic: str
    first: int = 0
    changed: tuple[int, ...] = ()


class Changes:
    """The log. One thread uses it: that of the event loop."""

    def __init__(self, start: int, topics: Iterable[str]) -> None:
        """``start`` is higher than any id of an earlier process; ``topics`` are all there are."""
        self.id = start
        """The id of the latest change."""
        self._topics = frozenset(topics)
        self._entries: deque[_Entry] = deque(maxlen=MOST_KEPT)
        self._dropped = start
        """The id of the last change that is no longer kept."""
        self._last = 0
        self._moved = asyncio.Event()

    def rows(self, first: int, last: int, changed: Iterable[int] = ()) -> None:
        """Enter rows: new ones from ``first`` to ``last``, and earlier ones that have changed."""
        self._last = last
        self._add(_Entry(self.id + 1, "rows", first, tuple(sorted(changed))))

    def topic(self, name: str) -> None:
        """Enter that something other than the rows has changed."""
        assert name in self._topics
        self._add(_Entry(self.id + 1, name))

    def _add(self, entry: _Entry) -> None:
        if len(self._entries) == MOST_KEPT:
            self._dropped = self._entries[0].id
        self.id = entry.id
        self._entries.append(entry)
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, after: int) -> None:
        """Return once there is a change after ``after``."""
        while self.id == after:
            await self._moved.wait()

    def since(self, after: int) -> News:
        """Return what has changed since ``after``; everything if that is not known any more."""
        if not self._dropped <= after <= self.id:
            return News(self.id, Rows(1, self._last, ()), self._topics)
        topics: set[str] = set()
        first, changed, any_rows = self._last + 1, set[int](), False
        for entry in reversed(self._entries):
            if entry.id <= after:
                break
            if entry.topic == "rows":
                any_rows = True
                first = min(first, entry.first)
                changed.update(entry.changed)
            else:
                topics.add(entry.topic)
        rows = None
        if any_rows:
            earlier = sorted(step for step in changed if step < first)
            if len(earlier) > MOST_CHANGED:
                first, earlier = earlier[0], []
            rows = Rows(first, self._last, tuple(earlier))
        return News(self.id, rows, frozenset(topics))
