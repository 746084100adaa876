"""Lines of keys and what they do. A click on a key does the same as pressing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec
from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

_SEPARATOR = "   "


class Key(msgspec.Struct, frozen=True):
    """One key."""

    key: str
    """The name of the key."""
    description: str
    """What it does; display text."""
    action: str = ""
    """The action for a click, e.g. ``screen.hint``; empty if a click does nothing."""


class KeyLine(Widget):
    """Draws as many of its keys as fit, from the first."""

    ALLOW_SELECT = False
    KEY_STYLE: ClassVar[str] = "bold $chip-text on $chip"
    TEXT_STYLE: ClassVar[str] = "$foreground"

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
        """Return how many cells the keys need."""
        own = sum(cell_len(key.key) + cell_len(key.description) + 3 for key in keys)
        return own + len(_SEPARATOR) * (len(keys) - 1)

    def render(self) -> Content:
        """Draw the line, and remember where each key is for the mouse."""
        self._places = []
        parts: list[tuple[str, str]] = []
        at = 0
        for key in self._keys:
            chip, text = f" {key.key} ", f" {key.description}"
            lead = _SEPARATOR if parts else ""
            width = cell_len(chip) + cell_len(text)
            if at + len(lead) + width > self.size.width:
                break
            self._places.append((at + len(lead), at + len(lead) + width, key.action))
            at += len(lead) + width
            parts += [(lead, ""), (chip, self.KEY_STYLE), (text, self.TEXT_STYLE)]
        return Content.assemble(*parts)

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        for start, end, action in self._places:
            if start <= event.x < end and action:
                await self.run_action(action)
                return


_KEYS: Final = (
    Key("← →", "step"),
    Key("Space", "play", "app.play"),
    Key("1–9", "modes"),
    Key("W", "what if", "app.what_if"),
    Key("C", "browsers", "app.compare"),
    Key("x", "hide this line", "app.hide_hints"),
)
"""What the footer below the line does not name."""

_FEWER_KEYS: Final = tuple((*_KEYS[:count], _KEYS[-1]) for count in range(len(_KEYS) - 1, 0, -1))
"""All of them, and fewer and fewer for narrower screens."""


class HintBar(KeyLine):
    """A few more keys, for a first run; one key hides the line for good."""

    KEY_STYLE = "bold $foreground"
    TEXT_STYLE = "$quiet"

    def __init__(self) -> None:
        super().__init__(_KEYS)

    def render(self) -> Content:
        """Draw as many keys as fit, always with the one that hides the line."""
        fitting = (keys for keys in _FEWER_KEYS if self.needed(keys) <= self.size.width)
        self._keys = next(fitting, _FEWER_KEYS[-1])
        return super().render()
