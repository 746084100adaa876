"""What the modes have in common that are one page of text about the selected step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.content import Content
from textual.widget import Widget

from tui.drawing.canvas import Part
from tui.modes.base import ModeScreen
from tui.state.story import Change
from tui.widgets.empty_state import EmptyState
from tui.widgets.page_view import Line, PageView


class Page:
    """Lines of styled parts, and the one to bring into sight."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[Line] = []
        self.anchor: int | None = None

    def line(self, *parts: Part | Content) -> None:
        """Add a line."""
        self.lines.append(parts)

    def here(self) -> None:
        """Bring the next line into sight."""
        self.anchor = len(self.lines)


class PageScreen(ModeScreen):
    """A mode that is one page; ``write`` fills it."""

    VIEW: ClassVar[type[PageView]] = PageView
    """``LinesView`` where the page can be long."""
    CALM: ClassVar[float] = 0.15
    """Seconds between two drawings while traffic flows."""

    def body(self) -> Iterable[Widget]:
        """The page."""
        self._due = False
        yield self.VIEW(id="page")

    @property
    def view(self) -> PageView:
        """The widget that shows the page."""
        return self.query_one("#page", self.VIEW)

    def write(self, page: Page) -> None:
        """Write the page for the story as it is."""

    def advise(self) -> bool:
        """Show what to do next where there is no step yet; True where nothing else is to be seen.

        For a mode that has an ``EmptyState`` beside its page.
        """
        view, empty = self.view, self.query_one(EmptyState).advise(self.story)
        if empty:
            view.display = False
        elif not view.display:
            view.display = True
            view.focus()
        return empty

    def on_mount(self) -> None:
        """Start with the keys in the page."""
        self.view.focus()

    @property
    def at_rest(self) -> bool:
        """True where nothing is due to be drawn again."""
        return not self._due

    def body_changed(self, change: Change) -> None:
        """Write it again soon."""
        del change
        if not self._due:
            self._due = True
            self.set_timer(self.CALM, self.refresh_body)

    def refresh_body(self) -> None:
        """Show the story as it is now."""
        self.redraw()

    @on(PageView.Widened)
    def redraw(self) -> None:
        """Write the page anew."""
        self._due = False
        view = self.view
        page = Page(view.text_width)
        self.write(page)
        view.show(page.lines, page.anchor)
