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


class Pieces:
    """Some pieces of a text, each of them decoded."""

    BETWEEN = "\x1f"
    """Separates the pieces."""

    def __init__(self, pieces: Iterable[tuple[int, Layer]]) -> None:
        """Take where each piece starts in the source, and the piece."""
        self._starts: list[int] = []
        self._pieces = list(pieces)
        at = 0
        for _, layer in self._pieces:
            self._starts.append(at)
            at += len(layer.text) + 1
        self.text = self.BETWEEN.join(layer.text for _, layer in self._pieces)

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the source for a (non-empty) span of the text."""
        return self._edges(start)[0], self._edges(end - 1)[1]

    def _edges(self, index: int) -> tuple[int, int]:
        """Return the span in the source for one character of the text."""
        nearest = bisect_right(self._starts, index) - 1
        first, layer = self._pieces[nearest]
        here = min(index - self._starts[nearest], len(layer.text) - 1)
        start, end = layer.source(here, here + 1)
        return first + start, first + end


class Joined:
    """A text without some of its spans."""

    def __init__(self, text: str, dropped: Callable[[], Iterable[tuple[int, int]]]) -> None:
        """Take what is left of the source, and what gives the spans that are left out."""
        self.text = text
        self._dropped = dropped

    @cached_property
    def _map(self) -> tuple[list[int], list[int]]:
        """Where each piece starts in the text; and how far its source is from there.

        Computed on first use, since most texts contain no secret.
        """
        starts: list[int] = []
        shifts: list[int] = []
        at = end = 0
        for start, until in self._dropped():
            if start > end:
                starts.append(at)
                shifts.append(end - at)
                at += start - end
            end = max(end, until)
        starts.append(at)
        shifts.append(end - at)
        return starts, shifts

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the source for a (non-empty) span of the text."""
        return self._at(start), self._at(end - 1) + 1

    def _at(self, index: int) -> int:
        starts, shifts = self._map
        return index + shifts[bisect_right(starts, index) - 1]


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
