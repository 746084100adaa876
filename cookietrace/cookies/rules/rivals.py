"""Compare a new cookie with others of the same name: unchanged, inferred or shadowed."""

from __future__ import annotations

from collections.abc import Collection

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie
from cookietrace.cookies.match import domain_match, path_match
from cookietrace.cookies.verdicts import Fact, Finding, shortened

SAME_LIFETIME = 2.0
"""Lifetimes that differ by less are equal: dates are whole seconds, and responses take time."""


def unchanged(old: Cookie, new: Cookie) -> bool:
    """Return whether nothing that a user would notice changes when ``new`` replaces ``old``.

    The expiry of a cookie that is set again moves with every response. It counts
    as a change only if the cookie turned from session to persistent or back, or
    if both the expiry and the lifetime differ by more than two seconds.
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
    expiry = abs(new.expires_at - old.expires_at)
    lifetime = abs((new.expires_at - new.set_at) - (old.expires_at - old.set_at))
    return min(expiry, lifetime) <= SAME_LIFETIME


def inferred_rival(namesakes: Collection[Cookie], cookie: Cookie) -> Cookie | None:
    """Return the inferred cookie of that name, if the new one covers its host."""
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
    """Return a warning about the first cookie of that name that the same request can send.

    There is none if the client may not hold both.
    """
    if cookie.unconfirmed:
        return ()
    for other in namesakes:
        if (
            other is not cookie
            and not other.inferred
            and not other.unconfirmed
            and _reaches(other, host)
            and (path_match(other.path, cookie.path) or path_match(cookie.path, other.path))
            and (
                other.partition_key == cookie.partition_key
                or None in (other.partition_key, cookie.partition_key)
            )
        ):
            name = ("cookie", shortened(cookie.name))
            facts = (name, *_place(cookie, ""), *_place(other, "other_"))
            return (Finding(Code.SHADOWS_OTHER_COOKIE, facts),)
    return ()


def _place(cookie: Cookie, prefix: str) -> tuple[tuple[str, Fact], ...]:
    """Return the facts on where a cookie applies.

    As in developer tools, ``.shop.test`` includes the subdomains. An unpartitioned cookie has
    an empty partition.
    """
    domain = cookie.domain if cookie.host_only else f".{cookie.domain}"
    return (
        (f"{prefix}domain", shortened(domain)),
        (f"{prefix}path", shortened(cookie.path)),
        (f"{prefix}partition", shortened(cookie.partition_key or "")),
    )


def _reaches(cookie: Cookie, host: str) -> bool:
    """Return whether a cookie covers a host."""
    return cookie.domain == host or (not cookie.host_only and domain_match(host, cookie.domain))
