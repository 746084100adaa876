"""The context of a request that the cookie rules need, and the facts it is derived from."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

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


class StorageAccess(StrEnum):
    """What a browser says about unpartitioned third-party cookies (Sec-Fetch-Storage-Access)."""

    ACTIVE = "active"
    """They are in reach."""
    INACTIVE = "inactive"
    """They are out of reach, but the server may ask for them (Activate-Storage-Access)."""
    NONE = "none"
    """They are out of reach."""


class ThirdParty(StrEnum):
    """What else is known about the unpartitioned cookies of a cross-site request within a page."""

    UNTOLD = "untold"
    """Nothing, and only this keeps the context from being certain: the profile is a guess."""
    UNRESTRICTED = "unrestricted"
    """They are in reach: a browser that restricts them says so, and this one does not."""
    SEEMS_BLOCKED = "seems-blocked"
    """This client seems to block third-party cookies."""
    SENT = "sent"
    """This client was seen to send third-party cookies."""


class RequestContext(msgspec.Struct, frozen=True, kw_only=True, gc=False, cache_hash=True):
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
    """Whether site, credentials and, within another site's page, access to third-party cookies are
    known, so that a wrong prediction is significant."""
    sources: tuple[str, ...] = ()
    """The names of the headers that the context is derived from."""
    embedded: bool = False
    """Whether a frame between the top-level page and the request is cross-site (CHIPS)."""
    storage_access: StorageAccess | None = None
    """What the browser said in this request, or last said in its frame; None if nothing."""
    third_party: ThirdParty | None = None
    """What else is known, if ``storage_access`` is None; None leaves it to the profile."""
    guessed_frame: bool = False
    """Whether its headers would also fit a navigation of the tab, and only the cookies that it
    lacks suggest a frame in another site's page."""
    redirected: bool = False
    """Whether a redirect on the way to it came from another site. -22 ignores that; a profile
    may not."""


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One request as seen on the wire."""

    exchange_id: str
    at: float
    method: str
    target: Target
    headers: tuple[tuple[str, str], ...]
    """The headers about its context, as returned by ``context_headers``."""
    credentials: Credentials = Credentials.UNKNOWN
    """What the client's connection shows of its credentials, if its headers show nothing."""


Treatment = Literal["blocked", "partitioned"]
"""What a browser does with unpartitioned third-party cookies if they are out of reach."""
_ACTIVE = StorageAccess.ACTIVE
_UNTOLD = ThirdParty.UNTOLD
_IN_REACH = (ThirdParty.UNRESTRICTED, ThirdParty.SENT)


def out_of_reach(
    context: RequestContext, by_profile: Literal["allowed", "blocked", "partitioned"]
) -> tuple[Treatment, str] | None:
    """Return how unpartitioned cookies are kept out of a request, and by which policy.

    None if they are in reach. ``by_profile`` is how the profile treats third-party cookies
    unless the client says or shows otherwise.
    """
    access = context.storage_access
    if access is not None:
        if access is _ACTIVE:
            return None
        policy = f"storage-access-{access.value}"
        return ("partitioned" if by_profile == "partitioned" else "blocked"), policy
    if context.site is not Site.CROSS or context.top_level:
        return None
    if context.third_party in (None, _UNTOLD):
        policy = "third-party-if-frame" if context.guessed_frame else "third-party-blocked"
        return None if by_profile == "allowed" else (by_profile, policy)
    if context.third_party in _IN_REACH:
        return None
    return "blocked", "third-party-seems-blocked"


def partition_key(context: RequestContext, own_site: str) -> str:
    """Return the partition that a Partitioned cookie belongs to in this request (CHIPS).

    ``own_site`` is the schemeful site of the request's URL, which is the
    top-level site of every request that is same-site.
    """
    top = context.top_level_site
    if top is None:
        return UNKNOWN_PARTITION if context.site is Site.CROSS else own_site
    return top + EMBEDDED if context.embedded and top == own_site else top
