"""Changes the focus: which exchanges have rows in the table."""

from __future__ import annotations

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.focus import Focus
from tui.app.host import Host
from tui.app.updates import Updates
from tui.dialogs.focus import FocusDialog
from tui.state.story import Story


class Focusing:
    """Sets ``story.focus``, as the user asks or, the first time, because traffic left it."""

    def __init__(self, host: Host, story: Story, updates: Updates, *, opens: bool) -> None:
        """``opens``: show everything as soon as the focus excludes an exchange."""
        self._host = host
        self._story = story
        self._updates = updates
        self._opens = opens

    def choose(self) -> None:
        """Ask for a focus."""
        story = self._story
        dialog = FocusDialog(story.trace, story.focus, self._host.take_turns)
        self._host.ask(dialog, self._chosen)

    def _chosen(self, focus: Focus | None) -> None:
        if focus is not None:
            self.set(focus)

    def set(self, focus: Focus) -> None:
        """Change the focus for the user; from now on it never changes by itself."""
        self._opens = False
        if focus != self._story.focus:
            self._change(focus)

    def show_everything(self) -> None:
        """Remove the focus."""
        if self._story.focus == Focus():
            self._host.notify("Everything is already shown.", timeout=2)
        self.set(Focus())

    def exchanges_changed(self, update: TraceUpdate) -> None:
        """Show everything if the initial focus excludes an exchange of this update."""
        story = self._story
        if not self._opens:
            return
        if any(story.focus.leaves_out(story.trace.exchange(each)) for each in update.exchanges):
            self._opens = False
            self._change(Focus())
            self._host.notify("Now showing everything. Press o to choose a focus.")

    def _change(self, focus: Focus) -> None:
        self._story.set_focus(focus)
        self._updates.table_replaced()
