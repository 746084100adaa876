"""A text with one layer of an encoding decoded; each character is mapped back to its source."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple, Protocol


class Layer(Protocol):
    """A decoded text."""

    @property
    def text(self) -> str:
        """The decoded text."""

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the source for a (non-empty) span of the text."""

    def exactly(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of that span that stands for the text; the rest is encoded with it."""


class _Exact(ABC):
    """A layer whose spans stand for nothing else."""

    @abstractmethod
    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the source for a (non-empty) span of the text."""

    def exactly(self, start: int, end: int) -> tuple[int, int]:
        """Return the same."""
        return self.source(start, end)


class Replaced(_Exact):
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


class Pieces(_Exact):
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


class Joined(_Exact):
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


class Unit(NamedTuple):
    """A span of a text, and what it stands for."""

    start: int
    end: int
    text: str
    first: int = 0
    """Where in the span the text begins to be encoded."""
    bits: int = 0
    """How many bits of the text one character encodes; 0 if that is not so simple."""


class Units:
    """What some spans of a text stand for; a character of it maps to its whole span."""

    BETWEEN = "\x1f"
    """Separates the units."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = list(units)
        self.text = self.BETWEEN.join([unit.text for unit in self._units])

    @cached_property
    def _starts(self) -> list[int]:
        """Where each unit starts in the text."""
        lengths = accumulate((len(unit.text) + 1 for unit in self._units[:-1]), initial=0)
        return list(lengths)

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the source for a (non-empty) span of the text."""
        return self._unit(start)[0].start, self._unit(end - 1)[0].end

    def exactly(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of that span that stands for the text; the rest is encoded with it."""
        (first, before), (last, after) = self._unit(start), self._unit(end - 1)
        begins, ends = first.start, last.end
        if first.bits:
            begins += first.first + before * 8 // first.bits
        if last.bits:
            ends = min(ends, last.start + last.first + (after * 8 + 7) // last.bits + 1)
        return begins, ends

    def _unit(self, index: int) -> tuple[Unit, int]:
        """Return the unit of one character of the text, and which one of the unit's it is."""
        nearest = bisect_right(self._starts, index) - 1
        return self._units[nearest], index - self._starts[nearest]
