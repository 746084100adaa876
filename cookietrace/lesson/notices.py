"""The notes on a trace as a list of notices: equal notes once, current ones first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable

import msgspec

from cookietrace.fold.exchange import Note, NoteKind
from cookietrace.fold.housekeeping import is_of_browsers
from cookietrace.lesson.display_text import shown
from cookietrace.trace import Trace

_Key = tuple[NoteKind, str | None, str]
"""What equal notes of any client have in common: kind, host and message."""


_QUIET = frozenset({NoteKind.FRESH_BROWSER})
"""The kinds that the user made, and so need not be shown until asked for."""

_ENDED = {
    NoteKind.THIRD_PARTY_BLOCKED: "such cookies were sent since",
    NoteKind.RECORDERS: "no longer so",
}
"""Why a note of a kind no longer holds; for the others, a request to the host succeeded."""


class Notice(msgspec.Struct, frozen=True):
    """One or more equal notes."""

    kind: NoteKind
    text: str
    """Display text, one line."""
    times: int
    over: bool
    """True if it no longer holds: each client's requests to the host have succeeded since."""

    @property
    def line(self) -> str:
        """The text, with how often it occurred and whether it is over."""
        often = f" ({self.times:,} times)" if self.times > 1 else ""
        ended = _ENDED.get(self.kind, "requests succeeded since")
        return f"{self.text}{often}{f' · over: {ended}' if self.over else ''}"


class NoticeBoard:
    """The notices of a growing trace; a note takes constant time, however many came before."""

    def __init__(self, trace: Trace, lost: Iterable[str] = ()) -> None:
        """``lost`` are lines about parts of the capture file that could not be read."""
        self._trace = trace
        self._seen = 0
        self._seen_ended = 0
        self._times: Counter[_Key] = Counter()
        """The number of notes of each kind, the newest last."""
        self._holding: Counter[_Key] = Counter()
        """The number of those that still hold, the newest last; none that is over."""
        for line in lost:
            key = (NoteKind.GAP, None, f"Not everything could be read: {line}")
            self._times[key] = self._holding[key] = 1

    def update(self) -> None:
        """Add the notes made since the last update, and those that have ended."""
        notes, ended = self._trace.notes, self._trace.notes_ended
        last_ended = len(ended)  # read first, so that its notes are among those read next
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

    def tell(self, lines: Iterable[str]) -> None:
        """Show what holds of the recorders now; what was told before and is not in it is over."""
        keys = {(NoteKind.RECORDERS, None, line): None for line in lines}
        for key in [key for key in self._holding if key[0] is NoteKind.RECORDERS]:
            if key not in keys:
                del self._holding[key]
        for new in keys:
            if new not in self._holding:
                self._times[new] = self._times.pop(new, 0) + 1
                self._holding[new] = 1

    def __len__(self) -> int:
        """Return the number of notices, including those that are over."""
        return len(self._times)

    @property
    def newest(self) -> Notice | None:
        """The newest notice that holds; without what the user or the browser itself made."""
        key = next((key for key in reversed(self._holding) if not _is_quiet(key)), None)
        return self._notice(key) if key is not None else None

    def all(self) -> tuple[Notice, ...]:
        """Return the notices that hold, then those that are over, both newest first."""
        notices = [self._notice(key) for key in reversed(self._times)]
        return tuple(sorted(notices, key=lambda notice: notice.over))

    def _notice(self, key: _Key) -> Notice:
        kind, host, message = key
        text = f"{shown(host)}: {shown(message)}" if host else shown(message)
        return Notice(kind, text, self._times[key], over=key not in self._holding)


def in_order(notes: Iterable[Note]) -> list[Note]:
    """Return notes in the order in which they were made, for a text that tells them one by one.

    That a client's connections to a host failed is told once, however often and why.
    """
    told: dict[Hashable, Note] = {}
    for note in sorted(notes, key=lambda note: note.position):
        failed = note.kind is NoteKind.CONNECTION_FAILURE
        told.setdefault((note.client_id, note.host) if failed else len(told), note)
    return list(told.values())


def _is_quiet(key: _Key) -> bool:
    """Return whether a notice need not be shown until asked for."""
    kind, host, _ = key
    if kind in _QUIET:
        return True
    return kind is NoteKind.CONNECTION_FAILURE and host is not None and is_of_browsers(host.lower())


def _key(note: Note) -> _Key:
    return note.kind, note.host, note.message
