"""What ``?`` says about one widget."""

from __future__ import annotations

import msgspec


class Guide(msgspec.Struct, frozen=True):
    """A title, a few sentences, and the keys that work in the widget."""

    title: str
    text: str
    keys: tuple[tuple[str, str], ...] = ()
    signs: tuple[tuple[str, str, str], ...] = ()
    """``(sign, tone, meaning)`` of each sign in the widget."""
