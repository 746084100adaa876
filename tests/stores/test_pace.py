"""How often a reader looks whether a capture has grown."""

from __future__ import annotations

import pytest

from cookietrace.stores.pace import Pace

LONGEST = 0.2
"""The most seconds by which an event may be seen late, as the documents say."""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    def looks(self, pace: Pace, seconds: float) -> int:
        """Let so much time pass with the pauses of a pace; return how many there were."""
        end, count = self.now + seconds, 0
        while self.now < end:
            self.now += pace.pause()
            count += 1
        return count


@pytest.mark.parametrize(
    ("silent", "seconds", "most"),
    [(0.0, 2.0, 500), (2.0, 8.0, 90), (10.0, 60.0, 300), (86_400.0, 60.0, 300)],
)
def test_the_longer_nothing_comes_the_fewer_looks(silent: float, seconds: float, most: int) -> None:
    """After ten seconds without an event there are five looks a second."""
    clock = Clock()
    pace = Pace(clock)
    clock.now += silent
    assert 0 < clock.looks(pace, seconds) <= most + 1


@pytest.mark.parametrize(
    ("silent", "late"), [(0.0, 0.004), (1.9, 0.004), (5.0, 0.1), (10.0, LONGEST), (1e9, LONGEST)]
)
def test_an_event_is_seen_soon_however_long_it_was_quiet(silent: float, late: float) -> None:
    """A pause is short while events come, and grows with the silence up to its limit."""
    clock = Clock()
    pace = Pace(clock)
    clock.now += silent
    assert pace.pause() == pytest.approx(late)


def test_after_an_event_it_looks_as_often_as_at_first() -> None:
    """The first event after a long silence is late, and no other after it."""
    clock = Clock()
    pace = Pace(clock)
    at_first = pace.pause()
    clock.now += 3600.0
    assert pace.pause() > at_first
    pace.grown()
    assert pace.pause() == at_first
