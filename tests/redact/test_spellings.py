"""Whatever way an app hides a cookie's value in a response, no output lets anyone read it."""

from __future__ import annotations

import pytest

from tests.redact.outputs import OUTPUTS, written
from tests.redact.reader import survivors
from tests.redact.spellings import ROWS


def names(numbers: set[int]) -> list[str]:
    """Return the names of rows."""
    return [ROWS[number].name for number in sorted(numbers)]


@pytest.mark.parametrize("output", OUTPUTS)
def test_nothing_survives(output: str) -> None:
    """Neither a value nor a part of it can be read in an output, however it is decoded."""
    assert names(survivors(written(output))) == []


def test_the_reader_can_read_every_row() -> None:
    """If nothing is redacted, every row can be read: none of them passes for nothing."""
    read = survivors(written("jsonl", sensitive=False))
    assert names(set(range(len(ROWS))) - read) == []
    assert len(ROWS) >= 149
    assert len({row.name for row in ROWS}) == len(ROWS)
