"""How much of a capture stays in Redis, and what readers begin with once the oldest is removed."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

_PER_LIMIT: Final = 4
"""How many snapshots are made while as much is recorded as is kept."""


class Retention(msgspec.Struct, frozen=True):
    """What stays in Redis. None is no limit."""

    most_events: int | None = None
    """The most events of the recorder's capture."""
    most_seconds: float | None = None
    """The greatest age of an event, in seconds."""

    def __bool__(self) -> bool:
        return self.most_events is not None or self.most_seconds is not None


class Snapshot(NamedTuple):
    """What takes the place of all events up to a place."""

    place: int
    at: float
    """The time of the last of those events."""
    lines: bytes


class Snapshots:
    """The snapshots that entries may be removed up to: a few, made while events are folded."""

    def __init__(self, retention: Retention) -> None:
        self.retention = retention
        self._all: list[Snapshot] = []
        self._last_place = 0
        self._last_at = 0.0

    def is_due(self, place: int, at: float | None) -> bool:
        """Return whether the next snapshot is to be made after the event at a place."""
        most_events, most_seconds = self.retention.most_events, self.retention.most_seconds
        if most_events is not None and place - self._last_place >= max(
            1, most_events // _PER_LIMIT
        ):
            return True
        if most_seconds is None or at is None:
            return False
        self._last_at = self._last_at or at
        return at - self._last_at >= most_seconds / _PER_LIMIT

    def add(self, snapshot: Snapshot) -> None:
        """Keep one more; the oldest are forgotten once newer ones keep as much as is allowed."""
        self._all.append(snapshot)
        self._last_place, self._last_at = snapshot.place, snapshot.at
        limit = self.due(snapshot.place, snapshot.at)
        if limit is not None:
            self._all = [each for each in self._all if each.place >= limit.place]

    def due(self, place: int, now: float) -> Snapshot | None:
        """Return the snapshot up to which entries are to be removed; None if none are.

        ``place`` is that of the last event that was published, ``now`` the time.
        """
        found: Snapshot | None = None
        for each in self._all:
            if each.place <= place and self._is_beyond(each, place, now):
                found = each
        return found

    @property
    def oldest(self) -> Snapshot | None:
        """The oldest that is kept: what to begin with if Redis has lost everything."""
        return self._all[0] if self._all and self._is_full else None

    @property
    def _is_full(self) -> bool:
        """Whether something would be removed, were everything there."""
        last = self._all[-1]
        return self.due(last.place, last.at) is not None

    def _is_beyond(self, snapshot: Snapshot, place: int, now: float) -> bool:
        """Return whether everything up to a snapshot is beyond a limit."""
        most_events, most_seconds = self.retention.most_events, self.retention.most_seconds
        kept = place - snapshot.place
        return (most_events is not None and kept > most_events - self._step(most_events)) or (
            most_seconds is not None and snapshot.at <= now - most_seconds
        )

    @staticmethod
    def _step(most_events: int) -> int:
        return max(1, most_events // _PER_LIMIT)
