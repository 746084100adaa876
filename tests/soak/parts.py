"""The table of the soak's parts."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator

import msgspec

from tests.soak.finding import Finding
from tests.soak.options import Options

Run = Callable[[Options], Iterator[Finding]]


class Part(msgspec.Struct, frozen=True):
    """One part; ``tests/soak/NAME_part.py`` has its ``run``."""

    name: str
    title: str
    share: float
    """Its share of the soak's time."""
    full_seconds: float
    """About how long all of its rounds take."""

    def load(self) -> Run:
        """Return its function."""
        run: Run = importlib.import_module(f"tests.soak.{self.name}_part").run
        return run


PARTS = (
    Part("lessons", "Random lessons, with viewers that come and go", 0.35, 600.0),
    Part("ends", "Ends of each kind under load", 0.2, 10800.0),
    Part("redis", "Redis, recorders and publishers are killed under load", 0.1, 1800.0),
    Part("speed", "A viewer that is stepped back and forth under load", 0.15, 60.0),
    Part("memory", "Long connections and large bodies", 0.15, 3600.0),
    Part("secrets", "Every spelling of a secret, in every output", 0.05, 600.0),
)
