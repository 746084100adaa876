"""What is known about one recorder: whether it is alive, how far behind, and what it lost."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from cookietrace.lesson.display_text import plural, shown
from cookietrace.safe_text import safe

CLOCK_OFF: Final = 120.0
"""From how many seconds on a difference between two clocks is too large to order events by."""

_CENTURY: Final = 36_525 * 86_400.0


class Life(StrEnum):
    """Whether more is to be expected of a recorder."""

    LIVE = "live"
    """It said so recently, or a process writes to its capture."""
    SILENT = "silent"
    """It has not ended, and has said nothing for too long."""
    ENDED = "ended"
    GONE = "gone"
    """Its capture is no longer there; what was read from it stays."""
    NOT_SHOWN = "not shown"
    """Its capture cannot be read, or not together with the others."""


class RecorderState(msgspec.Struct, frozen=True, kw_only=True):
    """One recorder, as a list shows it."""

    name: str
    """The name that it has among the others; wire text."""
    life: Life
    host: str = ""
    """The machine that it runs on, as it calls itself; empty if it is not known."""
    silent: float = 0.0
    """For how many seconds it has said nothing."""
    unpublished: int = 0
    """How many events of its own capture were not published yet when it last spoke."""
    unread: int = 0
    """How many events are there for us to read."""
    lost: int = 0
    """How often it lost traffic: the gaps of its capture."""
    lost_message: str = ""
    """What it said about the last time."""
    clock_off: float = 0.0
    """By how many seconds its clock is ahead of the common one, if that is a lot; otherwise 0."""
    trouble: str | None = None
    """What is wrong with it, in one line."""
    remark: str | None = None
    """What else to know about it, in one line."""

    @property
    def shown_name(self) -> str:
        """The name as display text."""
        return shown(self.name)

    @property
    def telling(self) -> tuple[str, ...]:
        """The lines that a viewer should be told of it, without being asked."""
        name, lines = self.shown_name, []
        if self.life is Life.NOT_SHOWN:
            lines.append(f"{name} is not shown: {safe(self.trouble or 'it cannot be read')}")
        elif self.life is Life.GONE:
            lines.append(f"{name} is no longer there; what was read from it stays")
        elif self.life is Life.SILENT:
            lines.append(
                f"{name} is silent: it or its connection to Redis is down; what it records in the "
                "meantime appears when it is back"
            )
        if self.trouble is not None and self.life is not Life.NOT_SHOWN:
            lines.append(f"{name} cannot be read any further: {safe(self.trouble)}")
        if self.clock_off:
            way = "ahead" if self.clock_off > 0 else "behind"
            lines.append(
                f"The clock of {name} is {duration(abs(self.clock_off))} {way}: its steps are "
                "ordered among the others by arrival"
            )
        if self.remark is not None:
            lines.append(safe(self.remark))
        return tuple(lines)


def duration(seconds: float) -> str:
    """Return a time in its two largest units: ``3 h 12 min``."""
    if not seconds < _CENTURY:  # whatever is not finite included
        return "over 100 years"
    whole = int(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (left, "s")]
    first = next((at for at, (count, _) in enumerate(parts) if count), len(parts) - 1)
    told = [f"{count} {unit}" for count, unit in parts[first : first + 2] if count]
    return " ".join(told) or "0 s"


def brief_summary(states: tuple[RecorderState, ...]) -> str:
    """Return how the recorders are, in a few words: ``38 live, 2 silent``."""
    if not states:
        return "no recorder yet"
    counts = [(life, sum(state.life is life for state in states)) for life in Life]
    return ", ".join(f"{count:,} {life}" for life, count in counts if count)


def summary(states: tuple[RecorderState, ...]) -> str:
    """Return how many recorders there are, and how they are, in one line."""
    brief = brief_summary(states)
    return f"{plural(len(states), 'recorder')}: {brief}" if states else brief
