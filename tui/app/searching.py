"""Searches the steps for a text, and moves between the matches."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from tui.app.host import Host
from tui.app.stepping import Stepping
from tui.state.story import Story

_AT_ONCE_SECONDS: Final = 0.02
"""Seconds of searching before anything else is done; a long table takes more."""

_MANY: Final = 500
"""More changed rows than that are searched again with all others, bit by bit."""

_PROGRESS_SECONDS: Final = 0.25
"""Seconds between two drawings of what has been found so far."""


class Searching:
    """Runs ``story.finder`` whenever there is time."""

    def __init__(self, host: Host, story: Story, stepping: Stepping) -> None:
        self._host = host
        self._story = story
        self._stepping = stepping
        self._shown_at = 0.0

    def search(self, needle: str) -> None:
        """Search for a text; an empty one ends the search."""
        self._story.finder.look_for(needle)
        self.resume()

    def end(self) -> None:
        """End the search, if there is one."""
        if self._story.finder.needle:
            self.search("")

    def rows_changed(self, steps: Iterable[int]) -> None:
        """Search changed rows again, and new ones."""
        finder, again = self._story.finder, tuple(steps)
        if finder.needle:
            if len(again) > _MANY:
                finder.restart()
            else:
                finder.recheck(self._story.table, again)
            self.resume()

    def resume(self) -> None:
        """Search some more rows now, and the rest when there is time."""
        if not self._scan(time.monotonic() + _AT_ONCE_SECONDS):
            self._host.take_turns(self._scan)
        self._show_matches()

    def _scan(self, end: float) -> bool:
        finder, table = self._story.finder, self._story.table
        finder.scan(table, end)
        behind = finder.behind(table)
        if not behind or time.monotonic() - self._shown_at >= _PROGRESS_SECONDS:
            self._show_matches()
        return not behind

    def go_to_match(self, direction: int) -> None:
        """Go to the next match, or to the previous one if ``direction`` is negative."""
        finder = self._story.finder
        find = finder.after if direction > 0 else finder.before
        step = find(self._story.step)
        if step is not None:
            self._stepping.go_to(step)
        elif finder.behind(self._story.table):
            self._host.notify("No match so far: still searching.", timeout=2)
        elif finder.needle:
            self._host.notify("No matches.")
        else:
            self._host.notify("Nothing to search for. Press / first.")

    def _show_matches(self) -> None:
        self._shown_at = time.monotonic()
        screen = self._host.ready_screen
        if screen is not None:
            screen.matches_changed()
