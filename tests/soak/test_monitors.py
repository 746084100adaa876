"""Whether memory is flat is said from samples, and not changed by a few that are far off."""

from __future__ import annotations

import os

import pytest

from tests.soak.monitors import Growth, growth, sample, slope

MINUTE = 60


@pytest.mark.parametrize(
    ("values", "grown"),
    [
        ([80.0] * MINUTE, 0.0),
        ([80.0 + second / 10 for second in range(MINUTE)], 4.1),
        ([20.0, 50.0, 70.0] + [80.0] * MINUTE, 0.0),
        ([80.0] * 40 + [300.0] * 3 + [80.0] * 20, 0.0),
        ([80.0 + second % 2 for second in range(MINUTE)], 0.0),
    ],
    ids=["flat", "growing", "warming up", "one collection", "to and fro"],
)
def test_growth(values: list[float], grown: float) -> None:
    """What a process needs once, and what is given back, is not growth."""
    found = growth(list(zip(map(float, range(len(values))), values, strict=True)))
    assert found is not None
    assert found.fitted == pytest.approx(grown, abs=0.1)


def test_what_is_made_once_is_told_from_growth() -> None:
    """The share that does not count can be chosen: memory that settles late, and a leak."""
    settling = [80.0 + min(second, 29) for second in range(MINUTE)]
    leaking = [80.0 + second for second in range(MINUTE)]
    for values, warm_up, grown in (
        (settling[:40], 0.3, 17.0),
        (settling, 0.5, 0.0),
        (leaking, 0.5, 29.0),
    ):
        found = growth(list(enumerate(values)), warm_up)
        assert found is not None
        assert found.grown == pytest.approx(grown)
    assert Growth(first=80, last=95, highest=95, fitted=20, seconds=9).grown == 15
    assert Growth(first=80, last=300, highest=300, fitted=0, seconds=9).grown == 0


def test_too_few_samples_say_nothing() -> None:
    """A process that was there for a moment is not called flat."""
    assert growth([(0.0, 80.0), (1.0, 80.0)]) is None
    assert slope([(0.0, 80.0)]) == 0.0


def test_a_process_is_looked_at() -> None:
    """Memory and descriptors are those of the process; one that has ended has none."""
    before = sample(os.getpid())
    with open(os.devnull):  # noqa: PTH123 (a descriptor more)
        after = sample(os.getpid())
    assert before is not None
    assert after is not None
    assert before.megabytes > 5
    assert after.descriptors == before.descriptors + 1
    assert sample(2**22 + 1) is None
