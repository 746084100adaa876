"""Finds which requests of two captures ask the same, in the same order.

First come the questions that each capture asks once, as anchors in an order that both share (as
patience diff does); what is between two anchors is compared the same way, and in the end
question by question.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

import msgspec

_SMALL: Final = 200
"""Up to so many requests are compared with each other one by one."""

_NEAR: Final = 16
"""By how many requests another order may move one."""


class Alignment(msgspec.Struct, frozen=True):
    """Which requests correspond; indices from 0."""

    pairs: tuple[tuple[int, int], ...]
    only_before: tuple[int, ...]
    """Requests that only the first capture has."""
    only_after: tuple[int, ...]


def align(before: Sequence[Hashable], after: Sequence[Hashable]) -> Alignment:
    """Return which questions of two sequences correspond, in an order that both have."""
    pairs = tuple(_matched(before, after, (0, len(before)), (0, len(after))))
    one, other = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    return Alignment(
        pairs,
        tuple(index for index in range(len(before)) if index not in one),
        tuple(index for index in range(len(after)) if index not in other),
    )


def rejoined(found: Alignment, before: Sequence[Hashable], after: Sequence[Hashable]) -> Alignment:
    """Return an alignment in which the same question also corresponds if it merely moved a little.

    Browsers ask for the parts of a page in no fixed order.
    """
    waiting: dict[Hashable, list[int]] = {}
    for place in found.only_after:
        waiting.setdefault(after[place], []).append(place)
    partners = [pair[0] for pair in found.pairs]
    moved: list[tuple[int, int]] = []
    for index in found.only_before:
        places = waiting.get(before[index])
        if not places:
            continue
        at = bisect_left(partners, index)
        expected = found.pairs[at - 1][1] if at else -1
        there = bisect_left(places, expected)
        nearest = min(
            range(max(0, there - 1), min(len(places), there + 1)),
            key=lambda which: abs(places[which] - expected),
        )
        if abs(places[nearest] - expected) <= _NEAR:
            moved.append((index, places.pop(nearest)))
    if not moved:
        return found
    gone = {pair[0] for pair in moved}, {pair[1] for pair in moved}
    return Alignment(
        tuple(sorted([*found.pairs, *moved])),
        tuple(index for index in found.only_before if index not in gone[0]),
        tuple(place for place in found.only_after if place not in gone[1]),
    )


def moved(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs, as few as can be, without which both sides have one order."""
    in_order = set(_increasing(pairs))
    return [pair for pair in pairs if pair not in in_order]


def _matched(
    before: Sequence[Hashable],
    after: Sequence[Hashable],
    one: tuple[int, int],
    other: tuple[int, int],
) -> Iterator[tuple[int, int]]:
    """Yield the pairs within two ranges, in order."""
    waiting = [(one, other)]
    while waiting:
        (first, last), (begin, end) = waiting.pop()
        while first < last and begin < end and before[first] == after[begin]:
            yield first, begin
            first, begin = first + 1, begin + 1
        if first == last or begin == end:
            continue
        anchors = _anchors(before, after, (first, last), (begin, end))
        if not anchors:
            yield from _one_by_one(before, after, (first, last), (begin, end))
            continue
        at, place = first, begin
        pieces: list[tuple[tuple[int, int], tuple[int, int]]] = []
        for index, partner in anchors:
            pieces.append(((at, index), (place, partner)))
            pieces.append(((index, index + 1), (partner, partner + 1)))
            at, place = index + 1, partner + 1
        pieces.append(((at, last), (place, end)))
        waiting += reversed(pieces)


def _anchors(
    before: Sequence[Hashable],
    after: Sequence[Hashable],
    one: tuple[int, int],
    other: tuple[int, int],
) -> list[tuple[int, int]]:
    """Return the longest common order of what occurs once in each range."""
    mine, theirs = Counter(before[slice(*one)]), Counter(after[slice(*other)])
    places = {after[index]: index for index in range(*other) if theirs[after[index]] == 1}
    pairs = [
        (index, places[before[index]])
        for index in range(*one)
        if mine[before[index]] == 1 and before[index] in places
    ]
    if len(pairs) == 1 and one[1] - one[0] == 1 and other[1] - other[0] == 1:
        return []
    return _increasing(pairs)


def _increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence whose second numbers increase."""
    ends: list[int] = []
    at: list[int] = []
    came_from: list[int | None] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        came_from.append(at[length - 1] if length else None)
        if length == len(ends):
            ends.append(place)
            at.append(number)
        else:
            ends[length], at[length] = place, number
    found: list[tuple[int, int]] = []
    number_or_none = at[-1] if at else None
    while number_or_none is not None:
        found.append(pairs[number_or_none])
        number_or_none = came_from[number_or_none]
    return found[::-1]


def _one_by_one(
    before: Sequence[Hashable],
    after: Sequence[Hashable],
    one: tuple[int, int],
    other: tuple[int, int],
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of two ranges in which nothing is unique."""
    mine, theirs = list(before[slice(*one)]), list(after[slice(*other)])
    if len(mine) > _SMALL or len(theirs) > _SMALL:
        yield from _in_turn(mine, theirs, one[0], other[0])
        return
    for index, place, size in SequenceMatcher(
        None, mine, theirs, autojunk=False
    ).get_matching_blocks():
        for offset in range(size):
            yield one[0] + index + offset, other[0] + place + offset


def _in_turn(
    mine: Sequence[Hashable], theirs: Sequence[Hashable], first: int, begin: int
) -> Iterator[tuple[int, int]]:
    """Yield each question with the next one that is the same: for thousands of repetitions."""
    waiting: dict[Hashable, list[int]] = {}
    for place, key in enumerate(theirs):
        waiting.setdefault(key, []).append(place)
    passed: dict[Hashable, int] = {}
    reached = -1
    for index, key in enumerate(mine):
        places = waiting.get(key, [])
        at = bisect_left(places, reached + 1, passed.get(key, 0))
        if at < len(places) and places[at] - reached <= _SMALL:
            reached = places[at]
            passed[key] = at + 1
            yield first + index, begin + reached
