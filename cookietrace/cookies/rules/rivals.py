"""Cookies of one name: what a new one changes, which inferred one it explains, which it shadows."""

from __future__ import annotations

from collections.abc import Collection

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie
from cookietrace.cookies.match import domain_match, path_match
from cookietrace.cookies.verdicts import Finding, cookie_label, shown

SAME_LIFETIME = 2.0
"""Seconds within which two lifetimes are one: dates have whole seconds, and answers take time."""


def unchanged(old: Cookie, new: Cookie) -> bool:
    """Whether a person would notice no change between a cookie and the one that replaces it.

    The expiry of a cookie that is set again moves with every answer. It counts
    as a change only where the cookie turned from session to persistent or
    back, or where both the moment and the lifetime differ by over two seconds.
    """
    if (
        old.value != new.value
        or old.secure != new.secure
        or old.http_only != new.http_only
        or old.same_site is not new.same_site
        or old.inferred
    ):
        return False
    if old.expires_at is None or new.expires_at is None:
        return old.expires_at is new.expires_at
    moment = abs(new.expires_at - old.expires_at)
    lifetime = abs((new.expires_at - new.set_at) - (old.expires_at - old.set_at))
    return min(moment, lifetime) <= SAME_LIFETIME


def inferred_rival(namesakes: Collection[Cookie], cookie: Cookie) -> Cookie | None:
    """Return the inferred cookie of that name, if the new one reaches its host."""
    for other in namesakes:
        if other.inferred and (
            other.domain == cookie.domain
            if cookie.host_only
            else domain_match(other.domain, cookie.domain)
        ):
            return other
    return None


def shadowed_rivals(
    namesakes: Collection[Cookie], cookie: Cookie, host: str
) -> tuple[Finding, ...]:
    """Return a remark for the first other cookie of that name that can go into the same request."""
    for other in namesakes:
        if (
            other is not cookie
            and not other.inferred
            and _reaches(other, host)
            and (path_match(other.path, cookie.path) or path_match(cookie.path, other.path))
            and (
                other.partition_key == cookie.partition_key
                or None in (other.partition_key, cookie.partition_key)
            )
        ):
            values = (cookie_label(cookie.name), *_place(cookie), *_place(other))
            return (Finding(Code.SHADOWS_OTHER_COOKIE, values),)
    return ()


def _place(cookie: Cookie) -> tuple[str, str]:
    """Where a cookie is good for, told apart as in dev tools: ``.shop.test`` has its subdomains."""
    domain = cookie.domain if cookie.host_only else f".{cookie.domain}"
    apart = f" (partition {cookie.partition_key})" if cookie.partition_key is not None else ""
    return shown(domain), shown(cookie.path) + shown(apart)


def _reaches(cookie: Cookie, host: str) -> bool:
    """Whether a cookie is for a host at all."""
    return cookie.domain == host or (not cookie.host_only and domain_match(host, cookie.domain))
