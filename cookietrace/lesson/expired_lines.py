"""Set-Cookie lines that do something other than they seem to: expired at once, or joined."""

from __future__ import annotations

from collections.abc import Mapping

from cookietrace.cookies import Code, Finding, Outcome, StoreResult
from cookietrace.fold.exchange import Exchange
from cookietrace.trace import Trace

_EXPIRED = frozenset({Outcome.DELETED, Outcome.IGNORED})

TOLD_WITH_FIX = frozenset({Code.BORN_EXPIRED, Code.LINES_JOINED, Code.LINE_MISWRITTEN})
"""Warnings about a line that does not do what it was written for: told with what to do."""


def warning_of(result: StoreResult, code: Code) -> Finding | None:
    """Return a result's warning of that code; None if it has none."""
    for warning in result.warnings:
        if warning.code is code:
            return warning
    return None


def is_deletion(result: StoreResult) -> bool:
    """Return whether a line asks to delete a cookie, as far as can be told.

    False also if it only expires at once: by a wrong clock, or by a lifetime that was joined to it.
    """
    if result.outcome not in _EXPIRED or warning_of(result, Code.BORN_EXPIRED) is not None:
        return False
    return not has_foreign_lifetime(result)


def has_foreign_lifetime(result: StoreResult) -> bool:
    """Return whether a line's lifetime is the one of a cookie that was joined to it."""
    joined = warning_of(result, Code.LINES_JOINED)
    return joined is not None and dict(joined.facts)["lifetime"] == "other"


def joined_before(trace: Trace, exchange: Exchange) -> Mapping[str, Exchange]:
    """Return the names that stand in joined lines, each with the last exchange that has it.

    Only those before a request. Takes time in proportion to the exchanges before.
    """
    part = exchange.request
    found: dict[str, Exchange] = {}
    for index in range(exchange.number - 2, -1, -1):
        other = trace.exchanges[index]
        response = other.response
        if response is None or not response.set_cookies:
            continue
        if other.request.client_id != part.client_id or response.position > part.position:
            continue
        for result in response.set_cookies:
            joined = warning_of(result, Code.LINES_JOINED)
            for name in () if joined is None else _others(joined):
                found.setdefault(name, other)
    return found


def _others(joined: Finding) -> tuple[str, ...]:
    others = dict(joined.facts)["others"]
    assert isinstance(others, tuple)
    return others
