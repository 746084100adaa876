"""The content of one client's jar after any event: a log of changes with checkpoints."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import JarChange

CHECKPOINT_EVERY = 512
"""Number of changes between two checkpoints of a jar with up to twice as many cookies.

A larger jar has a checkpoint per half as many changes as it has cookies. All checkpoints
together then hold at most twice as many cookies as there are changes.
"""

_position = attrgetter("position")


class _Checkpoint(NamedTuple):
    """The content of a jar after a number of changes, from a position on."""

    changes: int
    contents: dict[CookieKey, Cookie]
    position: int = 0


_changes = attrgetter("changes")


class JarHistory:
    """The changes to one jar, in the order in which they happened."""

    def __init__(self) -> None:
        self._changes: list[JarChange] = []
        self._stored: dict[CookieKey, list[JarChange]] = {}
        self._contents: dict[CookieKey, Cookie] = {}
        self._checkpoints = [_Checkpoint(0, {})]

    @property
    def changes(self) -> Sequence[JarChange]:
        """Every change so far; the sequence only grows."""
        return self._changes

    def stored(self, key: CookieKey) -> Sequence[JarChange]:
        """Return the changes in which a response stored the cookie with this key."""
        return self._stored.get(key, ())

    def add(self, change: JarChange) -> None:
        """Append one change. Its position is at least that of the previous change."""
        self._changes.append(change)
        if change.cause == "stored":
            self._stored.setdefault(change.key, []).append(change)
        _replay(self._contents, change)
        count = len(self._changes)
        if count - self._checkpoints[-1].changes >= max(CHECKPOINT_EVERY, len(self._contents) // 2):
            self._checkpoints.append(_Checkpoint(count, dict(self._contents)))

    def begin(self, position: int, cookies: Iterable[Cookie]) -> None:
        """Record that the jar holds exactly these cookies from a position on.

        What changed it before is not known.
        """
        self._contents = {cookie.key: cookie for cookie in cookies}
        self._checkpoints.append(_Checkpoint(len(self._changes), dict(self._contents), position))

    def at(self, position: int) -> tuple[Cookie, ...]:
        """Return the jar after ``position`` events, sorted by domain, path and name."""
        end = bisect_right(self._changes, position, key=_position)
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
