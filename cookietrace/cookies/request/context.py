"""What the cookie rules ask about a request, and the facts it is read from."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cookietrace.cookies.match import Target

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""The methods that a cross-site navigation may use and still carry Lax cookies (RFC 9110 9.2.1)."""

UNKNOWN_PARTITION = "?"
"""The partition of a cookie whose top-level site nothing told."""

EMBEDDED = " (embedded)"
"""Ends the partition key of a site that is framed within another site within itself."""


class Site(StrEnum):
    """Whether a request is same-site (5.2)."""

    SAME = "same-site"
    CROSS = "cross-site"
    UNKNOWN = "unknown"


class Credentials(StrEnum):
    """Whether a request carries cookies at all (Fetch, credentials mode)."""

    INCLUDE = "include"
    OMIT = "omit"
    UNKNOWN = "unknown"


class RequestContext(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the retrieval and storage rules need to know about a request."""

    site: Site
    top_level: bool
    """Whether it navigates a top-level page (a tab)."""
    unsafe: bool
    """Whether its method is none of GET, HEAD, OPTIONS, TRACE."""
    credentials: Credentials
    top_level_site: str | None
    """The schemeful site in the address bar, e.g. ``https://shop.test``; None where unknown."""
    certain: bool
    """Whether site and credentials are both known, so that a failed prediction means something."""
    sources: tuple[str, ...] = ()
    """The names of the headers that told."""
    embedded: bool = False
    """Whether a cross-site page stands between the address bar and the page that asks (CHIPS)."""


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One request as it stands on the wire."""

    exchange_id: str
    at: float
    method: str
    target: Target
    url: str
    headers: tuple[tuple[str, str], ...]
    """Those that speak of circumstances, as ``context_headers`` returns them."""


def partition_key(context: RequestContext, own_site: str) -> str:
    """Return the partition that a Partitioned cookie belongs to in this request (CHIPS).

    ``own_site`` is the schemeful site of the request's URL, which is the
    top-level site of every request that is same-site.
    """
    top = context.top_level_site
    if top is None:
        return UNKNOWN_PARTITION if context.site is Site.CROSS else own_site
    return top + EMBEDDED if context.embedded and top == own_site else top
