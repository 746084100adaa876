"""A text decoded from another one, and where each character of it came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import NamedTuple

_GAP = "\n\x01\n"
"""What stands between pieces that were apart: no secret continues across it."""


class Change(NamedTuple):
    """A span of a text, and what it was decoded to."""

    start: int
    end: int
    text: str


class Layer:
    """A text, and how it was decoded. Bytes are latin-1 characters, as in every text here."""

    def __init__(
        self,
        text: str,
        outer: Layer | None = None,
        spelling: str = "",
        anchors: tuple[list[int], list[int]] = ([], []),
        *,
        leaf: bool = False,
        runs: bool = False,
    ) -> None:
        self.text = text
        self.outer = outer
        self.leaf = leaf
        """Whether nothing is to be decoded in it: it is noise that may hold a secret."""
        self.steps: tuple[str, ...] = ()
        """What was decoded in the whole text since it was last taken from runs."""
        if outer is not None and not runs:
            self.steps = (*outer.steps, spelling)
        self.spellings: tuple[str, ...] = (
            () if outer is None else (*outer.spellings, spelling) if spelling else outer.spellings
        )
        self._here, self._there = anchors

    def source(self, at: int) -> int:
        """Return where the character at an index begins in the text that is not decoded."""
        layer: Layer = self
        while layer.outer is not None:
            nearest = bisect_right(layer._here, at) - 1
            if nearest >= 0:
                at = layer._there[nearest] + (at - layer._here[nearest])
            layer = layer.outer
        return min(at, max(len(layer.text) - 1, 0))


def substituted(outer: Layer, spelling: str, changes: Iterable[Change], reach: int) -> Layer | None:
    """Return the text with the changes made; None if there are none.

    What is farther than ``reach`` from every change is left out, since it was looked at before.
    """
    text = outer.text
    pieces: list[str] = []
    here: list[int] = []
    there: list[int] = []
    at = end = kept = 0

    def add(start: int, until: int) -> None:
        nonlocal at
        here.append(at)
        there.append(start)
        pieces.append(text[start:until])
        at += until - start

    changed = False
    for change in changes:
        if change.start < end:
            continue
        if not changed:
            add(max(0, change.start - reach), change.start)
        elif change.start - end > 2 * reach + len(_GAP):
            add(end, end + reach)
            pieces.append(_GAP)
            at += len(_GAP)
            add(change.start - reach, change.start)
        else:
            add(end, change.start)
        changed = True
        here.append(at)
        there.append(change.start)
        pieces.append(change.text)
        at += len(change.text)
        end = change.end
        kept += 1
    if not changed:
        return None
    add(end, min(len(text), end + reach))
    return Layer("".join(pieces), outer, spelling, (here, there))


def joined(
    outer: Layer, spelling: str, runs: Iterable[tuple[int, str]], *, leaf: bool = False
) -> Layer | None:
    """Return what was decoded from runs of a text, each with its start; None if there are none."""
    pieces: list[str] = []
    here: list[int] = []
    there: list[int] = []
    at = 0
    for start, decoded in runs:
        here.append(at)
        there.append(start)
        pieces += (decoded, _GAP)
        at += len(decoded) + len(_GAP)
    if not pieces:
        return None
    return Layer("".join(pieces), outer, spelling, (here, there), leaf=leaf, runs=True)


class Known:
    """What was decoded of one piece of a file so far."""

    def __init__(self, reach: int) -> None:
        self.reach = reach
        """How far to look around a change."""
        self.runs: set[int] = set()
        """The hashes of the runs that were decoded in other layers."""


Decode = Callable[[Layer, Known], Iterable[Layer | None]]
"""Yields what a layer is in one encoding."""
