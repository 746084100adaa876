"""Notes on what was removed from the beginning of a capture."""

from __future__ import annotations

from datetime import UTC, datetime

from cookietrace.events import Jar, Removed
from cookietrace.fold.exchange import NoteKind
from cookietrace.fold.notes import Notes

_SIZES = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB"), (1, "bytes"))
_AGES = ((86400.0, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))


class CutNotes:
    """The notes on the cuts of one trace; only the latest of them holds."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._index: int | None = None
        self.removed: Removed | None = None
        """What is missing, as far as the latest cut says; None if nothing is."""

    def removed_before(self, removed: Removed | None, position: int) -> None:
        """Add a note if something is missing that no note has told of yet."""
        if removed is None or removed == self.removed:
            return
        self.removed = removed
        if removed.exchanges <= 0:
            return
        if self._index is not None:
            self._notes.ended.append(self._index)
        self._index = len(self._notes.all)
        self._notes.add(NoteKind.REMOVED, position, message_of(removed))

    def forgotten(self, problem: str, event: Jar, position: int) -> None:
        """Add a note that verdicts after a cut are less certain."""
        message = (
            f"What was known about this client before is not: {problem}. Verdicts on its first "
            "requests are less certain."
        )
        self._notes.add(NoteKind.FORGOTTEN, position, message, client_id=event.client_id)


def message_of(removed: Removed) -> str:
    """Return what is missing from a capture, and why, as a sentence."""
    many = "1 exchange" if removed.exchanges == 1 else f"{removed.exchanges:,} exchanges"
    was = "was" if removed.exchanges == 1 else "were"
    what = f"{many} up to {_time(removed.until)}"
    if removed.why == "left out":
        return f"{what} {was} left out of this copy."
    if removed.why == "compacted":
        return f"{what} {was} removed from this capture."
    limits = []
    if removed.most_bytes is not None:
        limits.append(size_text(removed.most_bytes))
    if removed.most_seconds is not None:
        limits.append(age_text(removed.most_seconds))
    why = f": it is limited to {' and '.join(limits)}" if limits else ""
    return f"{what} {was} removed from this capture{why}."


def size_text(size: int) -> str:
    """Return a number of bytes in the largest unit in which it is a whole number."""
    unit, name = next(each for each in _SIZES if size % each[0] == 0)
    return f"{size // unit:,} {name}"


def age_text(seconds: float) -> str:
    """Return a time in the largest unit in which it is a whole number."""
    for unit, name in _AGES:
        count, rest = divmod(seconds, unit)
        if count and not rest:
            return f"{count:,.0f} {name}{'' if count == 1 else 's'}"
    return f"{seconds:,g} seconds"


def _time(at: float) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, OSError, ValueError):
        return "an unknown time"
