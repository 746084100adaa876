"""Searches the steps for a text, and moves between the matches."""

from __future__ import annotations

from collections.abc import Iterable

from tui.app.host import Host
from tui.app.stepping import Stepping
from tui.state.story import Story


class Searching:
    """Runs ``story.finder`` whenever there is time."""

    def __init__(self, host: Host, story: Story, stepping: Stepping) -> None:
        self._host = host
        self._story = story
        self._stepping = stepping

    def search(self, needle: str) -> None:
        """Search for a text; an empty one ends the search."""
        self._story.finder.look_for(needle)
        self.resume()
        self._show_matches()

    def end(self) -> None:
        """End the search, if there is one."""
        if self._story.finder.needle:
            self.search("")

    def rows_changed(self, steps: Iterable[int]) -> None:
        """Search changed rows again, and new ones."""
        finder = self._story.finder
        if finder.needle:
            finder.recheck(self._story.table, steps)
            self.resume()

    def resume(self) -> None:
        """Search some more rows now, and the rest when there is time."""
        finder, table = self._story.finder, self._story.table
        found = finder.scan(table)
        behind = finder.behind(table)
        if behind:
            self._host.set_timer(0.001, self.resume)
        if found or not behind:
            self._show_matches()

    def go_to_match(self, direction: int) -> None:
        """Go to the next match, or to the previous one if ``direction`` is negative."""
        finder = self._story.finder
        find = finder.after if direction > 0 else finder.before
        step = find(self._story.step)
        if step is not None:
            self._stepping.go_to(step)
        elif finder.needle:
            self._host.notify("No matches.")
        else:
            self._host.notify("Nothing to search for. Press / first.")

    def _show_matches(self) -> None:
        screen = self._host.ready_screen
        if screen is not None:
            screen.matches_changed()
