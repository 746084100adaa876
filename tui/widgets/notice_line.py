"""One line with the latest thing that holds and a person should know; gone while there is none."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from cookietrace.fold.exchange import NoteKind
from cookietrace.lesson.notices import Notice, notices
from cookietrace.trace import Trace
from tui.fit import cut


class NoticeLine(Widget):
    """Shows the newest note; a click, or ``!``, shows all of them."""

    ALLOW_SELECT = False

    class Opened(Message):
        """A person wants to read all notes."""

    def __init__(self) -> None:
        super().__init__()
        self._notices: tuple[Notice, ...] = ()
        self._seen = (0, 0)

    def show(self, trace: Trace) -> None:
        """Show the newest notice of the trace that is not over."""
        seen = len(trace.notes), trace.notes_ended
        if seen != self._seen:
            self._notices, self._seen = notices(trace.notes), seen
            self.refresh()
        self.display = any(not notice.over for notice in self._notices)

    def render(self) -> Content:
        """Draw the newest notice, and how many there are."""
        if not self._notices:
            return Content("")
        width = self.size.width
        notice = self._notices[0]
        count = len(self._notices)
        more = f"  ! all {count} notices " if count > 1 else "  ! more "
        tone = "$refused" if notice.kind is NoteKind.CONNECTION_FAILURE else "$withheld"
        text = cut(f" ▲ {notice.line}", width - len(more))
        blank = " " * max(0, width - len(more) - Content(text).cell_length)
        return Content.assemble((text, tone), blank, (more, "$quiet"))

    def on_click(self, _event: events.Click) -> None:
        """Show all notes."""
        self.post_message(self.Opened())
