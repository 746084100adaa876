"""The tones: one colour and one sign for each thing that can happen to a cookie."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.table import TableRow

PLAIN: Final = ""
"""The tone of ordinary text."""

QUIET: Final = "quiet"
"""The tone of less important text."""

TONE_NAMES: Final = ("sent", "withheld", "refused", "changed", "odd", QUIET)
"""Every tone with its own colour; each is a variable in both themes."""

_TONES: Final[dict[Mark, tuple[str, str]]] = {
    Mark.PROBLEM: ("refused", "a problem: the app did not get what it needed"),
    Mark.WARNING: ("withheld", "a warning: not certain, or not safe"),
    Mark.SENT: ("sent", "sent"),
    Mark.WITHHELD: ("withheld", "withheld, as the rules require"),
    Mark.CHANGED: ("changed", "changes the jar"),
    Mark.UNCONFIRMED: (QUIET, "perhaps: not confirmed yet"),
    Mark.REFUTED: ("odd", "did not happen after all"),
    Mark.REFUSED: ("refused", "refused by the browser"),
    Mark.MISSED: ("refused", "not deleted: the deletion missed its cookie"),
    Mark.LATE: ("refused", "a late response undid a newer cookie"),
    Mark.SHADOWS: ("odd", "two cookies with the same name"),
    Mark.STILLBORN: ("refused", "had expired when it arrived"),
    Mark.JOINED: ("refused", "several cookies joined into one line"),
    Mark.MISSING: ("odd", "expected, but not sent"),
    Mark.UNEXPLAINED: ("odd", "sent, but never seen set"),
    Mark.DISPUTED: ("refused", "the browser itself says otherwise"),
    Mark.EDITED: ("odd", "changed by hand on the wire"),
    Mark.FAILED: ("refused", "failed"),
    Mark.PENDING: (QUIET, "no response yet"),
}

_EMPTY: Final = frozenset({"N/A", "—", "{}", "None", "≈ None", ""})

LEGEND: Final = tuple((SIGNS[mark], tone, meaning) for mark, (tone, meaning) in _TONES.items())
"""Sign, tone and meaning of every mark, in the order in which they are drawn."""


def tone(mark: Mark | None) -> str:
    """Return the tone of a mark; ``PLAIN`` for None."""
    return PLAIN if mark is None else _TONES[mark][0]


def drawn(marks: Iterable[Mark]) -> tuple[tuple[str, str], ...]:
    """Return ``(sign, tone)`` of each mark, always in the same order."""
    wanted = frozenset(marks)
    return tuple((SIGNS[mark], name) for mark, (name, _) in _TONES.items() if mark in wanted)


def row_tones(row: TableRow) -> tuple[str, ...]:
    """Return a tone for each cell of a row."""
    marks = row.marks
    if row.kind is RowKind.REFUSED:
        action = "refused"
    elif row.kind is RowKind.STORES:
        action = "changed"
    elif row.kind is RowKind.REFUTED:
        action = "odd"
    else:
        action = PLAIN
    if row.kind is not RowKind.EXCHANGE and marks & {Mark.UNCONFIRMED, Mark.REFUTED}:
        action = QUIET if row.kind is not RowKind.REFUTED else action
    odd = bool(marks & {Mark.UNEXPLAINED, Mark.MISSING})
    sent = "odd" if odd else "sent" if Mark.SENT in marks else PLAIN
    sets = "changed" if Mark.CHANGED in marks else "refused" if Mark.REFUSED in marks else PLAIN
    response = "refused" if Mark.FAILED in marks else QUIET if Mark.PENDING in marks else PLAIN
    if row.kind is not RowKind.EXCHANGE:
        sent = QUIET
    chosen = (QUIET, action, sent, PLAIN, sets, response)
    return tuple(
        QUIET if text in _EMPTY else name for text, name in zip(row.cells, chosen, strict=True)
    )
