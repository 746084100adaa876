"""The row of modes at the top: key and name of each; a click switches to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import events
from textual.content import Content
from textual.widget import Widget

from cookietrace.lesson.modes import Mode
from tui.messages import ModeRequested

_BRAND: Final = "cookietrace"


class ModeBar(Widget):
    """Draws the modes in one line, shorter on a narrow screen, with the current one highlighted."""

    ALLOW_SELECT = False

    def __init__(self, modes: Sequence[Mode], current: Mode) -> None:
        super().__init__()
        self._modes = tuple((mode.key, mode.name) for mode in modes)
        self._current = current.key
        self._places: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        """Draw the line, and remember where each mode is for the mouse."""
        labels, brand = self._labels(self.size.width)
        self._places = []
        parts: list[tuple[str, str]] = [(brand, "bold $foreground")] if brand else []
        at = len(brand)
        for key, label in labels:
            here = key == self._current
            self._places.append((at, at + len(label), key))
            at += len(label)
            if here:
                parts.append((label, "bold $chip-text on $chip"))
            else:
                number, _, name = label.strip().partition(" ")
                lead = label[: label.index(number)]
                parts.append((lead + number, "bold $foreground"))
                parts.append((label[len(lead) + len(number) :], "$quiet"))
                assert name is not None
        return Content.assemble(*parts)

    def _labels(self, width: int) -> tuple[list[tuple[str, str]], str]:
        """Return the labels in the longest form that fits, and the brand if there is room."""
        full = [(key, f" {key} {name} ") for key, name in self._modes]
        total = sum(len(label) for _, label in full)
        if total + len(_BRAND) + 4 <= width:
            return full, f" {_BRAND}  "
        if total <= width:
            return full, ""
        close = [(key, f"{key} {name} ") for key, name in self._modes]
        if sum(len(label) for _, label in close) + 1 <= width:
            return [(close[0][0], f" {close[0][1]}"), *close[1:]], ""
        return [
            (key, f" {key} {name} " if key == self._current else f" {key} ")
            for key, name in self._modes
        ], ""

    def on_click(self, event: events.Click) -> None:
        """Switch to the mode under the mouse."""
        for start, end, key in self._places:
            if start <= event.x < end:
                self.post_message(ModeRequested(key))
                return
