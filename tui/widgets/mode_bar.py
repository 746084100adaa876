"""The row of modes at the top: key and name of each; a click switches to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import events
from textual.content import Content
from textual.widget import Widget

from cookietrace.lesson.modes import Mode
from tui.messages import ModeRequested

_BRAND: Final = " cookietrace  "


class ModeBar(Widget):
    """Draws the modes in one line, shorter on a narrow screen, with the current one highlighted.

    A mode has its whole name, or the last word of it.
    """

    ALLOW_SELECT = False

    def __init__(self, modes: Sequence[Mode], current: Mode) -> None:
        super().__init__()
        self._modes = tuple(modes)
        self._current = current.key
        self._places: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        """Draw the line, and remember where each mode is for the mouse."""
        labels, brand = self._labels(self.size.width)
        self._places = []
        parts: list[tuple[str, str]] = [(brand, "bold $foreground")] if brand else []
        at = len(brand)
        for key, label in labels:
            self._places.append((at, at + len(label), key))
            at += len(label)
            if key == self._current:
                parts.append((label, "bold $chip-text on $chip"))
            else:
                before, number, after = label.partition(key)
                parts.append((before + number, "bold $foreground"))
                parts.append((after, "$quiet"))
        return Content.assemble(*parts)

    def _labels(self, width: int) -> tuple[list[tuple[str, str]], str]:
        """Return the labels in the longest form that fits, and the brand if there is room."""
        titles = [(mode.key, f" {mode.key} {mode.title} ") for mode in self._modes]
        names = [(mode.key, f" {mode.key} {mode.name} ") for mode in self._modes]
        close = [(key, label[1:]) for key, label in names]
        close[-1] = (close[-1][0], close[-1][1].rstrip())
        for labels, brand in ((titles, _BRAND), (titles, ""), (names, _BRAND), (names, "")):
            if _width(labels) + len(brand) <= width:
                return labels, brand
        if _width(close) <= width:
            return close, ""
        return [
            (
                mode.key,
                f" {mode.key} {mode.name} " if mode.key == self._current else f" {mode.key} ",
            )
            for mode in self._modes
        ], ""

    def on_click(self, event: events.Click) -> None:
        """Switch to the mode under the mouse."""
        for start, end, key in self._places:
            if start <= event.x < end:
                self.post_message(ModeRequested(key))
                return


def _width(labels: Sequence[tuple[str, str]]) -> int:
    return sum(len(label) for _, label in labels)
