"""Where a navigation came from: the page that began it, and the redirects on its way."""

from __future__ import annotations

from urllib.parse import urljoin

from cookietrace.cookies import Target, default_public_suffixes, parse_target
from cookietrace.fold.exchange import Exchange
from cookietrace.fold.headers import header
from cookietrace.lesson.display_text import authority
from cookietrace.trace import Trace

MOST_HOPS = 8
"""How many exchanges back the redirect that led to a request is searched for."""

_LONGEST_CHAIN = 20
"""The most redirects that browsers follow (Fetch, HTTP-redirect fetch)."""


def redirect_before(trace: Trace, exchange: Exchange) -> Exchange | None:
    """Return the exchange whose redirect led to a request; None if none did."""
    part, last = exchange.request, exchange.number - 1
    for other in reversed(trace.exchanges[max(0, last - MOST_HOPS) : last]):
        if other.request.client_id == part.client_id and _redirects_to(other, part.url):
            return other
    return None


def first_of_chain(trace: Trace, exchange: Exchange) -> Exchange:
    """Return the first request of the redirects that led to a request; itself if there are none."""
    for _ in range(_LONGEST_CHAIN):
        before = redirect_before(trace, exchange)
        if before is None:
            break
        exchange = before
    return exchange


def page_before(exchange: Exchange) -> Target | None:
    """Return the page that made a request, or its origin; None if the request does not say."""
    headers = exchange.request.headers
    referrer = header(headers, "referer") or header(headers, "origin") or ""
    return parse_target(referrer) if "://" in referrer else None


def share_a_domain(one: str, other: str) -> bool:
    """Return whether a cookie could cover both hosts."""
    suffixes = default_public_suffixes()
    return one == other or (
        (suffixes.registrable_domain(one) or one) == (suffixes.registrable_domain(other) or other)
    )


def origin_sentence(trace: Trace, exchange: Exchange) -> tuple[str, Exchange | None]:
    """Return which other site began a navigation, as a sentence, and the exchange that it names.

    The sentence is empty if no header and no redirect shows the site.
    """
    here = exchange.request.target
    first = first_of_chain(trace, exchange)
    start, page = first.request.target, page_before(first)
    redirected = first is not exchange
    if page is None and redirected:
        page = start
    if page is None or not page.host or not here.host or share_a_domain(page.host, here.host):
        return "", None
    if not redirected:
        return f"The request came from a page of {authority(page)}.", None
    step = f"step {first.row.label}"
    where = step if page.host == start.host else f"with the request in {step}"
    return (
        f"The navigation began at {authority(page)} ({where}); a redirect does not change that.",
        first,
    )


def _redirects_to(exchange: Exchange, url: str) -> bool:
    """Return whether the response of an exchange redirects to a URL."""
    response = exchange.response
    if response is None or not 300 <= response.status_code < 400:
        return False
    location = header(response.headers, "location")
    if location is None:
        return False
    try:
        return urljoin(exchange.request.url, location).partition("#")[0] == url.partition("#")[0]
    except ValueError:
        return False
