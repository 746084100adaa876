"""Run the engine on a copy of a jar: for another address, or for other Set-Cookie lines."""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace.cookies import (
    CookieJar,
    Credentials,
    RequestContext,
    Selection,
    Site,
    StoreResult,
    Target,
    default_public_suffixes,
    profile_of,
    site_of,
)
from cookietrace.fold.exchange import Exchange
from cookietrace.trace import Trace


def jar_after(trace: Trace, client_id: str, position: int) -> CookieJar:
    """Return a copy of the jar that the client had after ``position`` events."""
    state = trace.client(client_id)
    profile = profile_of(state.profile, state.version)
    cookies = trace.jar_at(client_id, position)
    return CookieJar.load(cookies, profile, default_public_suffixes())


def simulate_visit(jar: CookieJar, target: Target, now: float) -> Selection:
    """Return what is sent and what is withheld if the user opens this address at time ``now``."""
    site = site_of(target, jar.public_suffixes)
    context = RequestContext(
        site=Site.SAME,
        top_level=True,
        unsafe=False,
        credentials=Credentials.INCLUDE,
        top_level_site=site,
        certain=True,
    )
    return jar.select(target, context, now)


def simulate_response(
    trace: Trace, exchange: Exchange, lines: Iterable[str]
) -> tuple[CookieJar, tuple[StoreResult, ...]]:
    """Return the jar and the verdicts as if the response had had these Set-Cookie lines.

    The exchange must have a response. Takes time in proportion to the jar.
    """
    part, response = exchange.request, exchange.response
    assert response is not None
    jar = jar_after(trace, part.client_id, response.position - 1)
    results = tuple(jar.store(line, part.target, part.context, response.at) for line in lines)
    return jar, results
