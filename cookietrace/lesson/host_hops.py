"""Cookies left behind when a flow of one app continues at a host that shares no domain with theirs.

The jar never lists such cookies as withheld: to a browser they have nothing to do with the host.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cookietrace.cookies import Cookie, is_loopback
from cookietrace.fold.exchange import Exchange
from cookietrace.fold.headers import header
from cookietrace.lesson.cookie_histories import ACCEPTED
from cookietrace.lesson.display_text import authority, capitalized, shown, some
from cookietrace.lesson.navigations import (
    MOST_HOPS,
    page_before,
    redirect_before,
    share_a_domain,
)
from cookietrace.lesson.prose import hosts_of, named
from cookietrace.lesson.session_names import is_session_like
from cookietrace.trace import Trace

MOST_BACK = 60
"""How many exchanges back the page that led to a request is searched for."""


class HostHop(msgspec.Struct, frozen=True):
    """A request whose page or redirect set cookies that its host cannot get; display text."""

    source: Exchange
    """The exchange that led here."""
    cookies: tuple[Cookie, ...]
    """The cookies that stay behind, the oldest first."""
    sentence: str
    fix: str
    local: bool = False
    """Whether both hosts are this machine."""


def may_hop(trace: Trace, exchange: Exchange) -> bool:
    """Return whether ``host_hop`` could find anything; costs next to nothing."""
    part = exchange.request
    here = part.target.host
    if here is None or part.housekeeping or exchange.number == 1:
        return False
    page = _page_of(exchange)
    if page == here:
        return False
    if is_loopback(here):
        first = max(0, exchange.number - 1 - MOST_HOPS)
        before = trace.exchanges[first : exchange.number - 1]
        return page is not None or any(other.request.target.host != here for other in before)
    response = exchange.response
    if response is None:
        return False
    return response.status_code == 401 or bool(_names_of_interest(exchange))


def host_hop(trace: Trace, exchange: Exchange) -> HostHop | None:
    """Return the cookies that a request leaves behind at the host that led to it.

    None unless something shows that both hosts serve one app: both are this machine; or the app
    here looked for the cookie, or turns the user away.
    """
    part, here = exchange.request, exchange.request.target
    if here.host is None or not may_hop(trace, exchange):
        return None
    source = _led_by(trace, exchange)
    there = source.request.target.host if source is not None else None
    if source is None or there is None or share_a_domain(there, here.host):
        return None
    local = is_loopback(there) and is_loopback(here.host)
    held = [
        cookie
        for cookie in trace.jar_at(part.client_id, part.position)
        if not cookie.inferred and _covers(cookie, there)
    ]
    if not held or not (local or _is_one_app(exchange, held)):
        return None
    signed = _names_of_interest(exchange)
    left = [
        cookie
        for cookie in held
        if cookie.name in signed or is_session_like(cookie.name) or _was_set_by(source, cookie)
    ]
    carried = {cookie.name for cookie in part.cookies}
    left = [cookie for cookie in left if cookie.name not in carried]
    if not left:
        return None
    left.sort(key=lambda cookie: (cookie.created_at, cookie.sequence))
    names = some(named(cookie.name) for cookie in left)
    one = len(left) == 1
    both = " To a browser, two names for one machine are two hosts." if local else ""
    return HostHop(
        source,
        tuple(left),
        f"{capitalized(names)} {'belongs' if one else 'belong'} to {hosts_of(left[0])}; "
        f"{authority(here)} is another host, and shares no domain with it, so it can never get "
        f"{'it' if one else 'them'}.{both}",
        f"Use one host name for the whole app, {shown(there)} or {shown(here.host)}, in every "
        "link, redirect and setting."
        if local
        else f"Put both under one domain of yours and set Domain to that, or hand the user over "
        f"by a one-time code in the address, for which {shown(here.host)} sets its own cookie.",
        local,
    )


def _led_by(trace: Trace, exchange: Exchange) -> Exchange | None:
    """Return the exchange of the redirect or page that led to a request; None if not known."""
    part, last = exchange.request, exchange.number - 1
    redirect = redirect_before(trace, exchange)
    if redirect is not None:
        return redirect
    page = _page_of(exchange)
    if page is None:
        return None
    for other in reversed(trace.exchanges[max(0, last - MOST_BACK) : last]):
        if other.request.client_id == part.client_id and other.request.target.host == page:
            return other
    return None


def _page_of(exchange: Exchange) -> str | None:
    """Return the host of the page that made a request, if the request says so."""
    page = page_before(exchange)
    return page.host if page is not None else None


def _covers(cookie: Cookie, host: str) -> bool:
    """Return whether a cookie is sent to a host."""
    if cookie.host_only:
        return cookie.domain == host
    return host == cookie.domain or host.endswith(f".{cookie.domain}")


def _is_one_app(exchange: Exchange, held: Iterable[Cookie]) -> bool:
    """Return whether the server here looks for one of these cookies, or misses it."""
    response = exchange.response
    names = {cookie.name for cookie in held}
    if names & _names_of_interest(exchange):
        return True
    session = any(is_session_like(name) for name in names)
    scripted = header(exchange.request.headers, "origin") is not None
    return (
        session
        and response is not None
        and response.status_code == 401
        and (exchange.request.context.top_level or scripted)
    )


def _names_of_interest(exchange: Exchange) -> set[str]:
    """Return the names that the app looked for in vain, without a framework's own session."""
    server = exchange.server
    if server is None:
        return set()
    return {read.name for read in server.reads if read.value is None and read.where != "session"}


def _was_set_by(source: Exchange, cookie: Cookie) -> bool:
    """Return whether the response that led here set a cookie."""
    return source.response is not None and any(
        result.cookie is not None and result.cookie.key == cookie.key and result.outcome in ACCEPTED
        for result in source.response.set_cookies
    )
