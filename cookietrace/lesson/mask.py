"""Hide cookie values on a screen, so that equal values still look equal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import blake2s

Mask = Callable[[str], str]
"""Takes a value as on the wire, and returns what to show instead."""


def masked(value: str) -> str:
    """Return dots, then ``#`` with three digits of a digest; an empty value stays empty.

    This hides values from onlookers, not in files: exports use ``cookietrace.redact``.
    """
    if not value:
        return value
    digest = blake2s(value.encode("utf-8", "surrogatepass"), digest_size=2).hexdigest()
    return f"•••#{digest[:3]}"


def unmasked(value: str) -> str:
    """Return the value as it is."""
    return value


def masked_within(text: str, values: Iterable[str | None], mask: Mask) -> str:
    """Return a ``repr`` or message with the values that occur in it masked."""
    if mask is unmasked:
        return text
    shown = {form: mask(value) for value in values if value for form in (value, repr(value)[1:-1])}
    if not shown:
        return text
    longest_first = sorted(shown, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: shown[found[0]], text)
