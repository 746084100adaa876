"""A line of keys and what they do; a click on one does the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

_BETWEEN = "   "


class Key(msgspec.Struct, frozen=True):
    """One key."""

    key: str
    """As it is called."""
    told: str
    """What it does; display text."""
    action: str = ""
    """What a click does, e.g. ``screen.hint``; empty where that makes no sense."""


class KeyLine(Widget):
    """Draws as many of its keys as there is room for, the first ones first."""

    ALLOW_SELECT = False
    CHIP: ClassVar[str] = "bold $chip-text on $chip"
    TOLD: ClassVar[str] = "$foreground"

    def __init__(self, keys: Sequence[Key] = (), *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._keys = tuple(keys)
        self._places: list[tuple[int, int, str]] = []

    def show(self, *keys: Key) -> None:
        """Show other keys."""
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    @staticmethod
    def needed(keys: Sequence[Key]) -> int:
        """Return how many cells the keys take."""
        own = sum(cell_len(key.key) + cell_len(key.told) + 3 for key in keys)
        return own + len(_BETWEEN) * (len(keys) - 1)

    def render(self) -> Content:
        """Draw the line, and remember where each key stands for the mouse."""
        self._places = []
        parts: list[tuple[str, str]] = []
        at = 0
        for key in self._keys:
            chip, told = f" {key.key} ", f" {key.told}"
            lead = _BETWEEN if parts else ""
            width = cell_len(chip) + cell_len(told)
            if at + len(lead) + width > self.size.width:
                break
            self._places.append((at + len(lead), at + len(lead) + width, key.action))
            at += len(lead) + width
            parts += [(lead, ""), (chip, self.CHIP), (told, self.TOLD)]
        return Content.assemble(*parts)

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        for start, end, action in self._places:
            if start <= event.x < end and action:
                await self.run_action(action)
                return
