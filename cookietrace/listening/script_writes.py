"""Finds the change of the cookie store that a script's write has made.

The page reports a write as it happens; the browser's log says later what became of it. A change
and a write belong together if name, value, domain and path are the same, in the order of both; of
writes that were made long before the change, none is meant. If the log has gone on and no such
cookie was stored, the browser did not store it.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from cookietrace.listening.said import Change, StoreEntry, text_of
from cookietrace.listening.script_reports import Write

MOST_WAITING: Final = 1024
"""How many writes, and how many changes, may wait; the oldest are given up."""

LATE: Final = 3.0
"""Seconds after a write in which the store changes, on a busy machine too."""

EARLY: Final = 0.25
"""Seconds before it: two clocks are compared."""

HOLD: Final = 8.0
"""Seconds that a change waits for the report of its write. Most often that was there before; while
a browser starts on a busy machine, it may come seconds later."""

AGAIN: Final = 60.0
"""Seconds in which a refusal of the same write, by the same line, is told once."""

_MOST_TOLD: Final = 1024
_FAR: Final = 5.0
"""Seconds by which a page's clock may differ from the log's: more, and it is not believed."""


class Refused(msgspec.Struct, frozen=True, gc=False):
    """A write that the browser did not store."""

    write: Write
    cause: str | None = None
    """Why, in the browser's own words, if it says so."""


_Key = tuple[str, str | None]
"""The name of what is written, and its value; None for a deletion, whose value says nothing."""

_Entries = dict[tuple[str, str], list[StoreEntry]]
"""By name and value, as texts."""


class ScriptWrites:
    """Matches the writes of one browser's scripts to the changes of its cookie store."""

    def __init__(self) -> None:
        self._writes: deque[Write] = deque(maxlen=MOST_WAITING)
        self._held: deque[tuple[float, Change]] = deque()
        self._told: OrderedDict[tuple[str, str, str | None, int | None], float] = OrderedDict()

    def reported(self, write: Write, log_time: float | None = None) -> None:
        """Take a write. ``log_time`` is what the log's clock said when it was reported, if known.

        That clock stands still while a machine sleeps, and a page's does not.
        """
        if log_time is not None and abs(log_time - write.at) > _FAR:
            write = msgspec.structs.replace(write, at=log_time)
        self._writes.append(write)

    def changed(self, change: Change, now: float) -> None:
        """Take a change that no response made; ``now`` is any clock that ``take`` has, too."""
        self._held.append((now, change))

    @property
    def waits(self) -> bool:
        """Whether something may have to be taken."""
        return bool(self._held or self._writes)

    def take(
        self, now: float, log_time: float, entries: deque[StoreEntry], *, last: bool = False
    ) -> Iterator[Change | Refused]:
        """Yield the changes, with the script and the line if they are known, and what was refused.

        ``log_time`` is how far the log was read, and ``entries`` are its latest on the cookie
        store, whoever has changed that. ``last`` means that nothing more is reported.
        """
        yield from self._matched(now, last=last)
        if self._writes:
            if len(entries) == entries.maxlen:
                self._forget_before(entries[0].at)
            yield from self._refused(log_time, entries)

    def _matched(self, now: float, *, last: bool) -> Iterator[Change]:
        """Yield the changes whose writes are known, and those that have waited too long."""
        if not self._held:
            return
        writes: dict[_Key, deque[Write]] = {}
        for write in self._writes:
            key = text_of(write.name), None if write.deletes else text_of(write.value)
            writes.setdefault(key, deque()).append(write)
        found: set[int] = set()
        left: deque[tuple[float, Change]] = deque()
        for since, change in self._held:
            value = text_of(change.value) if change.kind == "added" else None
            write_of = _take_out(writes.get((text_of(change.name), value)), change)
            if write_of is not None:
                found.add(id(write_of))
                yield msgspec.structs.replace(change, source=write_of.source, line=write_of.line)
            elif last or now - since >= HOLD or len(left) >= MOST_WAITING:
                yield change
            else:
                left.append((since, change))
        self._held = left
        if found:
            kept = [write for write in self._writes if id(write) not in found]
            self._writes = deque(kept, maxlen=MOST_WAITING)

    def forget(self) -> None:
        """Give up what waits: a part of the log was lost, and nothing is known about it."""
        self._writes.clear()

    def _forget_before(self, at: float) -> None:
        """Give up the writes of which the log's entries are not kept any more."""
        kept = [write for write in self._writes if write.at - EARLY > at]
        self._writes = deque(kept, maxlen=MOST_WAITING)

    def _refused(self, log_time: float, entries: Iterable[StoreEntry]) -> Iterator[Refused]:
        stored: _Entries = {}
        rejected: _Entries = {}
        for entry in entries:
            of = stored if entry.rejected is None else rejected
            of.setdefault(_pair(entry), []).append(entry)
        left: list[Write] = []
        held = [change for _, change in self._held]
        for write in self._writes:
            pair = _pair(write)
            cause = _rejected(write, rejected.get(pair, ()))
            if cause is None and log_time <= write.at + LATE:
                left.append(write)
                continue
            if cause is None and (
                write.deletes
                or any(_is_stored(write, each) for each in stored.get(pair, ()))
                or any(_is_meant(write, change) for change in held)
            ):
                continue
            if self._is_news(write):
                yield Refused(write, cause)
        if len(left) < len(self._writes):
            self._writes = deque(left, maxlen=MOST_WAITING)

    def _is_news(self, write: Write) -> bool:
        key = (write.name, write.domain, write.source, write.line)
        before = self._told.get(key)
        if before is not None and before <= write.at < before + AGAIN:
            return False
        self._told[key] = write.at
        self._told.move_to_end(key)
        if len(self._told) > _MOST_TOLD:
            self._told.popitem(last=False)
        return True


def _take_out(writes: deque[Write] | None, change: Change) -> Write | None:
    """Return the first of these writes that can have made a change, and take it out."""
    for at, write in enumerate(writes or ()):
        if write.at - EARLY <= change.at <= write.at + LATE and _is_meant(write, change):
            assert writes is not None
            del writes[at]
            return write
    return None


def _is_meant(write: Write, change: Change) -> bool:
    """Return whether a change is what a write asks for."""
    if change.kind == "added":
        if write.deletes or text_of(change.value) != text_of(write.value):
            return False
    elif not write.deletes or change.cause != "expired_overwrite":
        return False
    return (
        text_of(change.name) == text_of(write.name)
        and _same_domain(write, change.domain)
        and _same_path(write, change.path)
    )


def _pair(of: Write | StoreEntry) -> tuple[str, str]:
    return text_of(of.name), text_of(of.value)


def _is_stored(write: Write, entry: StoreEntry) -> bool:
    """Return whether one of the same name and value is, or may be, what was written."""
    return entry.at >= write.at - EARLY and _same_domain(write, entry.domain)


def _rejected(write: Write, entries: Iterable[StoreEntry]) -> str | None:
    """Return why the store rejected a write, if entries of the same name and value say so.

    The store names the cookie that it keeps instead, so that cookie's path says nothing.
    """
    for entry in entries:
        if write.at - EARLY <= entry.at <= write.at + LATE and _is_related(
            write.domain, entry.domain.removeprefix(".")
        ):
            return entry.rejected
    return None


def _same_domain(write: Write, domain: str) -> bool:
    return domain.removeprefix(".").lower() == write.domain


def _same_path(write: Write, path: str) -> bool:
    """Return whether a path is the one asked for; ``cookieStore`` adds a slash to it."""
    return write.path is None or text_of(path).rstrip("/") == text_of(write.path).rstrip("/")


def _is_related(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
