"""A few lines to choose one from, with the arrow keys and Enter, or the mouse."""

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
"""The most lines that one choice is broken into."""

_PADDING: Final = 2


class Choice(msgspec.Struct, frozen=True):
    """One line to choose, broken into more where it is long; display text."""

    sign: str
    sign_style: str
    text: str
    style: str = "$foreground"

    def content(self, width: int) -> tuple[Content, int]:
        """Return it in so many cells, and how many lines it takes."""
        lead = cell_len(self.sign) + 2
        lines = fit(self.text, max(8, width - lead), _LINES)
        text = ("\n" + " " * lead).join(lines)
        content = Content.assemble((f"{self.sign}  ", self.sign_style), (text, self.style))
        return content, max(1, len(lines))


class Choices(OptionList, inherit_bindings=False):
    """Leaves every other key alone; posts ``OptionSelected``, and once it is locked ``Left``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("enter", "enter", "Choose", show=False),
    ]

    class Left(Message):
        """Enter was pressed where there is nothing to choose any more."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, markup=False, compact=True)
        self._choices: tuple[Choice, ...] = ()
        self._tall: list[int] = []
        self._wide = 0
        self._locked = False

    def show(self, choices: Sequence[Choice], *, locked: bool = False) -> None:
        """Show other lines; locked, none can be chosen, and the keys scroll what is around."""
        self._choices, self._locked = tuple(choices), locked
        self._draw(0)

    def _draw(self, highlighted: int) -> None:
        self._wide = self.size.width
        drawn = [choice.content(self._wide - _PADDING) for choice in self._choices]
        self._tall = [height for _, height in drawn]
        self.set_options([content for content, _ in drawn])
        if drawn and not self._locked:
            self.highlighted = highlighted

    def on_resize(self, _event: events.Resize) -> None:
        """Break the lines anew."""
        if self.size.width != self._wide:
            self._draw(self.highlighted or 0)

    def action_move(self, by: int) -> None:
        """Go to another line, round at both ends."""
        if self._locked or not self.option_count:
            raise SkipAction
        index = ((self.highlighted or 0) + by) % self.option_count
        self.highlighted = index
        if isinstance(self.parent, Widget):
            place = self.virtual_region
            top = place.y + sum(self._tall[:index])
            region = Region(place.x, top, place.width, self._tall[index])
            self.parent.scroll_to_region(region, animate=False)

    def action_enter(self) -> None:
        """Choose the line, or leave where there is nothing to choose."""
        if self._locked or not self.option_count:
            self.post_message(self.Left())
        else:
            self.action_select()

    def action_select(self) -> None:
        """Choose the line, also by a click."""
        if not self._locked:
            super().action_select()
