"""In what two tellings of one capture differ, exchange by exchange."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from cookietrace.cookies import Finding, Outcome, StoreResult
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.what_if.retelling import Retelling

Effect = Literal["sent", "not-sent", "other-value", "stored", "refused", "deleted", "no-effect"]

_EFFECTS: dict[Outcome, Effect] = {
    Outcome.CREATED: "stored",
    Outcome.REPLACED: "stored",
    Outcome.REFRESHED: "stored",
    Outcome.DELETED: "deleted",
    Outcome.REJECTED: "refused",
    Outcome.IGNORED: "no-effect",
}


class Difference(msgspec.Struct, frozen=True):
    """One cookie of one exchange that fares differently."""

    exchange_id: str
    cookie: str
    """Its name, from the wire."""
    before: Effect | None
    """None if the line was not there."""
    after: Effect | None
    reasons: tuple[Finding, ...] = ()
    """Why, in the telling in which something is refused or withheld."""
    line: str | None = None
    """The Set-Cookie line, for what a response does; None for what a request sends."""
    automatic: bool = False
    """Whether the browser made the request by itself: no table shows it unless asked to."""


def differences(retelling: Retelling) -> Iterator[Difference]:
    """Yield what differs, in the order of the exchanges: first what they send."""
    real, imagined = retelling.real.exchanges, retelling.imagined.exchanges
    for number in imagined.own:
        one, other = real[number - 1], imagined[number - 1]
        for each in (*_sent(one, other), *_set(one, other)):
            if one.request.housekeeping:
                yield msgspec.structs.replace(each, automatic=True)
            else:
                yield each


def _sent(one: Exchange, other: Exchange) -> Iterator[Difference]:
    if one.request.observed == other.request.observed:
        return
    before = {each.name: each.value for each in one.request.cookies}
    after = {each.name: each.value for each in other.request.cookies}
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            yield Difference(one.exchange_id, name, "sent", "not-sent", _withholding(other, name))
        elif name not in before:
            yield Difference(one.exchange_id, name, "not-sent", "sent", _withholding(one, name))
        elif before[name] != after[name]:
            yield Difference(one.exchange_id, name, "sent", "other-value")


def _withholding(exchange: Exchange, name: str) -> tuple[Finding, ...]:
    for held in exchange.request.withheld:
        if held.cookie.name == name:
            return held.reasons
    return ()


def _set(one: Exchange, other: Exchange) -> Iterator[Difference]:
    if one.response is None or other.response is None:
        return
    results, imagined = one.response.set_cookies, list(other.response.set_cookies)
    if results == other.response.set_cookies:
        return
    for result in results:
        again = _counterpart(result, imagined)
        before = _EFFECTS[result.outcome]
        after = None if again is None else _EFFECTS[again.outcome]
        if before == after:
            continue
        reasons = again.reasons if again is not None and again.reasons else result.reasons
        line = result.raw if again is None else again.raw
        yield Difference(one.exchange_id, result.name, before, after, reasons, line)


def _counterpart(result: StoreResult, imagined: list[StoreResult]) -> StoreResult | None:
    """Return and remove the result of the same line, or of what it became."""
    found = [each for each in imagined if each.raw == result.raw]
    found = found or [each for each in imagined if each.name == result.name]
    if not found:
        return None
    imagined.remove(found[0])
    return found[0]
