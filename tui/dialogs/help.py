"""``?``: what the focused widget shows, and which keys work there and everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.dialogs.base import PAGE, Dialog
from tui.widgets.guide import Guide

EVERYWHERE: Final = (
    ("1 … 9", "the modes; all show the same step"),
    ("← →", "previous step, next step"),
    ("] [", "next problem, previous problem: rows with ▲, and warnings with △"),
    ("Home End", "first step, newest step"),
    ("Space", "play (step automatically), pause"),
    ("< >", "play slower, play faster"),
    ("p", "predict: → first asks what the next step will do"),
    ("g", "go to a step by its number"),
    ("f", "follow live traffic"),
    ("o O", "choose a focus, show everything"),
    ("/ n N", "find, next match, previous match; Esc ends the search"),
    ("m", "hide or show cookie values; equal values get equal tags, as in •••#4f0"),
    ("y", "copy part of this step"),
    ("e", "export to a file"),
    ("b", "open a fresh browser that uses the proxy"),
    ("!", "show all notices about this trace"),
    ("t", "dark or light theme"),
    ("x", "hide or show the hint line"),
    ("Ctrl+P", "all commands by name"),
    ("q Ctrl+C", "quit; the capture file stays"),
)


class HelpDialog(Dialog[None]):
    """A page of help."""

    HEADING = "Help"
    KEYS = "↑ ↓ scroll · Esc or ? closes"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q", "leave", show=False)]

    def __init__(self, guide: Guide) -> None:
        super().__init__()
        self._guide = guide

    def content(self) -> Iterable[Widget]:
        """Yield the guide of the widget, then the keys that work everywhere."""
        with VerticalScroll(can_focus=True, classes=PAGE):
            yield Static(self._text(), markup=False)

    def on_mount(self) -> None:
        """Give the text the keyboard focus, so that the arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()

    def _text(self) -> Content:
        guide = self._guide
        parts: list[tuple[str, str]] = [
            (f"{guide.title}\n\n", "bold $foreground"),
            (f"{guide.text}\n", "$foreground"),
        ]
        if guide.signs:
            parts.append(("\nSigns\n\n", "bold $foreground"))
            for sign, tone, meaning in guide.signs:
                parts.append((f"  {sign}  {meaning}\n", f"${tone}"))
        if guide.keys:
            parts.append(("\nKeys here\n\n", "bold $foreground"))
            parts.extend(_keys(guide.keys))
        parts.append(("\nKeys everywhere\n\n", "bold $foreground"))
        parts.extend(_keys(EVERYWHERE))
        return Content.assemble(*parts)


def _keys(keys: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    width = max(len(key) for key, _ in keys) + 3
    parts: list[tuple[str, str]] = []
    for key, text in keys:
        parts.append((f"  {key:<{width}}", "bold $foreground"))
        parts.append((f"{text}\n", "$quiet"))
    return parts
