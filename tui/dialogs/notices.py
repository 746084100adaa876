"""``!``: everything a person should know about the trace as a whole, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.fold.exchange import NoteKind
from cookietrace.lesson.notices import Notice
from tui.dialogs.base import PAGE, Dialog

_MOST: Final = 300
"""No list is longer: a client can fail for as many hosts as it likes."""


class NoticesDialog(Dialog[None]):
    """Lists what is to be known: what holds, then what is over, the newest first."""

    HEADING = "Notices"
    FOOT = "↑ ↓ scroll · Esc leaves"

    def __init__(self, notices: Sequence[Notice]) -> None:
        super().__init__()
        self._notices = notices

    def content(self) -> Iterable[Widget]:
        """The list, and how to trust the proxy's CA where that is what is wrong."""
        parts: list[tuple[str, str]] = []
        for notice in self._notices[:_MOST]:
            sign, style = ("△", "$quiet") if notice.over else ("▲", "$foreground")
            parts.append((f"{sign} {notice.line}\n\n", style))
        if len(self._notices) > _MOST:
            parts.append((f"and {len(self._notices) - _MOST:,} before\n\n", "$quiet"))
        if not parts:
            parts.append(("Nothing to report.\n", "$quiet"))
        if any(each.kind is NoteKind.CONNECTION_FAILURE for each in self._notices):
            parts.append(("Where a client does not trust the proxy\n", "bold $foreground"))
            parts.append((CA_ADVICE, "$foreground"))
        with VerticalScroll(can_focus=True, classes=PAGE):
            yield Static(Content.assemble(*parts), markup=False)

    def on_mount(self) -> None:
        """The arrow keys scroll the text."""
        self.query_one(VerticalScroll).focus()


CA_ADVICE = (
    "Press b for a browser that trusts it already, or run `cookietrace ca` to learn where the "
    "certificate is and how to trust it. Hosts whose apps accept no other certificate can be "
    "tunnelled untouched: start with --ignore HOST.\n"
)
