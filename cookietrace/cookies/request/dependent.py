"""A cache whose entries are dropped as soon as something changes that they depend on."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class DependentCache(Generic[_K, _V]):
    """Entries by key, each with the names of what it was worked out from."""

    __slots__ = ("_depending", "entries")

    def __init__(self) -> None:
        """Start empty."""
        self.entries: dict[_K, _V] = {}
        """To be read; ``put`` and ``drop`` change it."""
        self._depending: dict[str, list[_K]] = {}

    def put(self, key: _K, entry: _V, names: Iterable[str], most: int) -> None:
        """Add an entry that depends on these names.

        Of ``most`` entries or names all are dropped first.
        """
        if len(self.entries) >= most or len(self._depending) >= most:
            self.clear()
        self.entries[key] = entry
        for name in names:
            self._depending.setdefault(name, []).append(key)

    def drop(self, name: str) -> None:
        """Drop the entries that depend on a name."""
        for key in self._depending.pop(name, ()):
            self.entries.pop(key, None)

    def clear(self) -> None:
        """Drop all entries."""
        self.entries.clear()
        self._depending.clear()
