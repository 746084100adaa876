"""Recognises header names in any spelling, without reading the same spelling twice."""

from __future__ import annotations

from collections.abc import Mapping

_MOST = 1000
_LONGEST = 64


class HeaderNames(dict[str, str | None]):
    """What to call a header, by its name as written; None for one that does not matter.

    Headers have the same few spellings again and again. The first thousand of them are
    remembered, if they are short.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        """``names`` has what to call the headers that matter, by their names in lower case."""
        super().__init__()
        self._names = names

    def __missing__(self, written: str) -> str | None:
        name = self._names.get(written.lower())
        if len(self) < _MOST and len(written) <= _LONGEST:
            self[written] = name
        return name
