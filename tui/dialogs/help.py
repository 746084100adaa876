"""``?``: what the focused widget shows, and the keys that work there and everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.dialogs.base import PAGE, Dialog
from tui.widgets.help_data import HelpData

EVERYWHERE: Final = (
    ("1 … 9", "the modes; all of them stand at the same step"),
    ("← →", "a step back, a step on"),
    ("Home End", "the first step, the newest"),
    ("Space", "play: step on by itself; pause"),
    ("< >", "play slower, faster"),
    ("p", "predict: → asks first what the next step will do"),
    ("g", "go to a step by its number"),
    ("f", "follow: go along with the newest step"),
    ("o O", "choose what is in focus; show everything"),
    ("/ n N", "find; next match, the one before; Esc ends the search"),
    ("m", "hide the values of cookies, or show them; equal ones share a tag, as in •••#4f0"),
    ("y", "copy something of this step"),
    ("e", "export to a file"),
    ("b", "open a fresh browser that goes through the proxy"),
    ("!", "read all notices about this trace"),
    ("t", "dark or light"),
    ("x", "hide the line of hints, or bring it back"),
    ("Ctrl+P", "all commands by name"),
    ("q Ctrl+C", "quit; what was recorded stays in the capture"),
)


class HelpDialog(Dialog[None]):
    """A page of help."""

    HEADING = "Help"
    FOOT = "↑ ↓ scroll · Esc or ? leaves"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q", "leave", show=False)]

    def __init__(self, data: HelpData) -> None:
        super().__init__()
        self._data = data

    def content(self) -> Iterable[Widget]:
        """What the widget says of itself, then what holds everywhere."""
        with VerticalScroll(can_focus=True, classes=PAGE):
            yield Static(self._text(), markup=False)

    def on_mount(self) -> None:
        """The arrow keys scroll the text."""
        self.query_one(VerticalScroll).focus()

    def _text(self) -> Content:
        data = self._data
        parts: list[tuple[str, str]] = [
            (f"{data.title}\n\n", "bold $foreground"),
            (f"{data.text}\n", "$foreground"),
        ]
        if data.signs:
            parts.append(("\nSigns\n\n", "bold $foreground"))
            for sign, tone, meaning in data.signs:
                parts.append((f"  {sign}  {meaning}\n", f"${tone}"))
        if data.keys:
            parts.append(("\nKeys here\n\n", "bold $foreground"))
            parts.extend(_keys(data.keys))
        parts.append(("\nKeys everywhere\n\n", "bold $foreground"))
        parts.extend(_keys(EVERYWHERE))
        return Content.assemble(*parts)


def _keys(keys: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    width = max(len(key) for key, _ in keys) + 3
    parts: list[tuple[str, str]] = []
    for key, told in keys:
        parts.append((f"  {key:<{width}}", "bold $foreground"))
        parts.append((f"{told}\n", "$quiet"))
    return parts
