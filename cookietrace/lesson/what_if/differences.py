"""In what two tellings of one capture differ, exchange by exchange."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from cookietrace.cookies import Finding, Outcome, StoreResult, parse_cookie_header
from cookietrace.fold.exchange import Exchange, RequestPart, ResponsePart

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


Pairs = tuple[tuple[str, str], ...]
"""The names and values that a request sent."""


@lru_cache(maxsize=64)
def pairs_of(header: str) -> Pairs:
    """Return what a Cookie header says; most requests of a client repeat the one before."""
    return parse_cookie_header(header) if header else ()


class Line(NamedTuple):
    """What became of a Set-Cookie line in the real telling."""

    raw: str
    name: str
    outcome: Outcome
    reasons: tuple[Finding, ...]


def lines_of(response: ResponsePart) -> tuple[Line, ...]:
    """Return what became of the lines of a response."""
    results = response.set_cookies
    return tuple([Line(one.raw, one.name, one.outcome, one.reasons) for one in results])


def compared(real: Exchange, imagined: Exchange) -> Iterator[Difference]:
    """Yield in what an exchange differs: first what it sends."""
    before, after = real.request, imagined.request
    if before.observed != after.observed:
        pairs = tuple([(each.name, each.value) for each in before.cookies])
        for each in sent_otherwise(pairs, after, automatic=before.housekeeping):
            yield with_reasons(each, real)
    if real.response is not None and imagined.response is not None:
        lines = lines_of(real.response)
        yield from set_otherwise(lines, imagined, automatic=before.housekeeping)


def with_reasons(each: Difference, real: Exchange) -> Difference:
    """Return a difference with the reasons for which the real telling withheld a cookie."""
    if each.before != "not-sent":
        return each
    return msgspec.structs.replace(each, reasons=_withholding(real.request, each.cookie))


def sent_otherwise(pairs: Pairs, other: RequestPart, *, automatic: bool) -> Iterator[Difference]:
    """Yield in what a request differs that sent these pairs.

    Why the real telling withheld a cookie is not said yet: see ``with_reasons``.
    """
    of = other.exchange_id
    before, after = dict(pairs), {each.name: each.value for each in other.cookies}
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            reasons = _withholding(other, name)
            yield Difference(of, name, "sent", "not-sent", reasons, None, automatic)
        elif name not in before:
            yield Difference(of, name, "not-sent", "sent", (), None, automatic)
        elif before[name] != after[name]:
            yield Difference(of, name, "sent", "other-value", (), None, automatic)


def set_otherwise(
    lines: tuple[Line, ...], other: Exchange, *, automatic: bool
) -> Iterator[Difference]:
    """Yield in what a response differs of whose lines this became."""
    if other.response is None:
        return
    imagined = list(other.response.set_cookies)
    for result in lines:
        again = _counterpart(result, imagined)
        before = _EFFECTS[result.outcome]
        after = None if again is None else _EFFECTS[again.outcome]
        if before == after:
            continue
        reasons = again.reasons if again is not None and again.reasons else result.reasons
        line = result.raw if again is None else again.raw
        yield Difference(other.exchange_id, result.name, before, after, reasons, line, automatic)


def _withholding(part: RequestPart, name: str) -> tuple[Finding, ...]:
    for held in part.withheld:
        if held.cookie.name == name:
            return held.reasons
    return ()


def _counterpart(result: Line, imagined: list[StoreResult]) -> StoreResult | None:
    """Return and remove the result of the same line, or of what it became."""
    found = [each for each in imagined if each.raw == result.raw]
    found = found or [each for each in imagined if each.name == result.name]
    if not found:
        return None
    imagined.remove(found[0])
    return found[0]
