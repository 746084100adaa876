"""Sizes and ages as users write them."""

from __future__ import annotations

import re

import pytest

from cookietrace.cutting.amounts import age_of, size_of


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500MB", 500_000_000),
        ("500 mb", 500_000_000),
        ("1.5GiB", 1_610_612_736),
        ("2g", 2_000_000_000),
        ("1000kB", 1_000_000),
        ("1MB", 1_000_000),
    ],
)
def test_a_size(text: str, size: int) -> None:
    """Decimal units, and binary ones with an i."""
    assert size_of(text) == size


@pytest.mark.parametrize(
    ("text", "age"),
    [("7d", 604_800), ("12h", 43_200), ("1.5 h", 5400), ("60s", 60), ("2W", 1_209_600)],
)
def test_an_age(text: str, age: float) -> None:
    """Seconds to weeks."""
    assert age_of(text) == age


@pytest.mark.parametrize(
    "text", ["", "MB", "500", "-1MB", "999kB", "1e9MB", "1 parsec", "\u0661GB", "9" * 13 + "MB"]
)
def test_what_is_no_size(text: str) -> None:
    """A number without a unit, too little, or too much to be meant."""
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        size_of(text)


@pytest.mark.parametrize("text", ["", "7", "59s", "0d", "-1d", "1y", "1d12h"])
def test_what_is_no_age(text: str) -> None:
    """A number without a unit, or less than a minute."""
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        age_of(text)
