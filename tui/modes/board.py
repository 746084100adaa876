"""What the modes have in common whose board takes in a long trace bit by bit."""

from __future__ import annotations

import time
from typing import ClassVar, Final

from tui.modes.base import ModeScreen
from tui.state.story import Change
from tui.widgets.empty_state import EmptyState

SLICE: Final = 0.008
"""Seconds that a board takes at once, so that no key is kept waiting."""

_BREATH: Final = 0.005
"""Seconds left to keys and drawing between two slices."""

_SHOWN_EVERY: Final = 0.3
"""Seconds between two drawings while a board catches up."""


class BoardScreen(ModeScreen):
    """A mode whose ``look_on`` takes in a little at a time, and whose ``draw`` shows it."""

    CALM: ClassVar[float] = 0.15
    """Seconds between two drawings while traffic flows."""

    _due = False
    _drawn_at = 0.0
    caught_up = False
    """True where the board has taken in every step."""

    def look_on(self) -> bool:
        """Let the board take in a little more; True where nothing is left."""
        return True

    def draw(self) -> None:
        """Show the board as far as it has come."""

    @property
    def at_rest(self) -> bool:
        """True where the board has taken in everything, and all of it is drawn."""
        return self.caught_up and not self._due

    def body_changed(self, change: Change) -> None:
        """Look again soon."""
        del change
        self.caught_up = False
        self._go_on_in(self.CALM)

    def refresh_body(self) -> None:
        """Show the story as it is now, as far as the board has come."""
        self._look()
        self._draw()
        if not self.caught_up:
            self._go_on_in(_BREATH)

    def _go_on_in(self, seconds: float) -> None:
        if not self._due:
            self._due = True
            self.set_timer(seconds, self._go_on)

    def _go_on(self) -> None:
        self._due = False
        if not self.ready or not self.is_current:
            return
        self._look()
        if self.caught_up or time.monotonic() - self._drawn_at >= _SHOWN_EVERY:
            self._draw()
        if not self.caught_up:
            self._go_on_in(_BREATH)

    def _look(self) -> None:
        end = time.monotonic() + SLICE
        self.caught_up = self.look_on()
        while not self.caught_up and time.monotonic() < end:
            self.caught_up = self.look_on()

    def _draw(self) -> None:
        self._drawn_at = time.monotonic()
        self._advise()
        self.draw()

    def _advise(self) -> None:
        """Say what to do in place of the body while there are no steps."""
        empty = self.query_one(EmptyState).advise(self.story)
        self.query_one("#board").display = not empty

    def progress(self, seen: int) -> str:
        """Return how far the board has looked, while it is behind."""
        if self.caught_up:
            return ""
        return f"looked at {seen:,} of {self.story.count:,} steps"
