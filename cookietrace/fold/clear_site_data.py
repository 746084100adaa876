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
    StoreResult,
    Target,
    is_secure,
    parse_set_cookie,
    registrable_domain,
    site_of,
)
from cookietrace.cookies.request.context import out_of_reach, partition_key
from cookietrace.cookies.rules.storage import as_read
from cookietrace.cookies.verdicts import shortened

_TYPES = frozenset({'"cookies"', '"*"'})
"""The types that clear cookies. Their quotes belong to them."""


def names_cookies(fields: Iterable[str]) -> bool:
    """Return whether the values of a response's Clear-Site-Data headers name cookies."""
    return any(part.strip(" \t") in _TYPES for value in fields for part in value.split(","))


def may_clear(target: Target, context: RequestContext, profile: Profile) -> bool:
    """Return whether a response's Clear-Site-Data counts: it is secure and has credentials.

    Browsers that clear by host do not ask for credentials (seen on Firefox 153).
    """
    omits = context.credentials is Credentials.OMIT and profile.clear_site_data != "host"
    return not omits and is_secure(target, profile)


def cleared(
    cookies: Iterable[Cookie],
    target: Target,
    context: RequestContext,
    profile: Profile,
    public_suffixes: PublicSuffixes,
) -> tuple[Cookie, ...]:
    """Return the cookies that such a response deletes.

    These are all cookies of the registrable domain, in the request's partition or, if they are
    in reach, unpartitioned. In some browsers they are only those whose domain is the host: the
    unpartitioned ones if these are in reach, otherwise those of the partition.
    """
    host = target.host or ""
    kept_out = out_of_reach(context, profile.third_party) is not None
    partition: str | None = partition_key(context, site_of(target, public_suffixes))
    if profile.clear_site_data == "host":
        partition = partition if kept_out else None
        return tuple(
            cookie
            for cookie in cookies
            if cookie.partition_key == partition and cookie.domain == host
        )
    site = registrable_domain(host, public_suffixes) or host
    partitions = (partition,) if kept_out else (None, partition)
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
