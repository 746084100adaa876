"""What every dialog has: a box in the middle, a title, and Escape to leave it."""

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
"""The class of what scrolls in a box, between a title and a hint that stay where they are."""

_FRAME: Final = 6
"""Rows of a box that are not its page: the border, the title and the hint with their margins."""

_SHARE: Final = 0.9
"""How much of the screen's height a box takes at most."""


class Dialog(ModalScreen[Choice | None], Generic[Choice]):
    """A box over the screen; Escape, or a click outside it, chooses nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
    ]

    HEADING: ClassVar[str] = ""
    FOOT: ClassVar[str] = "Esc leaves"

    def compose(self) -> ComposeResult:
        """The box."""
        yield TooSmall()
        with Vertical(classes="dialog-box"):
            yield Static(self.HEADING, classes="dialog-heading", markup=False)
            yield from self.content()
            yield Static(self.FOOT, classes="dialog-foot", markup=False)

    def content(self) -> Iterable[Widget]:
        """What the box holds."""
        return ()

    def on_resize(self, event: events.Resize) -> None:
        """Let the page be as high as fits, so that it alone scrolls, and not the box."""
        for page in self.query(f".{PAGE}"):
            page.styles.max_height = max(1, int(event.size.height * _SHARE) - _FRAME)

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A click outside the box leaves the dialog."""
        if event.widget is self:
            self.action_leave()
