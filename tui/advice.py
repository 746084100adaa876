"""What the doctor says while nothing is recorded."""

from __future__ import annotations

import msgspec


class Advice(msgspec.Struct, frozen=True):
    """One reason why nothing is recorded, in short."""

    sure: str
    """``known``, ``probably`` or ``a guess``."""
    what: str
    fix: str
    """What to type, or to set; empty if nothing short helps."""
