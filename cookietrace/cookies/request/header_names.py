"""Which of some header names a written name is, whatever its case, told at the cost of a lookup."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_SPELLINGS = 1024


class HeaderNames(dict[str, str | None]):
    """From a name as it is written to its usual spelling, None for a name that does not matter.

    Look up with ``names[written]``. Spellings met before are remembered, long
    ones and more than a thousand are not.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """``names`` in their usual spelling are those that matter."""
        super().__init__()
        self._usual = {name.lower(): name for name in names}
        self._longest = max(map(len, self._usual))

    def __missing__(self, written: str) -> str | None:
        """Work out a spelling that was not met before."""
        if len(written) > self._longest:
            return None
        if len(self) >= _MOST_SPELLINGS:
            self.clear()
        name = self[written] = self._usual.get(written.lower())
        return name
