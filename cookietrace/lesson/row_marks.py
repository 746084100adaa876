"""Marks: what happened in a row or line, for front ends to show as a colour and a sign."""

from __future__ import annotations

from enum import StrEnum

from cookietrace.cookies import Outcome, Standing, StoreResult
from cookietrace.fold.exchange import CookieStatus, Exchange, Row, RowKind
from cookietrace.lesson.standing import current_results


class Mark(StrEnum):
    """One thing that happened; a row can have several marks."""

    SENT = "sent"
    WITHHELD = "withheld"
    REFUSED = "refused"
    CHANGED = "changed"
    UNCONFIRMED = "unconfirmed"
    REFUTED = "refuted"
    MISSING = "missing"
    UNEXPLAINED = "unexplained"
    FAILED = "failed"
    PENDING = "pending"


SIGNS: dict[Mark, str] = {
    Mark.SENT: "↑",
    Mark.WITHHELD: "⊘",
    Mark.REFUSED: "✗",
    Mark.CHANGED: "●",
    Mark.UNCONFIRMED: "◌",
    Mark.REFUTED: "≠",
    Mark.MISSING: "?",
    Mark.UNEXPLAINED: "!",
    Mark.FAILED: "‼",
    Mark.PENDING: "…",
}
"""One sign per mark, so that colour is never the only cue."""


def result_mark(result: StoreResult) -> Mark | None:
    """Return the mark of a Set-Cookie; None if it changed nothing that a user would notice."""
    if result.outcome in (Outcome.REFRESHED, Outcome.IGNORED):
        return None
    if result.standing is Standing.UNCONFIRMED:
        return Mark.UNCONFIRMED
    if result.standing is Standing.REFUTED:
        return Mark.REFUTED
    return Mark.REFUSED if result.outcome is Outcome.REJECTED else Mark.CHANGED


def marks_of(row: Row, exchange: Exchange) -> frozenset[Mark]:
    """Return the marks of a row."""
    if row.kind is not RowKind.EXCHANGE:
        found = (result_mark(result) for result in current_results(row, exchange))
        return frozenset(mark for mark in found if mark is not None)
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
            mark = result_mark(result)
            if mark is not None:
                marks.add(mark)
    return frozenset(marks)
