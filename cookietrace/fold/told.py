"""What the lesson's rules ask of secrets: how large they are, and whether they look random.

A redacted capture has tokens instead of the secrets, of another size and shape. So its verdicts
tell what the rules ask for, and no more: sizes below ``LEAST_TOLD`` and ``LEAST_SIZE`` are left
out, since the length of a short value can give it away.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

import msgspec

from cookietrace.fold.misread import Misread

LEAST_TOLD = 64
"""The smallest size of a value, in bytes, that is told."""

LEAST_SIZE = 1024
"""The smallest size of a Cookie header, in bytes, that is told."""

SHORTEST_SHARED = 6
"""The shortest value, in bytes, of which it means something that two clients have it."""

LIKE_A_KEY = 12
"""The shortest value, in bytes, that two clients cannot get by chance if it is random."""


class Looks(StrEnum):
    """What a value looks like."""

    SHORT = "short"
    """It has fewer than ``SHORTEST_SHARED`` bytes."""
    PLAIN = "plain"
    RANDOM = "random"
    """It has letters and digits, and at least ``LIKE_A_KEY`` bytes."""


class ValueFacts(msgspec.Struct, frozen=True, gc=False):
    """What is known about one cookie's value."""

    size: int | None
    """In bytes; None if it is not told."""
    looks: Looks


class Told(msgspec.Struct, frozen=True, gc=False):
    """What the verdicts of a redacted capture tell about the secrets of one exchange."""

    header_size: int | None
    """The size of the Cookie header in bytes; None if it is not told."""
    misread: tuple[Misread, ...]
    """The cookies that some servers do not find in the Cookie header."""
    values: Mapping[tuple[str, str], ValueFacts]
    """By the name and the token of each cookie of the Cookie header and of the Set-Cookie lines."""


@lru_cache(4096)
def facts_of(value: str) -> ValueFacts:
    """Return what there is to know about a value, which is as on the wire."""
    size = len(value)
    if size < SHORTEST_SHARED:
        return ValueFacts(size, Looks.SHORT)
    letters = any(character.isalpha() for character in value)
    digits = sum(character.isdigit() for character in value)
    random = size >= LIKE_A_KEY and letters and digits >= 2
    return ValueFacts(size, Looks.RANDOM if random else Looks.PLAIN)


def told_size(size: int | None) -> int | None:
    """Return a value's size as it is told."""
    return size if size is not None and size >= LEAST_TOLD else None
