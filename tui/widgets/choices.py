"""A short list of answers to choose from, with the arrow keys and Enter, or the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec
from rich.cells import cell_len
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList

from tui.drawing.fit import fit

_LINES: Final = 12
"""The most lines of one choice."""

_PADDING: Final = 2


class Choice(msgspec.Struct, frozen=True):
    """One choice, on several lines if it is long; display text."""

    sign: str
    sign_style: str
    text: str
    style: str = "$foreground"

    def content(self, width: int) -> tuple[Content, int]:
        """Return the choice in ``width`` cells, and how many lines it takes."""
        lead = cell_len(self.sign) + 2
        lines = fit(self.text, max(8, width - lead), _LINES)
        text = ("\n" + " " * lead).join(lines)
        content = Content.assemble((f"{self.sign}  ", self.sign_style), (text, self.style))
        return content, max(1, len(lines))


class Choices(OptionList, inherit_bindings=False):
    """Posts ``OptionSelected``; once locked, posts ``Continued`` instead."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("enter", "enter", "Choose", show=False),
    ]

    class Continued(Message):
        """The user pressed Enter while nothing can be chosen."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, markup=False, compact=True)
        self._choices: tuple[Choice, ...] = ()
        self._choice_heights: list[int] = []
        self._drawn_width = 0
        self._locked = False

    def show(self, choices: Sequence[Choice], *, locked: bool = False) -> None:
        """Show other choices. Locked, none can be chosen, and the arrow keys scroll the parent."""
        self._choices, self._locked = tuple(choices), locked
        self._draw(0)

    def _draw(self, highlighted: int) -> None:
        self._drawn_width = self.size.width
        drawn = [choice.content(self._drawn_width - _PADDING) for choice in self._choices]
        self._choice_heights = [height for _, height in drawn]
        self.set_options([content for content, _ in drawn])
        if drawn and not self._locked:
            self.highlighted = highlighted

    def on_resize(self, _event: events.Resize) -> None:
        """Wrap the lines for the new width."""
        if self.size.width != self._drawn_width:
            self._draw(self.highlighted or 0)

    def action_move(self, by: int) -> None:
        """Move the highlight, wrapping around at both ends."""
        if self._locked or not self.option_count:
            raise SkipAction
        index = ((self.highlighted or 0) + by) % self.option_count
        self.highlighted = index
        if isinstance(self.parent, Widget):
            place = self.virtual_region
            top = place.y + sum(self._choice_heights[:index])
            region = Region(place.x, top, place.width, self._choice_heights[index])
            self.parent.scroll_to_region(region, animate=False)

    def action_enter(self) -> None:
        """Choose the highlighted line; if locked, continue."""
        if self._locked or not self.option_count:
            self.post_message(self.Continued())
        else:
            self.action_select()

    def action_select(self) -> None:
        """Choose the highlighted line, also on a click."""
        if not self._locked:
            super().action_select()
