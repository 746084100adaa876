"""The line to type a search into. While it is open, the table shows only the matches."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tui.widgets.guide import Guide


class FindBar(Horizontal):
    """An input; posts ``Changed`` while typing, ``Kept`` on Enter, ``Dropped`` on Escape.

    Enter in an empty input drops the search, too.
    """

    GUIDE = Guide(
        title="Find",
        text=(
            "The table shows only the steps that contain the text: in any column, in a reason or a "
            "fix, in a header or in the status. Case does not matter, and steps keep their "
            "numbers. If no step contains it, all rows stay."
        ),
        keys=(
            ("Enter", "keep the matches and go to the table; n, N: next, previous match"),
            ("Esc", "end the search, show all rows"),
            ("↓", "go to the table"),
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "Show all", show=True),
        Binding("down", "keep", "To the table", show=False),
    ]

    class Changed(Message):
        """The text to search for has changed."""

        def __init__(self, needle: str) -> None:
            super().__init__()
            self.needle = needle

    class Kept(Message):
        """Back to the table, which keeps showing only the matches."""

    class Dropped(Message):
        """Back to the table, which shows all rows; the search has ended."""

    def compose(self) -> ComposeResult:
        """Yield a sign and the input."""
        yield Static("/", id="find-sign", markup=False)
        yield Input(
            placeholder="text in a row, reason, fix, header or status",
            id="find-input",
            compact=True,
        )

    def open(self) -> None:
        """Show the bar, and give it the keyboard focus."""
        self.display = True
        field = self.query_one(Input)
        field.focus()
        field.action_select_all()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Report the new text."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the search on Enter."""
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        """Go to the table and keep the search; without a text, end it."""
        if self.query_one(Input).value:
            self.post_message(self.Kept())
        else:
            self.action_drop()

    def action_drop(self) -> None:
        """End the search, and show all rows."""
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = ""
        self.display = False
        self.post_message(self.Dropped())
