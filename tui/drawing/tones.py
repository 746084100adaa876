"""What a tone means: one colour for each thing a cookie can do, and the sign that goes with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cookietrace.lesson.row_marks import SIGNS, Mark

PLAIN: Final = ""
"""The tone of text that says nothing in particular."""

QUIET: Final = "quiet"
"""The tone of text that is there for completeness."""

TONE_NAMES: Final = ("sent", "withheld", "refused", "changed", "odd", QUIET)
"""Every tone with a colour of its own; each is a variable of both themes."""

_TONES: Final[dict[Mark, tuple[str, str]]] = {
    Mark.SENT: ("sent", "sent"),
    Mark.WITHHELD: ("withheld", "withheld, and rightly so"),
    Mark.CHANGED: ("changed", "changes the jar"),
    Mark.REFUSED: ("refused", "refused by the browser"),
    Mark.MISSING: ("odd", "expected, but not sent"),
    Mark.UNEXPLAINED: ("odd", "sent, but never seen set"),
    Mark.FAILED: ("refused", "came to nothing"),
    Mark.PENDING: (QUIET, "no answer yet"),
}

LEGEND: Final = tuple((SIGNS[mark], tone, told) for mark, (tone, told) in _TONES.items())
"""Sign, tone and meaning of every mark, in the order they are drawn."""


def tone(mark: Mark | None) -> str:
    """Return the tone of a mark; ``PLAIN`` for None."""
    return PLAIN if mark is None else _TONES[mark][0]


def drawn(marks: Iterable[Mark]) -> tuple[tuple[str, str], ...]:
    """Return ``(sign, tone)`` of each mark, always in the same order."""
    wanted = frozenset(marks)
    return tuple((SIGNS[mark], name) for mark, (name, _) in _TONES.items() if mark in wanted)
