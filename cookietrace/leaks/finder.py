"""Looks for many secrets in a text and in all that can be decoded from it, within bounds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cookietrace.leaks.decoders import DECODERS
from cookietrace.leaks.layer import Known, Layer
from cookietrace.leaks.needles import SHORTEST, Needle

_DEPTH = 5
"""The number of nested encodings that are decoded."""
_MOST_LAYERS = 3000
"""The most decoded texts of one piece of a file."""
_WORK = 30
"""How many times the length of a piece its decoded texts may have together."""
_LEAST_WORK = 2_000_000
_REACH = (128, 4096)

_GRAM = 4
_STRIDE = SHORTEST - _GRAM + 1


class Leak(NamedTuple):
    """A secret, or a part of one, that survives."""

    secret: int
    """The index of the secret."""
    whole: bool
    start: int
    """Where it begins, in the text that was looked at."""
    end: int
    spellings: tuple[str, ...]
    """What had to be decoded, from the outside in."""
    same_case: bool
    """Whether it has the secret's letter case."""


class Finder:
    """Finds secrets. The time is linear in the length of the text."""

    def __init__(self, needles: Sequence[Needle], secrets: Sequence[str]) -> None:
        self._exact = set(secrets)
        self._grams: dict[str, list[tuple[int, Needle]]] = {}
        for needle in needles:
            for shift in range(_STRIDE):
                gram = needle.text[shift : shift + _GRAM]
                self._grams.setdefault(gram, []).append((shift, needle))
        longest = max((len(needle.text) for needle in needles), default=0)
        self._reach = min(max(_REACH[0], 2 * longest), _REACH[1])
        self.complete = True
        """False once a bound kept something from being decoded."""

    def leaks(self, text: str) -> list[Leak]:
        """Return what survives in a text, in order, without what is found twice in one place."""
        found: dict[tuple[int, bool, int], Leak] = {}
        for layer in self._layers(text):
            for leak in self._in_layer(layer):
                found.setdefault((leak.secret, leak.whole, leak.start), leak)
        return list(_outermost(found.values()))

    def _layers(self, text: str) -> Iterator[Layer]:
        """Yield the text, then what can be decoded from it, the least nested first."""
        work = max(_WORK * len(text), _LEAST_WORK)
        fresh = [Layer(text)]
        seen = {hash(text)}
        known = Known(self._reach)
        yield fresh[0]
        for _ in range(_DEPTH):
            following: list[Layer] = []
            for outer in fresh:
                for decode in DECODERS:
                    if work <= 0 or len(seen) > _MOST_LAYERS:
                        self.complete = False
                        return
                    for layer in decode(outer, known):
                        if layer is None or hash(layer.text) in seen:
                            continue
                        seen.add(hash(layer.text))
                        work -= len(layer.text)
                        yield layer
                        if not layer.leaf:
                            following.append(layer)
            fresh = following

    def _in_layer(self, layer: Layer) -> Iterator[Leak]:
        """Yield what survives in one layer."""
        text, grams = layer.text.lower(), self._grams
        hits = [
            at for at in range(0, len(text) - _GRAM + 1, _STRIDE) if text[at : at + _GRAM] in grams
        ]
        for at in hits:
            for shift, needle in grams[text[at : at + _GRAM]]:
                start = at - shift
                if start >= 0 and text.startswith(needle.text, start):
                    end = start + len(needle.text)
                    yield Leak(
                        needle.secret,
                        needle.whole,
                        layer.source(start),
                        layer.source(end - 1) + 1,
                        layer.spellings,
                        not needle.whole or layer.text[start:end] in self._exact,
                    )


def _outermost(leaks: Iterable[Leak]) -> Iterator[Leak]:
    """Yield the leaks, in order, that overlap no other one of the same secret before them.

    A whole secret has priority over the parts of it. What is in a run has the place of the run,
    so one occurrence may seem to be several that overlap.
    """
    ordered = sorted(leaks, key=lambda each: (each.start, len(each.spellings), -each.end))
    whole = _apart([leak for leak in ordered if leak.whole], {})
    spans: dict[int, list[tuple[int, int]]] = {}
    for leak in whole:
        spans.setdefault(leak.secret, []).append((leak.start, leak.end))
    parts = _apart([leak for leak in ordered if not leak.whole], spans)
    yield from sorted((*whole, *parts), key=lambda each: each.start)


def _apart(leaks: Iterable[Leak], taken: Mapping[int, Sequence[tuple[int, int]]]) -> list[Leak]:
    """Return the leaks that overlap neither one before them nor what is taken by their secret."""
    ends: dict[int, int] = {}
    kept: list[Leak] = []
    for leak in leaks:
        spans = taken.get(leak.secret, ())
        before = bisect_left(spans, (leak.end, 0)) - 1
        if leak.start >= ends.get(leak.secret, -1) and (
            before < 0 or spans[before][1] <= leak.start
        ):
            ends[leak.secret] = leak.end
            kept.append(leak)
    return kept
