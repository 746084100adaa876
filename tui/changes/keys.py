"""``?`` on the screen of ``cookietrace diff``: its keys, and what its signs mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.lesson.row_marks import SIGNS, Mark
from tui.dialogs.base import PAGE, Dialog

KEYS: Final = (
    ("n N", "the next difference, the one before; also ] ["),
    ("d", "only the rows that differ, or all"),
    ("↑ ↓", "the row above, the row below; also k j"),
    ("g G", "the first row, the last"),
    ("Tab", "scroll the reasons; Esc goes back to the rows"),
    ("t", "dark or light"),
    ("q", "quit"),
)

MEANINGS: Final = (
    ("≠", "both make this request, and fare differently"),
    ("< >", "only A makes it, only B does"),
    ("→ ⊘", "cookies that it sends, and withholds"),
    ("← ✗", "cookies that its response sets, and that are refused"),
    (SIGNS[Mark.MISSED], "cookies that its response means to delete, but misses"),
)

_KEY_CELLS: Final = 6


class KeysDialog(Dialog[None]):
    """Lists the keys and the signs."""

    HEADING = "Keys"
    KEYS = "Esc or ? closes"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark", "leave", show=False)]

    def content(self) -> Iterable[Widget]:
        """Yield both lists."""
        lines = [(f"{key:<{_KEY_CELLS}}", text) for key, text in KEYS]
        signs = [(f"{sign:<{_KEY_CELLS}}", text) for sign, text in MEANINGS]
        parts: list[tuple[str, str]] = []
        for key, text in (*lines, ("", ""), *signs):
            parts += [(key, "bold $foreground"), (f"{text}\n", "$foreground")]
        with VerticalScroll(can_focus=True, classes=PAGE):
            yield Static(Content.assemble(*parts), markup=False)

    def on_mount(self) -> None:
        """Give the text the keyboard focus, so that the arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()
