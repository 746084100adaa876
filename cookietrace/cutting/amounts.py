"""Sizes and ages as a user writes them: ``500MB``, ``7d``."""

from __future__ import annotations

import re

SMALLEST = 1_000_000
"""The smallest size that a capture can be limited to, in bytes."""

SHORTEST = 60.0
"""The smallest age that exchanges can be limited to, in seconds."""

SIZE_EXPECTED = "a size of at least 1MB, such as 500MB or 2GB"
AGE_EXPECTED = "an age of at least 1m, such as 30m, 12h or 7d"

_UNITS = {"k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4}
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,3})?) ?([kmgt])(i?)b?", re.IGNORECASE | re.ASCII)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_AGE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?([smhdw])", re.IGNORECASE | re.ASCII)


def size_of(text: str) -> int:
    """Return the bytes that a text such as ``500MB`` or ``1.5GiB`` means.

    Raises ``ValueError`` if it is no size, or a smaller one than ``SMALLEST``.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    unit = _UNITS[found[2].lower()]
    if found[3]:
        unit = 1024 ** (("kmgt").index(found[2].lower()) + 1)
    size = int(float(found[1]) * unit)
    if size < SMALLEST:
        raise ValueError(text)
    return size


def age_of(text: str) -> float:
    """Return the seconds that a text such as ``90m`` or ``7d`` means.

    Raises ``ValueError`` if it is no age, or a smaller one than ``SHORTEST``.
    """
    age = span_of(text)
    if age < SHORTEST:
        raise ValueError(text)
    return age


def span_of(text: str) -> float:
    """Return the seconds that a text such as ``10s`` or ``7d`` means.

    Raises ``ValueError`` if it means none.
    """
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return float(found[1]) * _SECONDS[found[2].lower()]
