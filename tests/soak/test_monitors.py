"""Whether memory is flat is said from samples, and not changed by a few that are far off."""

from __future__ import annotations

import os

import pytest

from tests.soak.monitors import Growth, Sample, growth, has_work, no_larger, sample, slope

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


@pytest.mark.parametrize(
    ("stayed", "kept"), [(120.0, True), (130.0, True), (131.0, False), (None, False)]
)
def test_one_that_stays_is_compared_with_a_new_one(stayed: float | None, kept: bool) -> None:
    """How much an exchange takes does not matter, only whether what is not used is kept."""
    before = None if stayed is None else Sample(0.0, stayed, 10)
    assert no_larger("viewer", before, Sample(0.0, 100.0, 10), 1.3).kept is kept


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
    assert has_work(os.getpid())
    assert not has_work(2**22 + 1)
