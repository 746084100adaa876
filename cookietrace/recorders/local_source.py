"""Captures in files: those that are named, and those whose names match a pattern."""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cookietrace.errors import CaptureError
from cookietrace.recorders.source import MOST_CAPTURES, Sighting
from cookietrace.recorders.state import Life, RecorderState
from cookietrace.safe_text import safe
from cookietrace.stores import (
    SUFFIX,
    CaptureStore,
    capture_named,
    captures_folder,
    has_content,
    is_live,
)
from cookietrace.stores.pace import Pace

if TYPE_CHECKING:  # they are imported where files are read: the screen starts sooner
    from cookietrace.formats.format import Lost

_PATTERN: Final = frozenset("*?[")
"""The characters that make a pattern of a name."""

_MOST_MATCHES: Final = 50 * MOST_CAPTURES
"""The most files that a pattern is compared with beyond those that it matches."""


def is_pattern(word: str) -> bool:
    """Return whether a word is a pattern and not the name of something that is there."""
    return not _PATTERN.isdisjoint(word) and not os.path.lexists(word)


class LocalSource:
    """The captures that paths, names and patterns stand for."""

    def __init__(
        self, words: Sequence[str], *, lenient: bool = False, lost: Lost | None = None
    ) -> None:
        """``lenient`` and ``lost`` are as for ``open_capture``."""
        self._words = tuple(words)
        self._lenient, self._lost = lenient, lost
        self._pace = Pace()

    @property
    def title(self) -> str:
        """What is looked at, in a few words; display text."""
        first = safe(self._words[0])
        more = len(self._words) - 1
        return f"{first} and {more:,} more" if more else first

    @property
    def grows(self) -> bool:
        """Whether captures may appear later."""
        return any(is_pattern(word) for word in self._words)

    def look(self) -> Sequence[Sighting]:
        """Return the captures that are there now. Raises ``CaptureError`` if a file is missing."""
        found = {os.path.realpath(path): path for path in self.files()}
        return [self._sighting(key, path) for key, path in found.items()]

    def files(self) -> tuple[Path, ...]:
        """Return the files that are there now. Raises ``CaptureError`` if one is missing."""
        return tuple(path for word in self._words for path in _matches(word))

    def position_of(self, place: int) -> int:
        """Return the number of events up to a place."""
        return place

    def wait(
        self, stores: Mapping[str, tuple[CaptureStore, str]], timeout: float
    ) -> Collection[str]:
        """Wait until a capture has grown; return the keys of those that have."""
        end = time.monotonic() + timeout
        while True:
            grown = [key for key, (store, position) in stores.items() if store.ahead(position)]
            now = time.monotonic()
            if grown:
                self._pace.grown()
            if grown or now >= end:
                return grown
            time.sleep(min(self._pace.pause(), end - now))

    def close(self) -> None:
        """Let go of nothing: the files are open in their stores only."""

    def _sighting(self, key: str, path: Path) -> Sighting:
        name = path.name.removesuffix(SUFFIX)
        life = Life.LIVE if is_live(path) else Life.ENDED
        from cookietrace.formats import open_capture

        opened = partial(open_capture, path, lenient=self._lenient, lost=self._lost)
        return Sighting(
            key=key,
            name=name,
            place=safe(str(path)),
            state=RecorderState(name=name, life=life),
            open=opened,
        )


def _matches(word: str) -> Iterator[Path]:
    """Yield the files that a word stands for. Raises ``CaptureError`` if it names none."""
    if not is_pattern(word):
        path = capture_named(word)
        if path is None:
            raise CaptureError(
                f"there is no capture {safe(word)}: `cookietrace captures` lists them"
            )
        yield path
        return
    seen = 0
    for place in (word, str(captures_folder() / f"{word}{SUFFIX}")):
        for name in sorted(glob.iglob(place)):  # noqa: PTH207 - a pattern may be a full path
            path = Path(name)
            if not _may_hold_a_capture(path):
                continue
            yield path
            seen += 1
            if seen > _MOST_MATCHES:
                return
        if os.sep in word:
            break


def _may_hold_a_capture(path: Path) -> bool:
    """Return whether a file that matches a pattern is meant: what a capture is called, not empty.

    Beside a capture, there are files of SQLite's and of its recorder's, whose names begin alike.
    """
    name = path.name.lower()
    for packed in (".gz", ".zip"):
        name = name.removesuffix(packed)
    from cookietrace.formats import readable

    suffixes = {SUFFIX, *(suffix for each in readable() for suffix in each.suffixes)}
    return name.endswith(tuple(suffixes)) and path.is_file() and has_content(path)
