"""Clear-Site-Data: the response header that deletes the cookies of a whole site."""

from __future__ import annotations

import re
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
from cookietrace.cookies.verdicts import shortened

_TYPES = re.compile(r'"([^"]*)"')


def clears_cookies(
    fields: Iterable[str], target: Target, context: RequestContext, profile: Profile
) -> bool:
    """Return whether a response clears cookies: it must be secure and have credentials.

    ``fields`` are the values of its Clear-Site-Data headers.
    """
    requested = any(not {"cookies", "*"}.isdisjoint(_TYPES.findall(value)) for value in fields)
    return requested and context.credentials is not Credentials.OMIT and is_secure(target, profile)


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


def refused(line: str) -> StoreResult:
    """Return the verdict on a Set-Cookie line of such a response: it sets nothing."""
    parsed = parse_set_cookie(line)
    facts = (("cookie", shortened(parsed.name)), ("policy", "clear-site-data"))
    reason = Finding(Code.CLIENT_POLICY, facts)
    return StoreResult(line, Outcome.REJECTED, parsed, (*parsed.reasons, reason), parsed.warnings)
