"""One line with the newest current notice; hidden while there is none."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from cookietrace.fold.exchange import NoteKind
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.notices import Notice, NoticeBoard
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.step_verdict import headline
from cookietrace.lesson.table import Table
from tui.drawing.fit import cut
from tui.messages import StepRequested


class NoticeLine(Widget):
    """Shows a new problem, or else the newest notice that is not over.

    A click, or ``!``, shows all notices; a click on a problem goes there.
    """

    ALLOW_SELECT = False

    class Opened(Message):
        """The user wants to see all notices."""

    def __init__(self) -> None:
        super().__init__()
        self._notice: Notice | None = None
        self._count = 0
        self._problem: Moment | None = None
        self._at = ""
        """What texts call the step whose row shows the problem."""

    def show(self, board: NoticeBoard, problem: Moment | None, table: Table) -> None:
        """Show a problem of the table, or else the newest notice that is not over."""
        shown = board.newest, len(board), problem
        if shown != (self._notice, self._count, self._problem):
            self._notice, self._count, self._problem = shown
            self._at = table.label(problem.row) if problem is not None else ""
            self.refresh()
        self.display = self._notice is not None or problem is not None

    def render(self) -> Content:
        """Draw the problem, or the newest notice and how many there are."""
        notice, count, problem = self._notice, self._count, self._problem
        if problem is not None:
            text = f" {SIGNS[Mark.PROBLEM]} New in step {self._at}: {headline(problem)}"
            return self._drawn(text, "bold $refused", "  ] goes there ")
        if notice is None:
            return Content("")
        more = f"  ! {count:,} notices " if count > 1 else "  ! more "
        if notice.kind is NoteKind.TWO_JARS:
            more = f"  B fresh browser{more}"
        return self._drawn(f" • {notice.line}", "$foreground", more)

    def _drawn(self, text: str, tone: str, more: str) -> Content:
        width = self.size.width
        text = cut(text, width - len(more))
        blank = " " * max(0, width - len(more) - Content(text).cell_length)
        return Content.assemble((text, tone), blank, (more, "$quiet"))

    def on_click(self, _event: events.Click) -> None:
        """Go to the problem, or show all notices."""
        if self._problem is not None:
            self.post_message(StepRequested(self._problem.row))
        else:
            self.post_message(self.Opened())
