"""Hide cookie values on a screen, so that equal ones still look equal."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2s

Mask = Callable[[str], str]
"""From a value as on the wire to what is shown in its place."""


def masked(value: str) -> str:
    """Return dots with three digits of a digest; an empty value stays empty.

    For the shoulder-surfer, not for files: exports go through ``cookietrace.redact``.
    """
    if not value:
        return value
    digest = blake2s(value.encode("utf-8", "surrogatepass"), digest_size=2).hexdigest()
    return f"•••{digest[:3]}"


def unmasked(value: str) -> str:
    """Return the value as it is."""
    return value
