"""Brings what the follower folded into the story, and draws it, however fast it arrives."""

from __future__ import annotations

import msgspec

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.table import TableUpdate
from tui.app.host import Host
from tui.app.problems import Problems
from tui.app.searching import Searching
from tui.state.story import Change, Story, merge_changes


class Updates:
    """Collects changes of the story and draws all that are waiting at once."""

    def __init__(self, host: Host, story: Story, searching: Searching, problems: Problems) -> None:
        self._host = host
        self._story = story
        self._searching = searching
        self._problems = problems
        self._waiting: list[Change] = []
        self.drawn_position = 0
        """The position in the capture up to which events are drawn."""

    def apply(self, update: TraceUpdate) -> Change:
        """Apply an update to the story now, and draw it soon."""
        change = self._story.apply(update)
        self._waiting.append(change)
        self._problems.story_changed()
        if len(self._waiting) == 1:
            self._host.call_later(self._draw)
        return change

    def _draw(self) -> None:
        changes, self._waiting = self._waiting, []
        self.drawn_position = changes[-1].update.position
        screen = self._host.ready_screen
        if screen is not None:
            screen.story_changed(merge_changes(changes))

    def table_replaced(self) -> None:
        """Draw everything: the focus or the mask changed, so the story has a new table."""
        nothing = TableUpdate()  # the waiting changes name steps of the old table
        self._waiting = [msgspec.structs.replace(change, table=nothing) for change in self._waiting]
        self._searching.resume()
        screen = self._host.ready_screen
        if screen is not None:
            screen.show_story()
        self._problems.table_replaced()
