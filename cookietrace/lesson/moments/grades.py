"""How much a moment matters: its severity, and the facts that rank it.

Problems come before warnings, and warnings before notes. Among those of one severity, ``weigh``
ranks by what happened (``Rank``); then a navigation comes before a request within a page; what the
app itself was seen to miss before what its response suggests; and a cookie named like a session
before one named like a token, and that before others. The earlier of two that are equal is first.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec

from cookietrace.lesson.session_names import is_session_like, is_state_like


class Severity(StrEnum):
    """How much a moment matters."""

    PROBLEM = "problem"
    """The app needed a cookie that was not received, not read, not deleted, lost or shadowed."""
    WARNING = "warning"
    """What is uncertain, or works but is not safe."""
    NOTE = "note"
    """What is worth knowing and needs no fix."""


ORDER = {severity: place for place, severity in enumerate(Severity)}
"""The severities, the worst first."""


class Rank(IntEnum):
    """What happened, the worst first."""

    LACKED = 0
    """A request failed, or a view read None, for lack of a cookie that the client withheld."""
    NOT_KEPT = 1
    """The same, for lack of a cookie that the client had not kept."""
    UNREAD = 2
    """The request had the cookie, and the view did not get it."""
    TURNED_AWAY = 3
    """The request failed because of its cookies."""
    WRONG_ONE = 4
    """The app got another cookie of that name."""
    STAYED = 5
    """A deletion missed its cookie."""
    OVERWRITTEN = 6
    """A late response undid a newer cookie."""
    RESTARTED = 7
    """The app started a session again, for lack of a cookie."""
    SHARED = 8
    """Two clients have one session."""
    UNSAFE = 9
    """It works, but it is not safe."""
    DOUBTFUL = 10
    """Something does not look as it was meant, and nothing shows that it matters."""


class Grade(msgspec.Struct, frozen=True, kw_only=True):
    """How one match of a rule ranks."""

    severity: Severity
    code: str
    """What stays the same from one recording to the next: a reason code, or the rule's name."""
    cookies: tuple[str, ...] = ()
    """The names of the cookies that it is about, as on the wire."""
    brief: str = ""
    """The reason in a few words, for a row: ``SameSite=Lax, cross-site POST``; display text."""
    row: int | None = None
    """The step whose row shows it, if that is not the exchange's own row."""
    weight: tuple[int, ...] = ()
    """Ranks grades of one severity; the smaller, the worse."""


def worse(one: Grade, other: Grade) -> bool:
    """Return whether a grade ranks before another."""
    return (ORDER[one.severity], one.weight) < (ORDER[other.severity], other.weight)


def weigh(
    rank: Rank, name: str = "", *, top_level: bool = True, witnessed: bool = False
) -> tuple[int, ...]:
    """Return the weight of a grade, from what happened, where, how it is known, and the name."""
    kind = 0 if is_session_like(name) else 1 if is_state_like(name) else 2
    return (rank, not top_level, not witnessed, kind)


def as_it_is(grade: Grade) -> Grade:
    """Return a grade that nothing later can change; for ``RuleMatch.grade``."""
    return grade


def at_most(severity: Severity, certain: bool) -> Severity:
    """Return a severity; a warning instead of a problem if it is not certain."""
    return Severity.WARNING if severity is Severity.PROBLEM and not certain else severity
