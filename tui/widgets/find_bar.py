"""The line to type a search into; narrows the table while it is open."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tui.widgets.help_data import HelpData


class FindBar(Horizontal):
    """An input; ``Changed`` as one types, ``Kept`` on Enter, ``Dropped`` on Escape.

    Enter with nothing written drops the search, too.
    """

    GUIDE = HelpData(
        title="Find",
        text=(
            "Only the rows that hold the text stay in the table, in any case, in any column. "
            "Steps keep their numbers."
        ),
        keys=(
            ("Enter", "keep the filter and go back to the table; n and N go along the matches"),
            ("Esc", "end the search: show all rows again"),
            ("↓", "to the table"),
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "Show all", show=True),
        Binding("down", "keep", "To the table", show=False),
    ]

    class Changed(Message):
        """The text to look for is another now."""

        def __init__(self, needle: str) -> None:
            super().__init__()
            self.needle = needle

    class Kept(Message):
        """Back to the table, which stays narrowed."""

    class Dropped(Message):
        """Back to the table, which shows all rows; there is no search any more."""

    def compose(self) -> ComposeResult:
        """A sign, the input."""
        yield Static("/", id="find-sign", markup=False)
        yield Input(placeholder="text in any column", id="find-input", compact=True)

    def open(self) -> None:
        """Show the bar and take the keys."""
        self.display = True
        field = self.query_one(Input)
        field.focus()
        field.action_select_all()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass the text on."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps the filter."""
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        """Keep the filter, where there is one."""
        if self.query_one(Input).value:
            self.post_message(self.Kept())
        else:
            self.action_drop()

    def action_drop(self) -> None:
        """End the search and show all rows again."""
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = ""
        self.display = False
        self.post_message(self.Dropped())
