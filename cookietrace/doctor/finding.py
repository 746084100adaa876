"""What a check finds: how sure it is, why, and what fixes it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Sure(StrEnum):
    """How sure it is that a finding explains missing traffic; the surest first."""

    KNOWN = "known"
    """It was seen, or follows from what was seen."""
    PROBABLY = "probably"
    """What was seen fits, and something else could be the cause."""
    GUESS = "guess"
    """It is often the cause. Nothing here shows that it is."""


class Fix(msgspec.Struct, frozen=True):
    """One way to fix it."""

    do: str
    """A command to run, a page to open or a setting to change, exactly as it is typed."""
    where: str = ""
    """The program or system that it is for; empty if it is for all."""


class Finding(msgspec.Struct, frozen=True):
    """One reason why traffic is missing. Texts are single lines, and safe for a terminal."""

    sure: Sure
    what: str
    """What is the case, as one sentence."""
    why: str
    """Why traffic is missing because of it."""
    fixes: tuple[Fix, ...] = ()
