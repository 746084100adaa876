"""One line with the latest thing a person should know about the trace; gone while there is none."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from cookietrace.fold.exchange import Note, NoteKind
from cookietrace.lesson.words import shown
from tui.fit import cut


def told(note: Note) -> str:
    """Return a note in one line of display text."""
    host = f"{shown(note.host)}: " if note.host else ""
    return f"{host}{shown(note.message)}"


class NoticeLine(Widget):
    """Shows the newest note; a click, or ``!``, shows all of them."""

    ALLOW_SELECT = False

    class Opened(Message):
        """A person wants to read all notes."""

    def __init__(self) -> None:
        super().__init__()
        self._notes: Sequence[Note] = ()
        self._seen = -1

    def show(self, notes: Sequence[Note]) -> None:
        """Show the newest of the notes."""
        if len(notes) != self._seen:
            self._notes, self._seen = notes, len(notes)
            self.display = bool(notes)
            self.refresh()

    def render(self) -> Content:
        """Draw the newest note, and how many there are."""
        if not self._notes:
            return Content("")
        width = self.size.width
        note = self._notes[-1]
        count = len(self._notes)
        more = f"  ! all {count} notices " if count > 1 else "  ! more "
        tone = "$refused" if note.kind is NoteKind.CONNECTION_FAILURE else "$withheld"
        text = cut(f" ▲ {told(note)}", width - len(more))
        blank = " " * max(0, width - len(more) - Content(text).cell_length)
        return Content.assemble((text, tone), blank, (more, "$quiet"))

    def on_click(self, _event: events.Click) -> None:
        """Show all notes."""
        self.post_message(self.Opened())
