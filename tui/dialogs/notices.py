"""``!``: everything to know about the trace as a whole, and what to do about it."""

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

_MAX_NOTICES: Final = 300
"""The most notices that are listed; connections can fail for any number of hosts."""


CA_ADVICE = (
    "Press b to open a browser that trusts it (a Firefox needs certutil for that), or run "
    "`cookietrace ca` to see where the certificate is and how to trust it. Some apps accept only "
    "their own certificate: start with --ignore HOST to pass their traffic through unread.\n"
)


class NoticesDialog(Dialog[None]):
    """Lists the notices: first the current ones, then those that are over; newest first."""

    HEADING = "Notices"
    KEYS = "↑ ↓ scroll · Esc closes"

    def __init__(self, notices: Sequence[Notice]) -> None:
        super().__init__()
        self._notices = notices

    def content(self) -> Iterable[Widget]:
        """Yield the list, and how to trust the proxy's CA if connections failed."""
        parts: list[tuple[str, str]] = []
        for notice in self._notices[:_MAX_NOTICES]:
            sign, style = ("◦", "$quiet") if notice.over else ("•", "$foreground")
            parts.append((f"{sign} {notice.line}\n\n", style))
        if len(self._notices) > _MAX_NOTICES:
            parts.append((f"and {len(self._notices) - _MAX_NOTICES:,} earlier ones\n\n", "$quiet"))
        if not parts:
            parts.append(("No notices.\n", "$quiet"))
        if any(each.kind is NoteKind.CONNECTION_FAILURE for each in self._notices):
            parts.append(("If a browser does not trust the proxy\n", "bold $foreground"))
            parts.append((CA_ADVICE, "$foreground"))
        with VerticalScroll(can_focus=True, classes=PAGE):
            yield Static(Content.assemble(*parts), markup=False)

    def on_mount(self) -> None:
        """Give the text the keyboard focus, so that the arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()
