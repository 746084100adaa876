"""Lines of display text under headings, as a detail pane shows them."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cookietrace.lesson.row_marks import Mark


class Weight(StrEnum):
    """How much a section matters, for front ends to show as brightness."""

    VERDICT = "verdict"
    """What happened, why, and what to do about it."""
    PLAIN = "plain"
    RAW = "raw"
    """What was on the wire, as it was."""


class Line(msgspec.Struct, frozen=True):
    """One line of display text, with its mark."""

    text: str
    mark: Mark | None = None
    indent: int = 0
    sign: str = ""
    """Shown instead of the mark's usual sign, if not empty."""


class Section(msgspec.Struct, frozen=True):
    """Lines under a heading."""

    title: str
    lines: tuple[Line, ...]
    weight: Weight = Weight.PLAIN
    mark: Mark | None = None
    """The mark of the heading."""


FIX = "→ "
"""What a line begins with that says what to do."""
