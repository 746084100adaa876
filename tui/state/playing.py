"""Automatic stepping: whether it is on, how fast it is, and what a key press or a tick changes."""

from __future__ import annotations

from typing import Final

import msgspec

from tui.state.selection import Selection

SPEEDS: Final = ((0.5, "½×"), (1.0, "1×"), (2.0, "2×"), (4.0, "4×"), (8.0, "8×"))
"""Steps per second, and the name of that speed."""


class Playing(msgspec.Struct, frozen=True):
    """Whether the selected step advances by itself, and how fast."""

    on: bool = False
    speed: int = 1
    """An index into ``SPEEDS``."""

    @property
    def wait(self) -> float:
        """Seconds from one step to the next."""
        return 1 / SPEEDS[self.speed][0]

    @property
    def name(self) -> str:
        """The name of the speed."""
        return SPEEDS[self.speed][1]

    @property
    def label(self) -> str:
        """The state in a few words; empty while paused."""
        return f"▶ playing {self.name}" if self.on else ""

    def paused(self) -> Playing:
        """Return the same speed, paused."""
        return msgspec.structs.replace(self, on=False)

    def faster(self, by: int) -> Playing:
        """Return the state ``by`` speeds faster (slower if negative), within ``SPEEDS``."""
        speed = max(0, min(self.speed + by, len(SPEEDS) - 1))
        return msgspec.structs.replace(self, speed=speed)


def toggled(
    playing: Playing, selection: Selection, count: int, *, more: bool
) -> tuple[Playing, Selection]:
    """Play or pause, as the user asks; return both new states.

    ``more`` is True if more steps may arrive. At the end of a live trace, playing
    means following, so there this starts and pauses following instead.
    """
    paused = playing.paused()
    if playing.on or not count:
        return paused, selection
    if selection.step >= count:
        if more:
            follows = selection.following
            return paused, selection.paused(count) if follows else selection.follow(count)
        selection = selection.at(1, count)
    if selection.step >= count:
        return paused, selection
    return msgspec.structs.replace(playing, on=True), selection


def stepped(
    playing: Playing, selection: Selection, count: int, *, more: bool
) -> tuple[Playing, Selection]:
    """Advance one step because its time has come; return both new states.

    At the last step playing stops; if more steps may arrive, following starts.
    """
    if not playing.on or not count:
        return playing.paused(), selection
    selection = selection.at(selection.step + 1, count)
    if selection.step < count:
        return playing, selection
    return playing.paused(), selection.follow(count) if more else selection
