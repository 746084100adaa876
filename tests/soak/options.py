"""What a part of the soak is given."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Options(msgspec.Struct, frozen=True):
    """The options of one part."""

    seconds: float
    """About how long it should take; it is ended when it takes much longer."""
    seed: int
    full: bool
    """Whether to run all rounds, however long that takes."""
    first: bool
    """Whether to measure times before other programs, as on a machine without any."""
    folder: Path
    """An empty folder of its own."""
    mark: str
    """What the environment of every process of the soak contains."""
