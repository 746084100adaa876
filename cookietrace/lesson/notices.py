"""The notes on a trace as people read them: each thing once, and first what still holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from cookietrace.fold.exchange import Note, NoteKind
from cookietrace.lesson.display_text import shown
from cookietrace.trace import Trace

_Key = tuple[NoteKind, str | None, str]
"""What notes that say the same have in common, whichever client: kind, host and message."""


class Notice(msgspec.Struct, frozen=True):
    """One or more notes that say the same."""

    kind: NoteKind
    text: str
    """Display text, in one line."""
    times: int
    over: bool
    """Whether it no longer holds: each client's requests to the host came through since."""

    @property
    def line(self) -> str:
        """The text, with how often it was so and whether it is over."""
        often = f" ({self.times:,} times)" if self.times > 1 else ""
        return f"{self.text}{often}{' · over: it came through since' if self.over else ''}"


class NoticeBoard:
    """The notices of a growing trace; each note costs the same, however many came before it."""

    def __init__(self, trace: Trace, lost: Iterable[str] = ()) -> None:
        """``lost`` are lines on what of the trace's file could not be read."""
        self._trace = trace
        self._seen = 0
        self._seen_ended = 0
        self._times: Counter[_Key] = Counter()
        """How many notes there are of each, the newest last."""
        self._holding: Counter[_Key] = Counter()
        """How many of those hold, the newest last; none that is over."""
        for line in lost:
            key = (NoteKind.GAP, None, f"Not all was read: {line}")
            self._times[key] = self._holding[key] = 1

    def update(self) -> None:
        """Take in what has been noted since, and what has ended."""
        notes, ended = self._trace.notes, self._trace.notes_ended
        last_ended = len(ended)  # counted first, so that its note is among those counted next
        last = len(notes)
        for index in range(self._seen, last):
            key = _key(notes[index])
            for times in (self._times, self._holding):
                times[key] = times.pop(key, 0) + 1
        for at in range(self._seen_ended, last_ended):
            key = _key(notes[ended[at]])
            self._holding[key] -= 1
            if not self._holding[key]:
                del self._holding[key]
        self._seen, self._seen_ended = last, last_ended

    def __len__(self) -> int:
        """Return how many there are, with those that are over."""
        return len(self._times)

    @property
    def newest(self) -> Notice | None:
        """The newest that holds, None where none does."""
        key = next(reversed(self._holding), None)
        return self._notice(key) if key is not None else None

    def all(self) -> tuple[Notice, ...]:
        """Return what holds, then what is over, the newest first in both."""
        told = [self._notice(key) for key in reversed(self._times)]
        return tuple(sorted(told, key=lambda notice: notice.over))

    def _notice(self, key: _Key) -> Notice:
        kind, host, message = key
        text = f"{shown(host)}: {shown(message)}" if host else shown(message)
        return Notice(kind, text, self._times[key], over=key not in self._holding)


def _key(note: Note) -> _Key:
    return note.kind, note.host, note.message
