"""What is said of one Set-Cookie line alone, compared with what a browser did with it."""

from __future__ import annotations

from collections.abc import Iterator

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
_BY_JAR = frozenset({Code.WOULD_OVERWRITE_SECURE, Code.WOULD_OVERWRITE_HTTP_ONLY})
"""Reasons that depend on what else the jar holds."""
_BY_RESPONSE = frozenset({"site-full", "response-dropped", "clear-site-data", "informational",
                          "no-credentials", "third-party-seems-blocked"})  # fmt: skip
"""Policies that depend on more than the line and how the request was made."""


def contradictions(trace: Trace) -> Iterator[str]:
    """Yield each line of which the browser is said to do what the browser did not."""
    for exchange in trace.exchanges:
        response, part = exchange.response, exchange.request
        if response is None or not part.context.certain or part.context.storage_access is not None:
            continue
        for result in response.set_cookies:
            if result.standing is Standing.CERTAIN and _decides(result):
                yield from _contradiction(exchange, result, response.at)


def _decides(result: StoreResult) -> bool:
    if result.outcome in _STORED:
        return True
    if result.outcome is not Outcome.REJECTED:
        return False
    policies = {dict(finding.facts).get("policy") for finding in result.reasons}
    codes = {finding.code for finding in result.reasons}
    return not (codes & _BY_JAR) and not (policies & _BY_RESPONSE)


def _contradiction(exchange: Exchange, result: StoreResult, at: float) -> Iterator[str]:
    profile = PROFILES[exchange.request.profile]
    suffixes = default_public_suffixes()
    alone, _ = fate(result.raw, circumstance_of(exchange), profile, suffixes, at)
    did, said = result.outcome in _STORED, alone.outcome is Outcome.CREATED
    if did != said:
        yield f"{result.raw!r} in {exchange.request.url}: stored {did}, said {said}"
