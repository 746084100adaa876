"""Marks: what happened in a row or line, for front ends to show as a colour and a sign."""

from __future__ import annotations

from enum import StrEnum

from cookietrace.cookies import Outcome
from cookietrace.fold.exchange import CookieStatus, Exchange, Row, RowKind


class Mark(StrEnum):
    """One thing that happened; a row can have several marks."""

    SENT = "sent"
    WITHHELD = "withheld"
    REFUSED = "refused"
    CHANGED = "changed"
    MISSING = "missing"
    UNEXPLAINED = "unexplained"
    FAILED = "failed"
    PENDING = "pending"


SIGNS: dict[Mark, str] = {
    Mark.SENT: "↑",
    Mark.WITHHELD: "⊘",
    Mark.REFUSED: "✗",
    Mark.CHANGED: "●",
    Mark.MISSING: "?",
    Mark.UNEXPLAINED: "!",
    Mark.FAILED: "‼",
    Mark.PENDING: "…",
}
"""One sign per mark, so that colour is never the only cue."""


def outcome_mark(outcome: Outcome) -> Mark | None:
    """Return the mark of a Set-Cookie; None if it changed nothing that a user would notice."""
    if outcome is Outcome.REJECTED:
        return Mark.REFUSED
    return None if outcome in (Outcome.REFRESHED, Outcome.IGNORED) else Mark.CHANGED


def marks_of(row: Row, exchange: Exchange) -> frozenset[Mark]:
    """Return the marks of a row."""
    if row.kind is RowKind.STORES:
        return frozenset({Mark.CHANGED})
    if row.kind is RowKind.REFUSED:
        return frozenset({Mark.REFUSED})
    part = exchange.request
    marks = set()
    for cookie in part.cookies:
        unexplained = cookie.status is CookieStatus.UNEXPLAINED
        marks.add(Mark.UNEXPLAINED if unexplained else Mark.SENT)
    if part.withheld:
        marks.add(Mark.WITHHELD)
    if any(absent.status is CookieStatus.MISSING for absent in part.missing):
        marks.add(Mark.MISSING)
    if exchange.failure is not None:
        marks.add(Mark.FAILED)
    elif exchange.response is None:
        marks.add(Mark.PENDING)
    else:
        for result in exchange.response.set_cookies:
            mark = outcome_mark(result.outcome)
            if mark is not None:
                marks.add(mark)
    return frozenset(marks)
