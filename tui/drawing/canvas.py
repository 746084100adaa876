"""A rectangle of cells: texts are put at positions, and read back line by line."""

from __future__ import annotations

from rich.cells import cell_len

from tui.drawing.fit import cut

Part = tuple[str, str]
"""A text and its style."""


class Canvas:
    """Holds texts that do not overlap; the rest is blank."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self._lines: list[list[tuple[int, str, str]]] = [[] for _ in range(height)]

    def put(self, x: int, y: int, text: str, style: str = "", width: int | None = None) -> int:
        """Put a text, cut to ``width`` or at the edge; return the column after it."""
        room = self.width - x if width is None else min(width, self.width - x)
        shown = cut(text, room)
        if shown and 0 <= y < len(self._lines):
            self._lines[y].append((x, shown, style))
        return x + cell_len(shown)

    def line(self, y: int) -> tuple[Part, ...]:
        """Return a line from its left edge to the end of its last text."""
        parts: list[Part] = []
        at = 0
        for x, text, style in sorted(self._lines[y]):
            if x > at:
                parts.append((" " * (x - at), ""))
            parts.append((text, style))
            at = x + cell_len(text)
        return tuple(parts)
