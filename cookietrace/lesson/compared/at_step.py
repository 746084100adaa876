"""The cookies of a step in every browser: the lines it sets, or the cookies of its request."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

import msgspec

from cookietrace.cookies import (
    Cookie,
    RequestContext,
    Site,
    Target,
    default_public_suffixes,
    parse_cookie_date,
    parse_target,
    site_of,
)
from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.fold.headers import header
from cookietrace.lesson.compared.circumstance import OTHER_SITE, Circumstance
from cookietrace.lesson.compared.opinions import Opinion, opinions
from cookietrace.lesson.corrections import line_of_cookie
from cookietrace.lesson.standing import current_results
from cookietrace.lesson.table import Table


class Comparison(msgspec.Struct, frozen=True):
    """One line, or one cookie, in every browser."""

    line: str
    """The Set-Cookie line; text from the wire."""
    circumstance: Circumstance
    """How the request was made."""
    held: bool
    """Whether it is a cookie of the jar, and the question is whether this request sends it."""
    certain: bool
    """Whether it is known how the request was made."""
    opinions: tuple[Opinion, ...]
    known: bool = True
    """Whether the attributes are known: a response was seen to set it."""


MOST: Final = 20
"""How many lines or cookies of a step are compared: each takes every browser ten milliseconds."""


def comparisons(table: Table, step: int) -> tuple[tuple[Comparison, ...], int]:
    """Return what each browser does with the lines of a step's response, and how many are left out.

    If it sets none: with the cookies that its request sends and withholds. The first ``MOST`` are
    compared.
    """
    exchange, row = table.exchange(step), table.trace_row(step)
    whole = row.kind is RowKind.EXCHANGE
    found = _set(exchange, whole=whole, row=frozenset(current(table, step)))
    count = _count(exchange, whole=whole, row=frozenset(current(table, step)))
    if not count and whole:
        found, count = _sent(exchange), len(cookies_of(exchange))
    compared = tuple(itertools.islice(found, MOST))
    return compared, count - len(compared)


def _count(exchange: Exchange, *, whole: bool, row: frozenset[str]) -> int:
    results = exchange.response.set_cookies if exchange.response is not None else ()
    return len(results) if whole else sum(each.raw in row for each in results)


def current(table: Table, step: int) -> tuple[str, ...]:
    """Return the lines that a row tells of."""
    results = current_results(table.trace_row(step), table.exchange(step))
    return tuple(result.raw for result in results)


def _set(exchange: Exchange, *, whole: bool, row: frozenset[str]) -> Iterator[Comparison]:
    response = exchange.response
    if response is None:
        return
    how = circumstance_of(exchange)
    for result in response.set_cookies:
        if whole or result.raw in row:
            yield Comparison(
                result.raw,
                how,
                False,
                exchange.request.context.certain,
                opinions(result.raw, how, default_public_suffixes(), response.at),
            )


def _sent(exchange: Exchange) -> Iterator[Comparison]:
    part = exchange.request
    how = circumstance_of(exchange)
    for cookie in cookies_of(exchange):
        line = line_of_cookie(cookie).wire
        found = opinions(
            line,
            setting_of(cookie, part.target),
            default_public_suffixes(),
            cookie.set_at,
            asked=how,
            asked_at=part.at,
        )
        yield Comparison(line, how, True, part.context.certain, found, known=not cookie.inferred)


def cookies_of(exchange: Exchange) -> list[Cookie]:
    """Return the cookies that a request sends and withholds."""
    part = exchange.request
    cookies: dict[object, Cookie] = {
        each.cookie.key: each.cookie for each in part.cookies if each.cookie is not None
    }
    cookies |= {each.cookie.key: each.cookie for each in part.withheld}
    return list(cookies.values())


def setting_of(cookie: Cookie, target: Target) -> Circumstance:
    """Return a response that can have set a cookie of a jar, whatever the request at hand is."""
    scheme = "https" if cookie.secure else target.scheme
    host = cookie.domain if ":" not in cookie.domain else f"[{cookie.domain.strip('[]')}]"
    url = f"{scheme}://{host}{cookie.path}"
    own = site_of(parse_target(url), default_public_suffixes())
    if cookie.partition_key in (None, own):
        return Circumstance(url)
    return Circumstance(url, cookie.partition_key, top_level=False)


def circumstance_of(exchange: Exchange) -> Circumstance:
    """Return how a recorded request was made."""
    part = exchange.request
    return Circumstance(
        url=part.event.url,
        page=_page(part.context, part.target),
        top_level=part.context.top_level,
        method=part.event.method,
        date=_date(exchange),
        access=part.context.storage_access,
        told_by=part.profile,
    )


def _date(exchange: Exchange) -> float | None:
    if exchange.response is None:
        return None
    return parse_cookie_date(header(exchange.response.event.headers, "date") or "")


def _page(context: RequestContext, target: Target) -> str | None:
    """Return the page that made a request; None if it is of the same site for every browser."""
    embedded_in = None if context.top_level else context.top_level_site
    own = site_of(target, default_public_suffixes())
    if context.site is Site.CROSS:
        # Another site's frame may ask for what is of the site in the address bar.
        return OTHER_SITE if embedded_in in (None, own) else embedded_in
    # http and https of one domain are one site in some browsers only.
    return None if embedded_in == own else embedded_in
