"""Marks: what happened in a row or line, for front ends to show as a colour and a sign."""

from __future__ import annotations

from enum import StrEnum

from cookietrace.cookies import Code, Outcome, Standing, StoreResult
from cookietrace.fold.exchange import CookieStatus, Exchange, Row, RowKind
from cookietrace.lesson.browser_says import Word, settled, word_of
from cookietrace.lesson.expired_lines import warning_of
from cookietrace.lesson.late_responses import newer_lost
from cookietrace.lesson.missed_deletions import missed_deletion
from cookietrace.lesson.standing import current_results
from cookietrace.trace import Trace


class Mark(StrEnum):
    """One thing that happened; a row can have several marks. Each value is one word."""

    PROBLEM = "problem"
    WARNING = "warning"
    SENT = "sent"
    WITHHELD = "withheld"
    REFUSED = "refused"
    CHANGED = "changed"
    UNCONFIRMED = "unconfirmed"
    REFUTED = "refuted"
    MISSED = "not-deleted"
    LATE = "late"
    SHADOWS = "same-name"
    STILLBORN = "born-expired"
    JOINED = "joined"
    MISSING = "missing"
    UNEXPLAINED = "unexplained"
    DISPUTED = "disputed"
    EDITED = "edited"
    FAILED = "failed"
    PENDING = "pending"


SIGNS: dict[Mark, str] = {
    Mark.PROBLEM: "▲",
    Mark.WARNING: "△",
    Mark.SENT: "↑",
    Mark.WITHHELD: "⊘",
    Mark.REFUSED: "✗",
    Mark.CHANGED: "●",
    Mark.UNCONFIRMED: "◌",
    Mark.REFUTED: "≠",
    Mark.MISSED: "¬",
    Mark.LATE: "◷",
    Mark.SHADOWS: "≡",
    Mark.STILLBORN: "†",
    Mark.JOINED: "&",
    Mark.MISSING: "?",
    Mark.UNEXPLAINED: "!",
    Mark.DISPUTED: "⇄",
    Mark.EDITED: "✎",
    Mark.FAILED: "‼",
    Mark.PENDING: "…",
}
"""One sign per mark, so that colour is never the only cue."""


_LINE_MARKS = (
    (Code.SHADOWS_OTHER_COOKIE, Mark.SHADOWS),
    (Code.BORN_EXPIRED, Mark.STILLBORN),
    (Code.LINES_JOINED, Mark.JOINED),
)
"""Warnings about a Set-Cookie that have marks of their own."""


def result_mark(result: StoreResult) -> Mark | None:
    """Return the mark of a Set-Cookie; None if it changed nothing that a user would notice."""
    if result.outcome is Outcome.IGNORED and missed_deletion(result) is not None:
        return Mark.MISSED
    if result.outcome in (Outcome.REFRESHED, Outcome.IGNORED):
        return None
    if result.standing is Standing.UNCONFIRMED:
        return Mark.UNCONFIRMED
    if result.standing is Standing.REFUTED:
        return Mark.REFUTED
    return Mark.REFUSED if result.outcome is Outcome.REJECTED else Mark.CHANGED


def marks_of(row: Row, exchange: Exchange, trace: Trace) -> frozenset[Mark]:
    """Return the marks of a row."""
    if row.kind is not RowKind.EXCHANGE:
        marks = set()
        for result in current_results(row, exchange):
            marks |= _result_marks(result, exchange, trace)
        return frozenset(marks)
    part = exchange.request
    marks = set()
    for cookie in part.cookies:
        unexplained = cookie.status is CookieStatus.UNEXPLAINED and (
            cookie.refused_in is not None
            or trace.browser.writer(part.client_id, cookie.name, cookie.value, part.at) is None
        )
        marks.add(Mark.UNEXPLAINED if unexplained else Mark.SENT)
    if len({cookie.name for cookie in part.cookies}) < len(part.cookies):
        marks.add(Mark.SHADOWS)
    if part.withheld:
        marks.add(Mark.WITHHELD)
    if exchange.browser is not None and word_of(exchange) is Word.DISPUTED:
        marks.add(Mark.DISPUTED)
    if any(absent.status is CookieStatus.MISSING for absent in part.missing):
        marks.add(Mark.MISSING)
    if exchange.edited:
        marks.add(Mark.EDITED)
    if exchange.failure is not None:
        marks.add(Mark.FAILED)
    elif exchange.response is None:
        marks.add(Mark.PENDING)
    else:
        for result in settled(exchange):
            marks |= _result_marks(result, exchange, trace)
    return frozenset(marks)


def _result_marks(result: StoreResult, exchange: Exchange, trace: Trace) -> set[Mark]:
    """Return the marks that a Set-Cookie gives to its rows."""
    marks = {mark for code, mark in _LINE_MARKS if warning_of(result, code) is not None}
    own = result_mark(result)
    if own is not None:
        marks.add(own)
    if newer_lost(trace, exchange, result) is not None:
        marks.add(Mark.LATE)
    return marks
