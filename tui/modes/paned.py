"""What the modes have in common that are a table with a pane beside or below it."""

from __future__ import annotations

from tui.modes.base import ModeScreen
from tui.widgets.detail_pane import DetailPane
from tui.widgets.virtual_table import VirtualTable


class PanedScreen(ModeScreen):
    """A mode whose pane can be hidden, or be given the whole body."""

    @property
    def front(self) -> VirtualTable:
        """The table that has the keys while the pane has not the whole body."""
        return self.query_one(VirtualTable)

    @property
    def pane(self) -> DetailPane:
        """The pane."""
        return self.query_one(DetailPane)

    def show_detail(self) -> None:
        """Show in the pane what there is to say of the row under the cursor."""

    def leave(self) -> None:
        """Do what Escape does where the pane has not the whole body."""

    def action_toggle_detail(self) -> None:
        """Hide the pane, or show it."""
        self.remove_class("-zoomed")
        self.toggle_class("-no-detail")
        self.front.focus()
        self.call_after_refresh(self.show_detail)

    def action_zoom_detail(self) -> None:
        """Give the pane the whole body, or take it back."""
        self.toggle_class("-zoomed")
        self.call_after_refresh(self._zoomed)

    def _zoomed(self) -> None:
        self.show_detail()
        (self.pane if self.has_class("-zoomed") else self.front).focus()

    def action_back(self) -> None:
        """Leave the zoomed pane, else what the mode has to leave."""
        if self.has_class("-zoomed"):
            self.action_zoom_detail()
        else:
            self.leave()
