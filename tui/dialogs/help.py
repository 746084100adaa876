"""``?``: what the focused widget shows, and which keys work there and everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.dialogs.base import PAGE, Dialog
from tui.drawing.fit import fit
from tui.widgets.guide import Guide

Keys = tuple[tuple[str, str], ...]
"""Keys, each with what it does."""

EVERYWHERE: Final = (
    ("1 … 9", "the modes; all show the same step"),
    ("← →", "previous step, next step"),
    ("] [", "next problem, previous problem: rows with ▲, and warnings with △"),
    ("P", "all problems: by recorder, host or cookie"),
    ("R", "the recorders, if the story is that of several: alive, behind, lost"),
    ("Home End", "first step, newest step"),
    ("Space", "play (step automatically), pause"),
    ("< >", "play slower, play faster"),
    ("p", "predict: → first asks what the next step will do"),
    ("g", "go to a step by its number"),
    ("f", "follow live traffic"),
    ("o O", "choose a focus, show everything"),
    ("/ n N", "find, next match, previous match; Esc ends the search"),
    ("m", "hide or show cookie values; equal values get equal tags, as in •••#4f0"),
    ("y", "copy part of this step, if the terminal allows it (OSC 52)"),
    ("C", "what Chromium, Firefox, Safari and the specification do with this step's cookies"),
    ("W", "what if: fold the story again with another attribute, browser, time or address"),
    ("E", "change a cookie on the wire, while recording with --edit HOST"),
    ("e", "export to a file"),
    ("b", "open a fresh browser that uses the proxy"),
    ("B", "from here on, this client is a fresh browser (a private window): an empty jar"),
    ("!", "show all notices about this trace"),
    ("t", "dark or light theme"),
    ("x", "hide or show the hint line"),
    ("Ctrl+P", "all commands by name"),
    ("q Ctrl+C", "quit; the capture file stays"),
)


_MOST_LINES: Final = 60
"""More lines than any text here has."""


class HelpDialog(Dialog[None]):
    """A page of help."""

    HEADING = "Help"
    KEYS = "↑ ↓ scroll · Esc or ? closes"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "leave", show=False)]

    def __init__(self, guide: Guide, everywhere: Keys = EVERYWHERE) -> None:
        super().__init__()
        self._guide = guide
        self._everywhere = everywhere

    def content(self) -> Iterable[Widget]:
        """Yield the guide of the widget, then the keys that work everywhere."""
        with VerticalScroll(can_focus=True, classes=PAGE):
            yield HelpText(self._guide, self._everywhere)

    def on_mount(self) -> None:
        """Give the text the keyboard focus, so that the arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()


class HelpText(Static):
    """The text of the page, with hanging indents in the width that there is."""

    def __init__(self, guide: Guide, everywhere: Keys) -> None:
        super().__init__(markup=False)
        self._guide = guide
        self._everywhere = everywhere

    def on_resize(self) -> None:
        """Break the lines for the new width."""
        self.update(help_text(self._guide, self.size.width, self._everywhere))


def help_text(guide: Guide, width: int, everywhere: Keys = EVERYWHERE) -> Content:
    """Return the page for ``width`` cells; ``everywhere`` are the keys that work in all modes."""
    parts: list[tuple[str, str]] = [(f"{guide.title}\n\n", "bold $foreground")]
    parts += ((f"{line}\n", "$foreground") for line in fit(guide.text, width, _MOST_LINES))
    if guide.signs:
        parts.append(("\nSigns\n\n", "bold $foreground"))
        for sign, tone, meaning in guide.signs:
            parts += _hanging(f"  {sign}  ", meaning, width, f"${tone}", f"${tone}")
    if guide.keys:
        parts.append(("\nKeys here\n\n", "bold $foreground"))
        parts += _keys(guide.keys, width)
    parts.append(("\nKeys everywhere\n\n", "bold $foreground"))
    parts += _keys(everywhere, width)
    return Content.assemble(*parts)


def _keys(keys: Keys, width: int) -> Iterator[tuple[str, str]]:
    lead = max(len(key) for key, _ in keys) + 3
    for key, text in keys:
        yield from _hanging(f"  {key:<{lead}}", text, width, "bold $foreground", "$quiet")


def _hanging(
    lead: str, text: str, width: int, lead_style: str, style: str
) -> Iterator[tuple[str, str]]:
    """Yield a text whose further lines begin below its first word."""
    cells = cell_len(lead)
    for number, line in enumerate(fit(text, max(8, width - cells), _MOST_LINES)):
        yield (" " * cells if number else lead, lead_style)
        yield (f"{line}\n", style)
