"""The turns of phrase that several modes share."""

from __future__ import annotations

import pytest

from cookietrace.lesson.prose import MOST, some, span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1.0, "0 seconds"),
        (0.0, "0 seconds"),
        (0.3, "less than a second"),
        (1.0, "1 second"),
        (60.0, "1 minute"),
        (93_784.0, "1 day 2 hours 3 minutes 4 seconds"),
    ],
)
def test_span(seconds: float, words: str) -> None:
    """A length of time is told in every unit that it takes, and never as none at all."""
    assert span(seconds) == words


@pytest.mark.parametrize("count", [1, 2, MOST + 1])
def test_a_short_list_names_all(count: int) -> None:
    """One more than the most is named too, since counting one is no shorter."""
    told = some(f"n{number}" for number in range(count))
    assert all(f"n{number}" in told for number in range(count))


def test_a_long_list_counts_the_rest() -> None:
    """The first are named, and the others counted."""
    assert some(f"n{number}" for number in range(MOST + 2)).endswith(f"n{MOST - 1} and 2 more")
