"""The list of recorders: one line each, in columns that fit a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from cookietrace.lesson.display_text import plural
from cookietrace.recorders.state import Life, RecorderState, duration
from cookietrace.safe_text import safe

HEADINGS: Final = ("Recorder", "State", "Behind", "Lost", "Problems")

NOTHING: Final = "–"


class ListedRecorder(msgspec.Struct, frozen=True):
    """One line of the list; display text."""

    state: RecorderState
    cells: tuple[str, str, str, str, str]
    """As ``HEADINGS`` has them."""

    @property
    def detail(self) -> str:
        """What else is known about it, in one line; empty if nothing is."""
        state = self.state
        parts = []
        if state.host:
            parts.append(f"on {safe(state.host)}")
        if state.unpublished:
            parts.append(f"{plural(state.unpublished, 'event')} not published yet")
        if state.unread:
            parts.append(f"{plural(state.unread, 'event')} not read yet")
        if state.lost:
            what = f": {safe(state.lost_message)}" if state.lost_message else ""
            parts.append(f"{plural(state.lost, 'gap')}{what}")
        if state.clock_off:
            way = "ahead" if state.clock_off > 0 else "behind"
            parts.append(f"clock {duration(abs(state.clock_off))} {way}")
        if state.trouble is not None:
            parts.append(safe(state.trouble))
        if state.remark is not None:
            parts.append(safe(state.remark))
        return " · ".join(parts)


def listed_recorders(
    states: Sequence[RecorderState], found: Mapping[str, str] | None = None
) -> tuple[ListedRecorder, ...]:
    """Return the list; ``found`` has how many problems a recorder's clients have, as text."""
    return tuple(
        ListedRecorder(state, _cells(state, (found or {}).get(state.name, ""))) for state in states
    )


def _cells(state: RecorderState, found: str) -> tuple[str, str, str, str, str]:
    life = state.life.value
    if state.life is Life.SILENT and state.silent:
        life = f"silent {duration(state.silent)}"
    behind = state.unpublished + state.unread
    return (
        state.shown_name,
        life,
        f"{behind:,}" if behind else NOTHING,
        plural(state.lost, "gap") if state.lost else NOTHING,
        found or NOTHING,
    )
