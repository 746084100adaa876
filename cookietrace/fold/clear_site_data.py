"""Clear-Site-Data: the response header that deletes the cookies of a whole site."""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace.cookies import (
    Code,
    Cookie,
    Credentials,
    Finding,
    Outcome,
    Profile,
    PublicSuffixes,
    RequestContext,
    Site,
    StoreResult,
    Target,
    is_secure,
    parse_set_cookie,
    registrable_domain,
    site_of,
)
from cookietrace.cookies.request.context import partition_key
from cookietrace.cookies.rules.storage import as_read
from cookietrace.cookies.verdicts import shortened

_TYPES = frozenset({'"cookies"', '"*"'})
"""The types that clear cookies. Their quotes belong to them."""


def names_cookies(fields: Iterable[str]) -> bool:
    """Return whether the values of a response's Clear-Site-Data headers name cookies."""
    return any(part.strip(" \t") in _TYPES for value in fields for part in value.split(","))


def may_clear(target: Target, context: RequestContext, profile: Profile) -> bool:
    """Return whether a response's Clear-Site-Data counts: it is secure and has credentials."""
    return context.credentials is not Credentials.OMIT and is_secure(target, profile)


def cleared(
    cookies: Iterable[Cookie],
    target: Target,
    context: RequestContext,
    profile: Profile,
    public_suffixes: PublicSuffixes,
) -> tuple[Cookie, ...]:
    """Return the cookies that such a response deletes.

    These are all cookies of the registrable domain, unpartitioned or in the request's
    partition. In some browsers they are only those whose domain is the host: in a page of
    another site those of the partition, otherwise the unpartitioned ones.
    """
    host = target.host or ""
    if profile.clear_site_data == "host":
        third_party = context.site is Site.CROSS and not context.top_level
        own_site = site_of(target, public_suffixes)
        partition = partition_key(context, own_site) if third_party else None
        return tuple(
            cookie
            for cookie in cookies
            if cookie.partition_key == partition and cookie.domain == host
        )
    site = registrable_domain(host, public_suffixes) or host
    partitions = (None, partition_key(context, site_of(target, public_suffixes)))
    return tuple(
        cookie
        for cookie in cookies
        if cookie.partition_key in partitions
        and (registrable_domain(cookie.domain, public_suffixes) or cookie.domain) == site
    )


def refused(line: str, profile: Profile, policy: str = "clear-site-data") -> StoreResult:
    """Return the verdict on a Set-Cookie line of a response that sets nothing, by a policy."""
    parsed = as_read(parse_set_cookie(line), profile)
    facts = (("cookie", shortened(parsed.name)), ("policy", policy))
    reason = Finding(Code.CLIENT_POLICY, facts)
    return StoreResult(line, Outcome.REJECTED, parsed, (*parsed.reasons, reason), parsed.warnings)
