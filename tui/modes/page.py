"""What the modes have in common that are one page of text about the selected step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.content import Content
from textual.widget import Widget

from cookietrace.lesson.words import shown
from tui.modes.base import ModeScreen
from tui.story import Change
from tui.widgets.empty_state import EmptyState
from tui.widgets.page_view import PageView

Part = tuple[str, str]
"""A text and its style."""


class Page:
    """Lines of styled parts, and the one to bring into sight."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._lines: list[tuple[Part | Content, ...]] = []
        self.anchor: int | None = None

    def line(self, *parts: Part | Content) -> None:
        """Add a line."""
        self._lines.append(parts)

    def here(self) -> None:
        """Bring the next line into sight."""
        self.anchor = len(self._lines)

    def content(self) -> Content:
        """Return all lines."""
        parts: list[Part | Content] = []
        for number, line in enumerate(self._lines):
            if number:
                parts.append(("\n", ""))
            parts.extend(line)
        return Content.assemble(*parts)


class PageScreen(ModeScreen):
    """A mode that is one page; ``write`` fills it."""

    CALM: ClassVar[float] = 0.15
    """Seconds between two drawings while traffic flows."""

    def body(self) -> Iterable[Widget]:
        """The page."""
        self._due = False
        yield PageView(id="page")

    def write(self, page: Page) -> None:
        """Write the page for the story as it is."""

    def advise(self) -> bool:
        """Show what to do next where there is no step yet; True where nothing else is to be seen.

        For a mode that has an ``EmptyState`` beside its page.
        """
        story, view = self.story, self.query_one(PageView)
        advice = self.query_one(EmptyState)
        advice.display = empty = story.count == 0
        if empty:
            advice.recording = story.recording
            advice.focus_text = shown(story.focus.describe())
            advice.elsewhere = len(story.trace.exchanges)
            view.display = False
        elif not view.display:
            view.display = True
            view.focus()
        return empty

    def on_mount(self) -> None:
        """Start with the keys in the page."""
        self.query_one(PageView).focus()

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
        view = self.query_one(PageView)
        page = Page(view.text_width)
        self.write(page)
        view.show(page.content(), page.anchor)
