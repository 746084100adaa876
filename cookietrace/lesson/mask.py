"""Hide cookie values on a screen, so that equal ones still look equal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import blake2s

Mask = Callable[[str], str]
"""From a value as on the wire to what is shown in its place."""


def masked(value: str) -> str:
    """Return dots, then ``#`` with three digits of a digest; an empty value stays empty.

    For the shoulder-surfer, not for files: exports go through ``cookietrace.redact``.
    """
    if not value:
        return value
    digest = blake2s(value.encode("utf-8", "surrogatepass"), digest_size=2).hexdigest()
    return f"•••#{digest[:3]}"


def unmasked(value: str) -> str:
    """Return the value as it is."""
    return value


def masked_within(told: str, values: Iterable[str | None], mask: Mask) -> str:
    """Return what ``repr`` said of a thing, with the values that occur in it masked."""
    if mask is unmasked:
        return told
    shown = {form: mask(value) for value in values if value for form in (value, repr(value)[1:-1])}
    if not shown:
        return told
    longest_first = sorted(shown, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: shown[found[0]], told)
