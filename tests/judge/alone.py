"""What is said about one Set-Cookie line alone, compared with what a browser did with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from cookietrace.cookies import (
    PROFILES,
    Code,
    Outcome,
    Standing,
    StoreResult,
    default_public_suffixes,
)
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.compared import fate
from cookietrace.lesson.compared.at_step import circumstance_of
from cookietrace.trace import Trace

_STORED = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED})
_GONE = frozenset({Outcome.DELETED, Outcome.IGNORED})
"""The line had expired: it stores nothing, and deletes what is there."""
_BY_JAR = frozenset({Code.WOULD_OVERWRITE_SECURE, Code.WOULD_OVERWRITE_HTTP_ONLY})
"""Reasons that depend on what else the jar holds."""
_BY_RESPONSE = frozenset({"site-full", "response-dropped", "clear-site-data", "informational",
                          "no-credentials", "third-party-seems-blocked"})  # fmt: skip
"""Policies that depend on more than the line and how the request was made."""


class Alone(NamedTuple):
    """The lines of a story, each taken alone."""

    contradictions: list[str]
    """Those of which the browser is said to do what it did not do."""
    compared: int
    left_out: Counter[str]
    """Why the others cannot be compared."""


def taken_alone(trace: Trace) -> Alone:
    """Compare each line of which it is certain what the browser did with it."""
    found = Alone([], 0, Counter())
    for exchange in trace.exchanges:
        response = exchange.response
        for result in response.set_cookies if response is not None else ():
            why = _why_not(exchange, result)
            if why is not None:
                found.left_out[why] += 1
                continue
            assert response is not None
            found = found._replace(compared=found.compared + 1)
            found.contradictions.extend(_contradiction(exchange, result, response.at))
    return found


def _why_not(exchange: Exchange, result: StoreResult) -> str | None:
    """Return why a line cannot be compared; None if it can."""
    if not exchange.request.context.certain:
        return "how the request was made is not known"
    if result.standing is not Standing.CERTAIN:
        return "what the browser did is not known"
    if result.outcome in _STORED | _GONE:
        return None
    policies = {dict(finding.facts).get("policy") for finding in result.reasons}
    codes = {finding.code for finding in result.reasons}
    if codes & _BY_JAR:
        return "it depends on the jar"
    return "it depends on the response" if policies & _BY_RESPONSE else None


def _contradiction(exchange: Exchange, result: StoreResult, at: float) -> Iterator[str]:
    profile = PROFILES[exchange.request.profile]
    suffixes = default_public_suffixes()
    alone, _ = fate(result.raw, circumstance_of(exchange), profile, suffixes, at)
    did, said = _word(result.outcome), _word(alone.outcome)
    if did != said:
        yield f"{result.raw!r} in {exchange.request.url}: {did}, said to be {said}"


def _word(outcome: Outcome) -> str:
    if outcome in _STORED:
        return "stored"
    return "gone" if outcome in _GONE else "refused"
