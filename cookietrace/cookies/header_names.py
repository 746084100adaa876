"""Recognises header names in any spelling, without reading the same spelling twice."""

from __future__ import annotations

from collections.abc import Mapping

_MOST = 1000
_LONGEST = 64


class HeaderNames:
    """What to call a header, by its name as written; None for one that does not matter.

    Headers have the same few spellings again and again. The first thousand of them are
    remembered, if they are short.
    """

    __slots__ = ("_names", "known")

    def __init__(self, names: Mapping[str, str]) -> None:
        """``names`` has what to call the headers that matter, by their names in lower case."""
        self._names = names
        self.known: dict[str, str | None] = {}
        """By their spellings, those that are remembered.

        A loop over headers looks here first: that takes a sixth less time than a subclass of
        ``dict`` with ``__missing__``."""

    def read(self, written: str) -> str | None:
        """Return what to call a header whose spelling is not ``known`` yet."""
        name = self._names.get(written.lower())
        if len(self.known) < _MOST and len(written) <= _LONGEST:
            self.known[written] = name
        return name
