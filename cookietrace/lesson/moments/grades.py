"""How much a moment matters: its severity, and the facts that rank it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


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
