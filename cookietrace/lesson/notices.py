"""The notes on a trace as people read them: each thing once, and first what still holds."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cookietrace.fold.exchange import Note, NoteKind
from cookietrace.lesson.words import shown


class Notice(msgspec.Struct, frozen=True):
    """One or more notes that say the same."""

    kind: NoteKind
    text: str
    """Display text, in one line."""
    times: int
    over: bool
    """Whether it no longer holds: the client has reached the host since."""

    @property
    def line(self) -> str:
        """The text, with how often it was so and whether it is over."""
        often = f" ({self.times:,} times)" if self.times > 1 else ""
        return f"{self.text}{often}{' · over: it came through since' if self.over else ''}"


def notices(notes: Iterable[Note]) -> tuple[Notice, ...]:
    """Return what the notes say: what holds before what is over, the newest first in both."""
    same: dict[tuple[NoteKind, str | None, str | None, str], list[Note]] = {}
    for note in notes:
        key = (note.kind, note.client_id, note.host, note.message)
        alike = same.pop(key, [])
        alike.append(note)
        same[key] = alike  # the newest is the last
    told = [
        Notice(
            kind=each[-1].kind,
            text=_text(each[-1]),
            times=len(each),
            over=all(note.over_at is not None for note in each),
        )
        for each in reversed(same.values())
    ]
    return tuple(sorted(told, key=lambda notice: notice.over))


def _text(note: Note) -> str:
    host = f"{shown(note.host)}: " if note.host else ""
    return f"{host}{shown(note.message)}"
