"""One function of mitmproxy, replaced for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Replacement:
    """Replaces ``owner``'s own attribute ``name`` until it is undone.

    Raises ``KeyError`` if there is none.
    """

    def __init__(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        self._owner = owner
        self._name = name
        self._original = vars(owner)[name]
        self._made = make(self._original)
        setattr(owner, name, self._made)

    def undo(self) -> None:
        """Put the original back, unless something else has replaced ours."""
        if vars(self._owner).get(self._name) is self._made:
            setattr(self._owner, self._name, self._original)
