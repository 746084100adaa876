"""A text with one layer of an encoding decoded; each character is mapped back to its source."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Protocol


class Layer(Protocol):
    """A decoded text."""

    @property
    def text(self) -> str:
        """The decoded text."""

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the source for a (non-empty) span of the text."""


class Replaced:
    """A text in which every match of a pattern is decoded, and all else is kept."""

    def __init__(self, source: str, pattern: re.Pattern[str], decode: Callable[[str], str]) -> None:
        """Decode the matches, in time linear in the text's length."""
        self._source = source
        self._pattern = pattern
        self._decode = decode
        self.text = pattern.sub(lambda match: decode(match[0]), source)

    @property
    def changed(self) -> bool:
        """Whether anything was decoded."""
        return self.text != self._source

    @cached_property
    def _map(self) -> tuple[list[int], list[tuple[int, int, int]]]:
        """Where each decoded match starts in the text; and its length, and its span in the source.

        Computed on first use, since most texts contain no secret.
        """
        decoded: list[int] = []
        spans: list[tuple[int, int, int]] = []
        at = end = 0
        for match in self._pattern.finditer(self._source):
            at += match.start() - end
            decoded.append(at)
            length = len(self._decode(match[0]))
            spans.append((length, match.start(), match.end()))
            at += length
            end = match.end()
        return decoded, spans

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the source for a (non-empty) span of the text."""
        return self._edges(start)[0], self._edges(end - 1)[1]

    def _edges(self, index: int) -> tuple[int, int]:
        """Return the span in the source for one character of the text."""
        decoded, spans = self._map
        nearest = bisect_right(decoded, index) - 1
        if nearest < 0:
            return index, index + 1
        length, begins, ends = spans[nearest]
        beyond = index - decoded[nearest] - length
        return (begins, ends) if beyond < 0 else (ends + beyond, ends + beyond + 1)


class Joined:
    """A text without some of its spans."""

    def __init__(self, source: str, dropped: Iterable[tuple[int, int]]) -> None:
        pieces: list[str] = []
        self._starts: list[int] = []
        self._shifts: list[int] = []
        at = end = 0
        for start, until in dropped:
            if start > end:
                self._starts.append(at)
                self._shifts.append(end - at)
                pieces.append(source[end:start])
                at += start - end
            end = max(end, until)
        self._starts.append(at)
        self._shifts.append(end - at)
        self.text = "".join((*pieces, source[end:]))

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the source for a (non-empty) span of the text."""
        return self._at(start), self._at(end - 1) + 1

    def _at(self, index: int) -> int:
        return index + self._shifts[bisect_right(self._starts, index) - 1]


class Units:
    """What some spans of a text stand for; a character of it maps to its whole span."""

    BETWEEN = "\x1f"
    """Separates the units."""

    def __init__(self, units: Iterable[tuple[int, int, str]]) -> None:
        """Take the start and end of each span, and what it stands for."""
        pieces: list[str] = []
        self._starts: list[int] = []
        self._spans: list[tuple[int, int]] = []
        at = 0
        for start, end, text in units:
            pieces.append(text)
            self._starts.append(at)
            self._spans.append((start, end))
            at += len(text) + 1
        self.text = self.BETWEEN.join(pieces)

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the source for a (non-empty) span of the text."""
        first = self._spans[bisect_right(self._starts, start) - 1]
        last = self._spans[bisect_right(self._starts, end - 1) - 1]
        return first[0], last[1]
