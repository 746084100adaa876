"""A stylesheet that parses each of its sources once, until the theme changes."""

from __future__ import annotations

from typing import Final

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_SOURCES: Final = 512
"""More than the app and its widgets have."""


class SteadyStylesheet(Stylesheet):
    """Textual's, which forgets what it has parsed whenever a screen is added or shown."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Set the colours; if they are others, everything is parsed again."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Apply the variables. A mistake in a style would end the app, as it does at the start."""
        self.parse()
