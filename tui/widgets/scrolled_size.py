"""Gives a scrolling widget another size inside, without laying out the screen."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget


def resize_inside(view: ScrollView, size: Size) -> None:
    """Set ``view.virtual_size``, and draw its scrollbar.

    Setting the attribute lays out the whole screen and draws all of it. Nothing around the view
    depends on what it scrolls over, as long as its scrollbar does not come and go.
    """
    if size != view.virtual_size:
        view.set_reactive(Widget.virtual_size, size)
        view._scroll_update(size)
