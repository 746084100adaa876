"""One line with the newest current notice; hidden while there is none."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from cookietrace.fold.exchange import NoteKind
from cookietrace.lesson.notices import Notice, NoticeBoard
from tui.drawing.fit import cut


class NoticeLine(Widget):
    """Shows the newest notice that is not over; a click, or ``!``, shows all of them."""

    ALLOW_SELECT = False

    class Opened(Message):
        """The user wants to see all notices."""

    def __init__(self) -> None:
        super().__init__()
        self._notice: Notice | None = None
        self._count = 0

    def show(self, board: NoticeBoard) -> None:
        """Show the newest notice that is not over."""
        shown = board.newest, len(board)
        if shown != (self._notice, self._count):
            self._notice, self._count = shown
            self.refresh()
        self.display = self._notice is not None

    def render(self) -> Content:
        """Draw the newest notice, and how many there are."""
        notice, count = self._notice, self._count
        if notice is None:
            return Content("")
        width = self.size.width
        more = f"  ! all {count:,} notices " if count > 1 else "  ! more "
        tone = "$refused" if notice.kind is NoteKind.CONNECTION_FAILURE else "$withheld"
        text = cut(f" ▲ {notice.line}", width - len(more))
        blank = " " * max(0, width - len(more) - Content(text).cell_length)
        return Content.assemble((text, tone), blank, (more, "$quiet"))

    def on_click(self, _event: events.Click) -> None:
        """Show all notices."""
        self.post_message(self.Opened())
