"""Stepping by itself: one frozen value, and what a key press and the passing time make of it."""

from __future__ import annotations

from typing import Final

import msgspec

from tui.state.selection import Selection

SPEEDS: Final = ((0.5, "½×"), (1.0, "1×"), (2.0, "2×"), (4.0, "4×"), (8.0, "8×"))
"""Steps a second, and how that is called."""


class Playing(msgspec.Struct, frozen=True):
    """Whether the selected step moves on by itself, and how fast."""

    on: bool = False
    speed: int = 1
    """An index of ``SPEEDS``."""

    @property
    def wait(self) -> float:
        """Seconds from one step to the next."""
        return 1 / SPEEDS[self.speed][0]

    @property
    def name(self) -> str:
        """The speed as it is called."""
        return SPEEDS[self.speed][1]

    @property
    def told(self) -> str:
        """The state in a few words; nothing while it stands still."""
        return f"▶ playing {self.name}" if self.on else ""

    def paused(self) -> Playing:
        """Return it standing still."""
        return msgspec.structs.replace(self, on=False)

    def faster(self, by: int) -> Playing:
        """Return it faster by so many speeds, slower where that is negative, held in range."""
        speed = max(0, min(self.speed + by, len(SPEEDS) - 1))
        return msgspec.structs.replace(self, speed=speed)


def toggled(
    playing: Playing, selection: Selection, count: int, *, more: bool
) -> tuple[Playing, Selection]:
    """Play or pause, as a person asks; return both values as they are then.

    ``more`` is True while steps may still come. Following is how such a trace
    plays at its end, so that is what begins and pauses there.
    """
    still = playing.paused()
    if playing.on or not count:
        return still, selection
    if selection.step >= count:
        if more:
            follows = selection.following
            return still, selection.paused(count) if follows else selection.follow(count)
        selection = selection.at(1, count)
    if selection.step >= count:
        return still, selection
    return msgspec.structs.replace(playing, on=True), selection


def stepped(
    playing: Playing, selection: Selection, count: int, *, more: bool
) -> tuple[Playing, Selection]:
    """Go one step on, as the time asks; return both values as they are then.

    At the last step it stops, and goes into following while more may come.
    """
    if not playing.on or not count:
        return playing.paused(), selection
    selection = selection.at(selection.step + 1, count)
    if selection.step < count:
        return playing, selection
    return playing.paused(), selection.follow(count) if more else selection
