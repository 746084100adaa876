"""What was found in a value, as every format describes it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class Signature(StrEnum):
    """What is known about a signature."""

    RIGHT = "right"
    WRONG = "wrong"
    """None of the keys made it, or the value was changed."""
    NOT_CHECKED = "not checked"
    NONE = "none"
    """Nothing is signed: anyone can make such a value."""


class Keys(msgspec.Struct, frozen=True):
    """The keys to check signatures with, and how an app may derive others from them."""

    keys: tuple[bytes, ...] = ()
    """Secret keys, or public ones in PEM; any of them may be right."""
    salts: tuple[str, ...] = ()
    """Salts to try besides those that frameworks use."""


class Decoded(msgspec.Struct, frozen=True):
    """The contents of one value."""

    format: str
    """Such as ``Flask session``, ``Django``, ``JWT``."""
    signature: Signature
    content: Any = None
    """What the value holds: plain JSON, or a text. None if it cannot be read."""
    header: Any = None
    """A JWT's header, as plain JSON."""
    signed_at: float | None = None
    """Unix time in seconds, None if the value does not tell."""
    not_before: float | None = None
    expires_at: float | None = None
    """A JWT's own; None if it does not tell."""
    algorithm: str = ""
    """How it is signed; empty if that is not known."""
    notes: tuple[str, ...] = ()
    """Whole sentences on what is odd or could not be read. They hold nothing of the value, except
    names from a fixed list."""
