"""A page of text that scrolls, and brings one of its lines into sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widgets import Static

from tui.drawing.canvas import Part

Line = tuple[Part | Content, ...]
"""The pieces of one line."""


class PageView(ScrollableContainer, can_focus=True, inherit_bindings=False):
    """Shows lines that its owner has broken for ``text_width``; asks for others as that changes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Scroll up", show=False),
        Binding("down,j", "scroll_down", "Scroll down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
    ]

    class Widened(Message):
        """The room for the text is another now."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._room = Size()

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(classes="page-text", markup=False)

    @property
    def text_width(self) -> int:
        """How many cells a line can have."""
        return max(20, self.scrollable_content_region.width)

    def show(self, lines: Sequence[Line], line: int | None = None) -> None:
        """Show the lines, with the one of that number, from 0, in sight."""
        self.draw(lines)
        if line is not None:
            self.call_after_refresh(self._bring, line)

    def draw(self, lines: Sequence[Line]) -> None:
        """Draw the lines, all of them at once."""
        self.query_one(Static).update(Content("\n").join(Content.assemble(*line) for line in lines))

    def _bring(self, line: int) -> None:
        top = int(self.scroll_offset.y)
        height = self.scrollable_content_region.height
        if not top <= line <= top + height - 4:
            self.scroll_to(y=max(0, line - 2), animate=False)

    def on_resize(self, _event: events.Resize) -> None:
        """Ask for lines of the new width, or for another number of them."""
        room = self.scrollable_content_region.size
        if self._room != room:
            self._room = room
            self.post_message(self.Widened())
