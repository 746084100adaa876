"""``!``: everything a person should know about the trace as a whole, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from cookietrace.fold.exchange import Note, NoteKind
from cookietrace.lesson.notices import notices
from tui.dialogs.base import PAGE, Dialog


class NoticesDialog(Dialog[None]):
    """Lists what is to be known: what holds, then what is over, the newest first."""

    HEADING = "Notices"
    FOOT = "↑ ↓ scroll · Esc leaves"

    def __init__(self, notes: Sequence[Note]) -> None:
        super().__init__()
        self._notices = notices(notes)

    def content(self) -> Iterable[Widget]:
        """The list, and how to trust the proxy's CA where that is what is wrong."""
        parts: list[tuple[str, str]] = []
        for notice in self._notices:
            sign, style = ("△", "$quiet") if notice.over else ("▲", "$foreground")
            parts.append((f"{sign} {notice.line}\n\n", style))
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
