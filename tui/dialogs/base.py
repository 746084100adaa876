"""The base class of all dialogs: a box in the middle, a heading, and keys to close it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.widgets.too_small import TooSmall

Choice = TypeVar("Choice")

PAGE: Final = "dialog-page"
"""The CSS class of the part of a box that scrolls, between the heading and the key line."""

_FRAME: Final = 6
"""Rows of a box outside the scrolling part: border, heading and key line with their margins."""

_SHARE: Final = 0.9
"""The largest part of the screen's height that a box takes."""


class Dialog(ModalScreen[Choice | None], Generic[Choice]):
    """A box over the screen. Escape, or a click outside the box, closes it without a choice.

    So does q, unless it is typed into a field.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Close", show=False),
    ]

    HEADING: ClassVar[str] = ""
    KEYS: ClassVar[str] = "Esc closes"

    def compose(self) -> ComposeResult:
        """Yield the box."""
        yield TooSmall()
        with Vertical(classes="dialog-box"):
            yield Static(self.heading, classes="dialog-heading", markup=False)
            yield from self.content()
            yield Static(self.KEYS, classes="dialog-keys", markup=False)

    @property
    def heading(self) -> str:
        """The heading of the box."""
        return self.HEADING

    def content(self) -> Iterable[Widget]:
        """Return the widgets in the box."""
        return ()

    def on_resize(self, event: events.Resize) -> None:
        """Limit the height of the scrolling part, so that the whole box does not scroll."""
        for page in self.query(f".{PAGE}"):
            page.styles.max_height = max(1, int(event.size.height * _SHARE) - _FRAME)

    def action_leave(self) -> None:
        """Close without a choice."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """Close the dialog on a click outside the box."""
        if event.widget is self:
            self.action_leave()
