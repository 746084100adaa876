"""The content of one client's jar after any event: a log of changes with checkpoints."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple, Protocol, overload

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import JarChange

CHECKPOINT_EVERY = 512
"""Number of changes between two checkpoints of a jar with up to twice as many cookies.

A larger jar has a checkpoint per half as many changes as it has cookies. All checkpoints
together then hold at most twice as many cookies as there are changes.
"""


class _Checkpoint(NamedTuple):
    """The content of a jar after a number of changes, from a position on."""

    changes: int
    contents: dict[CookieKey, Cookie]
    position: int = 0


_changes = attrgetter("changes")


class Changes(Protocol):
    """A list of changes that only grows, such as a plain ``list``."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> JarChange: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[JarChange]: ...
    def append(self, item: JarChange, /) -> None:
        """Add a change at the end."""


_NONE = array("I")


class StoredChanges(Sequence[JarChange]):
    """Some of the changes of a history, in order."""

    def __init__(self, changes: Changes, indices: array[int], positions: array[int]) -> None:
        """``indices`` are those of the changes, and ``positions`` the ones of all changes."""
        self._changes = changes
        self._indices = indices
        self._positions = positions

    def last_within(self, after: int, before: int) -> JarChange | None:
        """Return the last of them after one position and before another; None if there is none.

        No other change is read for that: older ones are packed.
        """
        at = bisect_left(self._indices, before, key=self._positions.__getitem__)
        if at == 0 or self._positions[self._indices[at - 1]] <= after:
            return None
        return self[at - 1]

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, index: int) -> JarChange: ...
    @overload
    def __getitem__(self, index: slice) -> list[JarChange]: ...
    def __getitem__(self, index: int | slice) -> JarChange | list[JarChange]:
        if isinstance(index, slice):
            return [self._changes[at] for at in self._indices[index]]
        return self._changes[self._indices[index]]


class JarHistory:
    """The changes to one jar, in the order in which they happened."""

    def __init__(self, changes: Changes | None = None) -> None:
        """``changes`` is the empty list that keeps them."""
        self._changes: Changes = changes if changes is not None else []
        self._positions = array("Q")
        """The position of each change."""
        self._stored: dict[CookieKey, array[int]] = {}
        """A key -> the indices of the changes in which a response stored it."""
        self._contents: dict[CookieKey, Cookie] = {}
        self._checkpoints = [_Checkpoint(0, {})]

    @property
    def changes(self) -> Sequence[JarChange]:
        """Every change so far; the sequence only grows."""
        return self._changes  # type: ignore[return-value]  # a list, or like one

    def stored(self, key: CookieKey) -> StoredChanges:
        """Return the changes in which a response stored the cookie with this key."""
        indices = self._stored.get(key, _NONE)
        return StoredChanges(self._changes, indices, self._positions)

    @property
    def latest(self) -> int:
        """The position of the latest change; 0 if there is none."""
        return self._positions[-1] if self._positions else 0

    def add(self, change: JarChange) -> None:
        """Append one change. Its position is at least that of the previous change."""
        self._changes.append(change)
        self._positions.append(change.position)
        if change.cause == "stored":
            indices = self._stored.get(change.key)
            if indices is None:
                indices = self._stored[change.key] = array("I")
            indices.append(len(self._changes) - 1)
        _replay(self._contents, change)
        count = len(self._changes)
        since = count - self._checkpoints[-1].changes
        if since >= CHECKPOINT_EVERY and since >= len(self._contents) // 2:
            self._checkpoints.append(_Checkpoint(count, dict(self._contents)))

    def made_at(self, position: int) -> Sequence[JarChange]:
        """Return the changes that the event at a position made."""
        start = bisect_left(self._positions, position)
        return self._changes[start : bisect_right(self._positions, position, lo=start)]

    def begin(self, position: int, cookies: Iterable[Cookie]) -> None:
        """Record that the jar holds exactly these cookies from a position on.

        What changed it before is not known.
        """
        self._contents = {cookie.key: cookie for cookie in cookies}
        self._checkpoints.append(_Checkpoint(len(self._changes), dict(self._contents), position))

    def at(self, position: int) -> tuple[Cookie, ...]:
        """Return the jar after ``position`` events, sorted by domain, path and name."""
        end = bisect_right(self._positions, position, 0, len(self._changes))
        nearest = bisect_right(self._checkpoints, end, key=_changes) - 1
        while self._checkpoints[nearest].position > position:
            nearest -= 1
        begin, checkpoint, _ = self._checkpoints[nearest]
        contents = dict(checkpoint)
        for change in self._changes[begin:end]:
            _replay(contents, change)
        return tuple(
            sorted(
                contents.values(),
                key=lambda cookie: (cookie.domain, cookie.path, cookie.name, cookie.sequence),
            )
        )


def _replay(contents: dict[CookieKey, Cookie], change: JarChange) -> None:
    if change.after is None:
        contents.pop(change.key, None)
    else:
        contents[change.key] = change.after
