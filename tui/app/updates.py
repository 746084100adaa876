"""Brings what was folded into the story, and draws it, however fast it arrives."""

from __future__ import annotations

import time
from typing import Final

import msgspec

from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.table import TableUpdate
from tui.app.host import Host
from tui.app.problems import Problems
from tui.app.searching import Searching
from tui.state.story import Change, Story, merge_changes

_LOADING_SECONDS: Final = 0.4
"""Seconds between two drawings while a capture is loaded: what is drawn delays the rest."""

_AFTER_KEY: Final = 0.15
"""Seconds after a key press in which what was loaded is not drawn: what the key does comes first,
and shows how far it is as well."""

_LONGEST_WAIT: Final = 1.0
_SHARE: Final = 60
"""On a busy machine they are up to ``_LONGEST_WAIT``: so many times what ``_draw`` took.

That is a part of what a drawing takes, since the screen is painted later.
"""

_AT_ONCE: Final = 64
"""How many exchanges a narrow focus looks at between two looks at the clock."""


class Updates:
    """Collects changes of the story and draws all that are waiting at once."""

    def __init__(self, host: Host, story: Story, searching: Searching, problems: Problems) -> None:
        self._host = host
        self._story = story
        self._searching = searching
        self._problems = problems
        self._waiting: list[Change] = []
        self._due = False
        self._drawn_at = 0.0
        self._took = 0.0
        """The seconds that ``_draw`` took the last time."""
        self.drawn_position = 0
        """The position in the capture up to which events are drawn."""

    def apply(self, update: TraceUpdate) -> Change:
        """Apply an update to the story now, and draw it soon."""
        change = self._story.apply(update)
        self._waiting.append(change)
        if not self._story.table.behind:
            self._problems.story_changed()
        self._draw_soon()
        return change

    def _draw_soon(self) -> None:
        if not self._due:
            self._due = True
            between = max(_LOADING_SECONDS, min(_LONGEST_WAIT, _SHARE * self._took))
            wait = self._drawn_at + between - time.monotonic()
            if not self._busy or wait <= 0:
                self._host.call_later(self._draw_after_keys)
            else:
                self._host.set_timer(wait, self._draw_after_keys)

    @property
    def _busy(self) -> bool:
        """Whether more comes as fast as it can be read."""
        return self._story.loading is not None or bool(self._story.table.behind)

    def _draw_after_keys(self) -> None:
        """Draw, but while keys are pressed during long work only from time to time."""
        left = _AFTER_KEY - self._host.since_key
        if left > 0 and self._busy and time.monotonic() < self._drawn_at + _LONGEST_WAIT:
            self._host.set_timer(left, self._draw_after_keys)
        else:
            self._draw()

    def caught_up(self) -> None:
        """Draw what is left of the loading, and that it is over."""
        self._problems.story_changed()
        self._host.call_later(self._draw)

    def _draw(self) -> None:
        self._due = False
        changes, self._waiting = self._waiting, []
        self._drawn_at = time.monotonic()
        screen = self._host.ready_screen
        self.drawn_position = self._story.trace.position
        if changes:
            self.drawn_position = changes[-1].position
            if screen is not None:
                screen.story_changed(merge_changes(changes))
        elif screen is not None:
            screen.show_story()
        self._took = time.monotonic() - self._drawn_at

    def table_replaced(self) -> None:
        """Draw everything: the focus or the mask changed, so the story has a new table."""
        nothing = TableUpdate()  # the waiting changes name steps of the old table
        self._waiting = [msgspec.structs.replace(change, table=nothing) for change in self._waiting]
        self._searching.resume()
        screen = self._host.ready_screen
        if screen is not None:
            screen.show_story()
        if self._story.table.behind:
            self._host.take_turns(self._place_more)
        else:
            self._problems.table_replaced()

    def _place_more(self, end: float) -> bool:
        """Place more rows of a narrow focus until about a time; True if nothing is left."""
        story = self._story
        if not story.table.behind:
            return True
        changes = [story.place_more(_AT_ONCE)]
        while story.table.behind and time.monotonic() < end and not self._host.key_waiting:
            changes.append(story.place_more(_AT_ONCE))
        self._waiting += changes
        self._draw_soon()
        if story.table.behind:
            return False
        self._problems.table_replaced()
        self._searching.resume()
        self._host.call_later(self._draw_all)
        return True

    def _draw_all(self) -> None:
        screen = self._host.ready_screen
        if screen is not None:
            screen.show_story()
