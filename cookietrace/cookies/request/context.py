"""The context of a request that the cookie rules need, and the facts it is derived from."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cookietrace.cookies.match import Target

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""The methods of cross-site navigations that still send Lax cookies (RFC 9110 9.2.1)."""

UNKNOWN_PARTITION = "?"
"""The partition of a cookie whose top-level site is unknown."""

EMBEDDED = " (embedded)"
"""The suffix of a partition key whose site is framed by another site in a page of its own."""


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
    """The properties of a request that the retrieval and storage rules need."""

    site: Site
    top_level: bool
    """Whether it navigates a top-level page (a tab)."""
    unsafe: bool
    """Whether its method is not one of GET, HEAD, OPTIONS, TRACE."""
    credentials: Credentials
    top_level_site: str | None
    """The schemeful site in the address bar, e.g. ``https://shop.test``; None if unknown."""
    certain: bool
    """Whether site and credentials are both known, so that a wrong prediction is significant."""
    sources: tuple[str, ...] = ()
    """The names of the headers that the context is derived from."""
    embedded: bool = False
    """Whether a frame between the top-level page and the request is cross-site (CHIPS)."""
    redirected: bool = False
    """Whether a redirect on the way to it came from another site. -22 ignores that; a profile
    may not."""


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One request as seen on the wire."""

    exchange_id: str
    at: float
    method: str
    target: Target
    url: str
    headers: tuple[tuple[str, str], ...]
    """The headers about its context, as returned by ``context_headers``."""
    credentials: Credentials = Credentials.UNKNOWN
    """What the client's connection shows of its credentials, if its headers show nothing."""


def partition_key(context: RequestContext, own_site: str) -> str:
    """Return the partition that a Partitioned cookie belongs to in this request (CHIPS).

    ``own_site`` is the schemeful site of the request's URL, which is the
    top-level site of every request that is same-site.
    """
    top = context.top_level_site
    if top is None:
        return UNKNOWN_PARTITION if context.site is Site.CROSS else own_site
    return top + EMBEDDED if context.embedded and top == own_site else top
