"""One client's jar as it was after any event: a log of changes with checkpoints."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import JarChange

CHECKPOINT_EVERY = 512
"""Changes between two checkpoints: the most that ``at`` ever has to replay."""

_position = attrgetter("position")


class JarHistory:
    """The changes to one jar, in the order in which they happened."""

    def __init__(self) -> None:
        self._changes: list[JarChange] = []
        self._contents: dict[CookieKey, Cookie] = {}
        self._checkpoints: list[dict[CookieKey, Cookie]] = [{}]

    @property
    def changes(self) -> Sequence[JarChange]:
        """Every change so far; the sequence only ever grows."""
        return self._changes

    def add(self, change: JarChange) -> None:
        """Append one change. Positions never go back."""
        self._changes.append(change)
        _replay(self._contents, change)
        if len(self._changes) % CHECKPOINT_EVERY == 0:
            self._checkpoints.append(dict(self._contents))

    def at(self, position: int) -> tuple[Cookie, ...]:
        """Return the jar after ``position`` events, by domain, path and name."""
        end = bisect_right(self._changes, position, key=_position)
        checkpoint = min(end // CHECKPOINT_EVERY, len(self._checkpoints) - 1)
        contents = dict(self._checkpoints[checkpoint])
        for change in self._changes[checkpoint * CHECKPOINT_EVERY : end]:
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
