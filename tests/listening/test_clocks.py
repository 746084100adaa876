"""The clock of a browser that may be on another machine, by ours."""

from __future__ import annotations

import pytest

from cookietrace.listening.clocks import LATE, BrowserClock
from cookietrace.listening.said import Hop

HOP = Hop(at=100.0, ended_at=101.0, responded_at=100.5, method="GET", url="http://h.test/")


@pytest.mark.parametrize(
    ("heard", "behind"),
    [
        ([], 0.0),
        ([(100.0, 100.2)], 0.0),
        ([(100.0, 100.0 + LATE)], 0.0),
        ([(100.0, 99.99)], 0.0),
        ([(100.0, 90.5), (101.0, 91.25)], -9.75),
        ([(100.0, 3700.25), (101.0, 3708.0)], 3600.25),
        ([(100.0, 3700.25), (101.0, 101.2)], 0.0),
        ([(100.0, 40.0), *[(100.0 + number, 100.0 + number) for number in range(64)]], 0.0),
        ([("x", 1.0), (None, 1.0), (float("nan"), 1.0), (10**400, 1.0), (-1e15, 1.0)], 0.0),
    ],
    ids=[
        "nothing",
        "the same",
        "the same, and we are busy",
        "the same, rounded",
        "ahead",
        "behind",
        "the same, and one message came late",
        "it was set",
        "no times",
    ],
)
def test_by_ours(heard: list[tuple[object, float]], behind: float) -> None:
    """Its times are moved by the least difference, unless the way of a message explains that."""
    clock = BrowserClock()
    for said_at, now in heard:
        clock.heard(said_at, now)
    hop = clock.by_ours(HOP)
    moved = (hop.at - HOP.at, hop.ended_at - HOP.ended_at, (hop.responded_at or 0.0) - 100.5)
    assert moved == pytest.approx((behind,) * 3)


def test_without_a_response() -> None:
    """There is no time of a response to move."""
    clock = BrowserClock()
    clock.heard(100.0, 200.0)
    hop = Hop(at=100.0, ended_at=101.0, method="GET", url="http://h.test/")
    assert clock.by_ours(hop).responded_at is None
