"""The message for a terminal that is too small."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.widget import Widget

MIN_WIDTH: Final = 60
MIN_HEIGHT: Final = 16


class TooSmall(Widget):
    """One message, shown if the screen has the class ``-too-narrow`` or ``-too-low``."""

    ALLOW_SELECT = False

    def render(self) -> Content:
        """Show the size of the terminal, and the size it needs."""
        width, height = self.app.size
        return Content.assemble(
            ("This terminal is too small.\n", "bold $withheld"),
            f"It has {width}×{height} cells; cookietrace needs {MIN_WIDTH}×{MIN_HEIGHT}.\n",
            "Make it larger, or press q to quit.",
        )
