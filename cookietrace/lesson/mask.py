"""Hide cookie values on a screen, so that equal values still look equal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import blake2s

from cookietrace.secret_names import TABLE_ONLY, Kind, Names, SecretNames

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


class Masked:
    """``masked``, for a user who has changed which names are those of secrets."""

    def __init__(self, names: Names) -> None:
        self.names = SecretNames(names)

    def __call__(self, value: str) -> str:
        """Return dots and three digits."""
        return masked(value)


_TABLE = SecretNames(TABLE_ONLY)


def names_of(mask: Mask) -> SecretNames:
    """Return the names whose values a mask is for, besides cookies."""
    return mask.names if isinstance(mask, Masked) else _TABLE


def unmasked(value: str) -> str:
    """Return the value as it is."""
    return value


def is_secret(name: str, mask: Mask) -> bool:
    """Return whether a mask hides all of the variable by this name."""
    return mask is not unmasked and names_of(mask).kind(name) is Kind.SECRET


def local_text(name: str, text: str, values: Iterable[str | None], mask: Mask) -> str:
    """Return the ``repr`` of a variable: masked, or with the values that occur in it masked."""
    if is_secret(name, mask) and text not in ("None", "True", "False"):
        return mask(text)
    return masked_within(text, values, mask)


def masked_within(text: str, values: Iterable[str | None], mask: Mask) -> str:
    """Return a ``repr`` or message with the values that occur in it masked."""
    if mask is unmasked:
        return text
    shown = {form: mask(value) for value in values if value for form in (value, repr(value)[1:-1])}
    if not shown:
        return text
    longest_first = sorted(shown, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: shown[found[0]], text)
