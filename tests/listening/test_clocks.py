"""The clock of a browser that may be on another machine, by ours."""

from __future__ import annotations

import pytest

from cookietrace.listening.clocks import APART, SEVERAL, BrowserClock
from cookietrace.listening.said import Hop

HOP = Hop(at=100.0, ended_at=101.0, responded_at=100.5, method="GET", url="http://h.test/")


def _heard(*late: float) -> list[tuple[object, float]]:
    """Return messages that come apart from each other, each so many seconds after it was said."""
    return [(100.0 + 2 * APART * n, 100.0 + 2 * APART * n + each) for n, each in enumerate(late)]


@pytest.mark.parametrize(
    ("heard", "behind"),
    [
        ([], 0.0),
        (_heard(0.05, 0.2, 0.3), 0.0),
        (_heard(-0.01, 0.0, 0.01), 0.0),
        (_heard(3.0), 0.0),
        (_heard(-9.75), 0.0),
        ([(100.0 + number / 1000, 103.0) for number in range(50)], 0.0),
        (_heard(3.0, 1.5, 0.6), 0.0),
        (_heard(0.6, 0.62, 0.9, 0.65), 0.6),
        (_heard(1.5, 1.5, 1.5), 1.5),
        (_heard(*[-9.75] * SEVERAL), -9.75),
        (_heard(*[-9.75] * (SEVERAL - 1)), 0.0),
        (_heard(3600.25, 3608.0, 3600.25, 3600.3), 3600.25),
        (_heard(*[3600.25] * SEVERAL, 0.2), 0.0),
        (_heard(*[-60.0] * SEVERAL, *[0.0] * 64), 0.0),
        ([("x", 1.0), (None, 1.0), (float("nan"), 1.0), (10**400, 1.0), (-1e15, 1.0)], 0.0),
    ],
    ids=[
        "nothing",
        "the same",
        "the same, rounded",
        "one message came late",
        "one message of a clock that is ahead",
        "many that were held up together",
        "several that came late",
        "a little behind",
        "more",
        "ahead",
        "too few",
        "far behind",
        "it was set back, or all but one came late",
        "it was set",
        "no times",
    ],
)
def test_by_ours(heard: list[tuple[object, float]], behind: float) -> None:
    """Its times are moved by the least difference, unless slow messages can explain that."""
    clock = BrowserClock()
    for said_at, now in heard:
        clock.heard(said_at, now)
    hop = clock.by_ours(HOP)
    moved = (hop.at - HOP.at, hop.ended_at - HOP.ended_at, (hop.responded_at or 0.0) - 100.5)
    assert moved == pytest.approx((behind,) * 3)


def test_without_a_response() -> None:
    """There is no time of a response to move."""
    clock = BrowserClock()
    for number in range(SEVERAL):
        clock.heard(100.0 + number, 200.0 + number)
    assert clock.behind == 100.0
    hop = Hop(at=100.0, ended_at=101.0, method="GET", url="http://h.test/")
    assert clock.by_ours(hop).responded_at is None
