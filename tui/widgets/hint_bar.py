"""A line with the few keys that matter, for the first run; one key hides it for good."""

from __future__ import annotations

from typing import Final

from tui.widgets.key_line import Key, KeyLine

_KEYS: Final = (
    Key("← →", "step"),
    Key("Space", "play", "app.play"),
    Key("1–9", "modes"),
    Key("?", "help", "app.help"),
    Key("x", "hide this for good", "app.hide_hints"),
)
_FEWER: Final = (_KEYS[0], *_KEYS[2:])


class HintBar(KeyLine):
    """Leaves a key out where the screen is narrow, never the one that hides it."""

    CHIP = "bold $foreground"
    TOLD = "$quiet"

    def __init__(self) -> None:
        super().__init__(_KEYS)

    def on_resize(self) -> None:
        """Show what there is room for."""
        self.show(*(_KEYS if self.needed(_KEYS) <= self.size.width else _FEWER))
