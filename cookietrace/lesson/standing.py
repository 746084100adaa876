"""What is said about a Set-Cookie whose effect is not certain, and of one that turned out wrong.

All text returned here is display text.
"""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace.cookies import Code, Finding, Outcome, RestsOn, Standing, StoreResult
from cookietrace.cookies.verdicts import shortened
from cookietrace.fold.exchange import Exchange, Row
from cookietrace.lesson.browser_says import settled
from cookietrace.lesson.prose import remedy

_IF = {
    RestsOn.CREDENTIALS: (
        "if the request was made with credentials",
        "if the request was made without credentials",
    ),
    RestsOn.THIRD_PARTY: (
        "if the client accepts third-party cookies",
        "if the client blocks third-party cookies",
    ),
    RestsOn.BOTH: (
        "if the request was made with credentials and the client accepts third-party cookies",
        "if the request was made without credentials or the client blocks third-party cookies",
    ),
}
"""What an effect rests on -> the condition for what was set to be taken, and to be refused."""

_IF_IN_SHORT = {
    RestsOn.CREDENTIALS: ("if requested with credentials", "if requested without credentials"),
    RestsOn.THIRD_PARTY: (
        "if it accepts third-party cookies",
        "if it blocks third-party cookies",
    ),
    RestsOn.BOTH: (
        "if requested with credentials and it accepts third-party cookies",
        "if requested without credentials or it blocks third-party cookies",
    ),
}
"""The same conditions for a row, in which *it* is the client."""

_SHOWN = {
    RestsOn.CREDENTIALS: (
        "that request was made with credentials",
        "that request was made without credentials",
    ),
    RestsOn.THIRD_PARTY: (
        "the client accepts third-party cookies",
        "the client seems to block third-party cookies",
    ),
    RestsOn.BOTH: (
        "that request was made with credentials, and the client accepts third-party cookies",
        "that request was made without credentials, or the client blocks third-party cookies",
    ),
}
"""The same, once a request has shown it."""

_POLICIES = {
    RestsOn.CREDENTIALS: "no-credentials",
    RestsOn.THIRD_PARTY: "third-party-seems-blocked",
    RestsOn.BOTH: "no-credentials",
}
"""The policy by which the client refused the cookie, if it did; the likelier of two."""

_HAD_NOT = {
    Outcome.CREATED: "had not stored",
    Outcome.REPLACED: "had not replaced",
    Outcome.REFRESHED: "had not stored",
    Outcome.DELETED: "had not deleted",
    Outcome.IGNORED: "had not deleted",
}


def is_open(result: StoreResult) -> bool:
    """Return whether nobody knows if this outcome is right."""
    return result.standing is Standing.UNCONFIRMED


def is_wrong(result: StoreResult) -> bool:
    """Return whether a later request showed that this outcome is wrong."""
    return result.standing is Standing.REFUTED


def proviso(results: Iterable[StoreResult]) -> str:
    """Return what follows a sentence on results of one response, before its full stop.

    ``, if the request was made with credentials`` while that is not known; ``, as it seemed at
    first; but that request was made without credentials`` once it turned out wrong; empty if the
    outcome is known to be right.
    """
    for result in results:
        if result.rests_on is None:
            continue
        if is_open(result):
            return f", {_IF[result.rests_on][result.outcome is Outcome.REJECTED]}"
        if is_wrong(result):
            return f", as it seemed at first; but {refuted_why(result)}"
    return ""


def short_proviso(results: Iterable[StoreResult]) -> str:
    """Return what follows a row on results of one response, as ``proviso`` does, but shorter."""
    for result in results:
        if result.rests_on is None:
            continue
        if is_open(result):
            return f", {_IF_IN_SHORT[result.rests_on][result.outcome is Outcome.REJECTED]}"
        if is_wrong(result):
            return ", as it seemed at first"
    return ""


def held_only_if(result: StoreResult) -> str:
    """Return a sentence on whether the client holds what an unconfirmed result stored."""
    condition = _IF[result.rests_on or RestsOn.CREDENTIALS][False]
    return f"It is not known whether the client holds it at all: it does only {condition}."


def refuted_verb(result: StoreResult, at: float) -> str:
    """Return what the client had not done after all, or had: ``had not stored``.

    ``at`` is the time of the response.
    """
    if result.outcome is Outcome.REJECTED:
        return "had deleted" if asks_to_delete(result, at) else "had stored"
    return _HAD_NOT[result.outcome]


def refuted_why(result: StoreResult) -> str:
    """Return what was shown: ``that request was made without credentials``."""
    if result.rests_on is None:
        return "the assumption was wrong"
    return _SHOWN[result.rests_on][result.outcome is not Outcome.REJECTED]


def refuted_fix(result: StoreResult) -> str:
    """Return what a developer can do about it; empty if the client did what was asked."""
    if result.rests_on is None or result.outcome is Outcome.REJECTED:
        return ""
    facts = (("cookie", shortened(result.name)), ("policy", _POLICIES[result.rests_on]))
    return remedy(Finding(Code.CLIENT_POLICY, facts))


def asks_to_delete(result: StoreResult, at: float) -> bool:
    """Return whether a Set-Cookie was meant as a deletion: empty, with its expiry in the past."""
    parsed = result.parsed
    if parsed.max_age is not None:
        return not result.value and parsed.max_age <= 0
    return not result.value and parsed.expires is not None and parsed.expires <= at


def current_results(row: Row, exchange: Exchange) -> tuple[StoreResult, ...]:
    """Return the results that a storing or refused row shows, with the standing they have now.

    ``exchange`` is the row's, as it is now.
    """
    response = exchange.response
    if response is None or row.refutes is not None:
        return row.results
    results = settled(exchange)
    return tuple([results[line] for line in row.lines])
