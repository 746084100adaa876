"""Keeps a stored capture within a size and an age, by removing its oldest exchanges."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

import msgspec

from cookietrace.cutting.beginning import Beginning, begin
from cookietrace.events import Event, Removed, Request, encode
from cookietrace.stores.trimming import Trimming

KEPT = 0.9
"""The part of the size that is kept at a cut, so that cuts are rare."""

KEPT_AGE = 0.95
"""The part of the age that is kept at a cut."""

_OVERHEAD = 1.05
"""About how many bytes of the file one byte of a row takes."""

_PAUSE = 4
"""How many times longer than a step of deleting the pause after it is."""


class Limits(msgspec.Struct, frozen=True):
    """What the user allows a capture. None is no limit."""

    most_bytes: int | None = None
    most_seconds: float | None = None

    def __bool__(self) -> bool:
        return self.most_bytes is not None or self.most_seconds is not None

    @property
    def why(self) -> Removed:
        """What an event says about exchanges that these limits removed, without the counts."""
        return Removed(
            exchanges=0,
            until=0.0,
            why="limited",
            most_bytes=self.most_bytes,
            most_seconds=self.most_seconds,
        )


def cut_to_limits(
    trimming: Trimming,
    limits: Limits,
    now: float,
    *,
    why: Removed | None = None,
    pause: Callable[[float], object] = time.sleep,
    browser: str = "auto",
) -> Removed | None:
    """Remove the oldest exchanges of a capture that is beyond its limits.

    A little more is removed than must be. Returns what is missing then; None if nothing was
    removed: the capture is within its limits, or has too few exchanges to leave any out.
    ``now`` is Unix time, and ``why`` is as for ``compact``. ``pause`` is called between brief
    transactions, and ends the work if it returns True; the next call continues. Raises
    ``CaptureError``.
    """
    surplus = 0.0
    if limits.most_bytes is not None and trimming.size > limits.most_bytes:
        surplus = (trimming.size - KEPT * limits.most_bytes) / _OVERHEAD
    oldest = _oldest(trimming)
    too_old = (
        limits.most_seconds is not None
        and oldest is not None
        and oldest < now - limits.most_seconds
    )
    if not surplus and not too_old:
        return None
    since = now - KEPT_AGE * limits.most_seconds if too_old and limits.most_seconds else None
    rows, beginning = _Rows(trimming), Beginning(browser)
    room: int | None = None

    def stays(event: Event) -> bool:
        nonlocal room
        if rows.passed < surplus or not isinstance(event, Request):
            return False
        if surplus and room is None:
            room = min(_size_of(beginning.events(None)), round(surplus))
        return rows.passed >= surplus + (room or 0) and (since is None or event.at >= since)

    if next(begin(rows, stays, beginning), None) is None:
        return None
    removed = beginning.removed(why or limits.why)
    first = trimming.begin_with(beginning.events(removed), rows.position_before)
    if first is None:
        return None
    for took in trimming.delete_before(first):
        if pause(_PAUSE * took) is True:
            break
    return removed


class _Rows:
    """The events of a capture, and how far they have been read."""

    def __init__(self, trimming: Trimming) -> None:
        self._trimming = trimming
        self.passed = 0
        """The size of all rows before the one that was read last."""
        self.position_before = 0
        """The position of that row's predecessor."""

    def __iter__(self) -> Iterator[Event]:
        before, passed = 0, 0
        for position, size, event in self._trimming.rows():
            self.position_before, self.passed = before, passed
            before, passed = position, passed + size
            yield event


def _oldest(trimming: Trimming) -> float | None:
    """Return the time of the first request; None if there is none."""
    for _, _, event in trimming.rows():
        if isinstance(event, Request):
            return event.at
    return None


def _size_of(events: Iterable[Event]) -> int:
    return sum(len(encode(event)) for event in events)
