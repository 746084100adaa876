"""The footer, drawn again only when its keys change."""

from __future__ import annotations

from textual.binding import Binding
from textual.widgets import Footer

ShownKey = tuple[Binding, bool, str]
"""A key with its description, whether it can be pressed now, and its tooltip."""


class SteadyFooter(Footer):
    """Textual's footer, which keeps its widgets while the screen's keys stay the same.

    Textual replaces every widget of the footer whenever the focus moves, a widget comes or
    goes, or a screen comes to the front. That costs more than drawing a step that a key has
    selected, and nothing on the screen changes.
    """

    _drawn: list[ShownKey] | None = None

    async def recompose(self) -> None:
        """Replace the keys if they are not the ones that are drawn.

        Textual draws none until the screen's bindings are known.
        """
        if not self.is_attached:
            return
        keys = [
            (binding, enabled, tooltip)
            for _, binding, enabled, tooltip in self.screen.active_bindings.values()
            if binding.show
        ]
        if keys != self._drawn or not self.children:
            self._drawn = keys
            await super().recompose()
