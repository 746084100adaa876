"""A short list to choose from, with the arrow keys, a letter, or the mouse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

import msgspec
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.dialogs.base import Dialog

_NAME_CELLS: Final = 26
"""A name that is longer moves its own description only, and leaves the others room."""


class MenuItem(msgspec.Struct, frozen=True):
    """One entry."""

    key: str
    """The letter that chooses it."""
    name: str
    description: str
    """What it is, or how it begins; display text."""
    note: str = ""
    """What to know before choosing it; display text."""


class MenuDialog(Dialog[str]):
    """Returns the letter of the chosen entry.

    The notes of all entries are below the list. If the screen is too low for that, only the note of
    the highlighted entry is there. Either way it is there in full.
    """

    KEYS = "Enter or the letter selects · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, heading: str, items: Sequence[MenuItem]) -> None:
        super().__init__()
        self.HEADING = heading  # type: ignore[misc]
        self._items = tuple(items)
        self._notes = {
            item.key: Static(f"{item.key}: {item.note}", classes="dialog-note", markup=False)
            for item in items
            if item.note
        }

    def content(self) -> Iterable[Widget]:
        """Yield the list and the notes."""
        width = min(_NAME_CELLS, max((len(item.name) for item in self._items), default=0)) + 2
        yield OptionList(
            *(
                Option(
                    Content.assemble(
                        (f" {item.key} ", "bold $foreground"),
                        (f" {item.name:<{width}}", "$foreground"),
                        (item.description, "$quiet"),
                    ),
                    id=item.key,
                )
                for item in self._items
            ),
            markup=False,
            compact=True,
        )
        yield from self._notes.values()

    def on_key(self, event: events.Key) -> None:
        """Choose an entry by its letter."""
        if any(event.character == item.key for item in self._items):
            event.stop()
            self.dismiss(event.character)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Mark the note of the highlighted entry."""
        for key, note in self._notes.items():
            note.set_class(key == event.option.id, "-highlighted")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the entry on Enter or a click."""
        self.dismiss(event.option.id)
