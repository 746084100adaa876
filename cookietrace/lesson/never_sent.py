"""Why no request has sent a cookie since it was set: one set of facts for story and quiz."""

from __future__ import annotations

import msgspec

from cookietrace.cookies import Code, Cookie, CookieKey, Withheld
from cookietrace.fold.exchange import Exchange, MissingCookie
from cookietrace.lesson.cookie_histories import CookieEvent, CookieHistories
from cookietrace.lesson.display_text import plural
from cookietrace.lesson.misread_same_site import set_as_strict
from cookietrace.lesson.prose import RULES_IN_SHORT, hosts_of, remedy
from cookietrace.lesson.table import Table


class Unsent(msgspec.Struct, frozen=True):
    """Why a cookie has not been sent since; display text."""

    sentence: str
    steps: tuple[int, ...]
    """The steps of the requests that could have sent it, as far as the sentence names them."""
    fix: str = ""
    """What to do about it, if one of these requests tells."""


def why_not_sent(
    table: Table, histories: CookieHistories, exchange: Exchange, cookie: Cookie
) -> Unsent | None:
    """Return why no request has sent the cookie that an exchange's response set; None if one has.

    The exchange must have a response. Only requests made after that count.
    """
    client_id, key, response = exchange.request.client_id, cookie.key, exchange.response
    assert response is not None
    after = histories.requests_until(response.position)
    if histories.first(CookieEvent.SENT, client_id, key, after) is not None:
        return None
    withheld = histories.first(CookieEvent.WITHHELD, client_id, key, after)
    missing = histories.first(CookieEvent.MISSING, client_id, key, after)
    expired = histories.first(CookieEvent.EXPIRED, client_id, key, after)
    deleted = histories.deleted_after(client_id, key, response.position)
    parts, numbers, fix = [], [], ""
    if withheld is not None:
        numbers.append(withheld)
        parts.append(_withheld(table, histories, client_id, key, after, withheld))
    else:
        elsewhere = _elsewhere(table, histories, client_id, cookie, after)
        if elsewhere is not None:
            other, held = elsewhere
            numbers.append(other)
            parts.append(
                f"The request in {_at(table, other)} was for another host of the site, and it "
                f"belongs to {hosts_of(cookie)}."
            )
            fix = remedy(held.reasons[0])
    if missing is not None:
        numbers.append(missing)
        parts.append(
            f"The request in {_at(table, missing)} should have sent it, and the client did not."
        )
    if expired is not None and expired != withheld:
        numbers.append(expired)
        parts.append(f"It had expired by {_at(table, expired)}.")
    if deleted is not None:
        parts.append(f"The response in {_at(table, deleted)} deleted it.")
    if not parts:
        later = histories.requests_after(exchange)
        if later:
            return Unsent(
                f"Since then, there {'was' if later == 1 else 'were'} {plural(later, 'request')} "
                "to that host, and the jar did not hold it for any of them.",
                table.steps_of(exchange.exchange_id)[:1],
            )
        return Unsent("Since then, there was no request that it could be sent with.", ())
    steps = [
        step
        for number in numbers
        for step in table.steps_of(table.trace.exchanges[number - 1].exchange_id)[:1]
    ]
    fix = _fix(table, exchange, key, withheld, missing) or fix
    return Unsent(" ".join(parts), tuple(steps), fix)


def _elsewhere(
    table: Table, histories: CookieHistories, client_id: str, cookie: Cookie, after: int
) -> tuple[int, Withheld] | None:
    """Return the first request to another host of the site while the jar held a cookie."""
    number = histories.first_elsewhere(client_id, cookie.domain, after)
    if number is None:
        return None
    for held in histories.siblings.of(table.trace.exchanges[number - 1]):
        if held.cookie.key == cookie.key:
            return number, held
    return None


def _fix(
    table: Table, exchange: Exchange, key: CookieKey, withheld: int | None, missing: int | None
) -> str:
    """Return what to do about the first request that did not send the cookie."""
    numbers = [number for number in (withheld, missing) if number is not None]
    if not numbers:
        return ""
    part = table.trace.exchanges[min(numbers) - 1].request
    entries: tuple[Withheld | MissingCookie, ...] = (*part.withheld, *part.missing)
    for entry in entries:
        if entry.cookie.key == key and entry.reasons:
            misread = set_as_strict(exchange, key)
            if misread is not None and entry.reasons[0].code is Code.SAME_SITE_STRICT:
                return remedy(misread)
            return remedy(entry.reasons[0])
    return ""


def _withheld(
    table: Table,
    histories: CookieHistories,
    client_id: str,
    key: CookieKey,
    after: int,
    first: int,
) -> str:
    part = table.trace.exchanges[first - 1].request
    codes = next(held.reasons for held in part.withheld if held.cookie.key == key)
    because = f" because {RULES_IN_SHORT[codes[0].code]}" if codes else ""
    places = histories.places(CookieEvent.WITHHELD, client_id, key)
    often = sum(1 for number in places if number > after)
    where = _at(table, first)
    if often == 1:
        return f"The request in {where} withheld it{because}."
    return f"{often:,} requests withheld it, the one in {where}{because}."


def _at(table: Table, number: int) -> str:
    """Return what texts call an exchange, e.g. ``step 3``, whether it is in focus or not."""
    return f"step {table.trace.exchanges[number - 1].row.label}"
