"""The storage model, -22 5.7: every step in order, every reason that applies."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie, Priority, SameSite
from cookietrace.cookies.dates import parse_cookie_date
from cookietrace.cookies.match import (
    Target,
    default_path,
    domain_match,
    is_secure,
    path_match,
    site_of,
)
from cookietrace.cookies.parse import ParsedCookie, bounded
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.request.context import RequestContext, Site, is_third_party, partition_key
from cookietrace.cookies.suffixes import PublicSuffixes
from cookietrace.cookies.verdicts import THIRD_PARTY_BLOCKED, Finding, cookie_label, shown

_PREFIXES = ("__secure-", "__host-")
_HTTP_PREFIXES = ("__http-", "__host-http-")
_SIGNED_SECONDS = re.compile(r"[+-]?[0-9]+\Z")
LIFETIME_LIMIT = 34_560_000.0
"""400 days: the longest lifetime a cookie may have, in seconds (5.5)."""
_DAY = 86400


class Received(NamedTuple):
    """A cookie as the storage model leaves it before step 23, or why there is none."""

    cookie: Cookie | None
    """Sequence 0; its creation is not yet inherited from the cookie it replaces."""
    reasons: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    deletes: bool
    """Whether its expiry is past, so that it removes what stands under its key."""


class _Domain(NamedTuple):
    """The outcome of steps 7 to 10."""

    domain: str
    host_only: bool
    reasons: tuple[Finding, ...]


def receive(
    parsed: ParsedCookie,
    target: Target,
    context: RequestContext,
    now: float,
    *,
    profile: Profile,
    public_suffixes: PublicSuffixes,
    namesakes: Collection[Cookie],
    http_api: bool,
) -> Received:
    """Take a parsed cookie through steps 1 to 22, going on after a failure to find every reason.

    ``namesakes`` are the cookies of that name in the jar that share the
    request's registrable domain. ``now`` is Unix time in seconds.
    """
    secure_connection = is_secure(target, profile)
    place = _domain(parsed, target, profile, public_suffixes)
    path = parsed.path if parsed.path is not None else default_path(target.path)
    reasons: list[Finding] = []
    if parsed.inner_tab and profile.tab_refused:
        reasons.append(Finding(Code.CONTROL_CHARACTER, ("%x09", str(parsed.inner_tab))))
    if profile.third_party == "blocked" and is_third_party(context):
        label = cookie_label(parsed.name)
        reasons.append(Finding(Code.CLIENT_POLICY, (label, *THIRD_PARTY_BLOCKED)))
    if not parsed.name:
        reasons += _nameless(parsed, profile)
    reasons += place.reasons
    if parsed.secure and not secure_connection:
        values = (cookie_label(parsed.name), shown(target.origin))
        reasons.append(Finding(Code.SECURE_FROM_INSECURE, values))
    if parsed.http_only and not http_api:
        reasons.append(Finding(Code.HTTP_ONLY_FROM_SCRIPT, (cookie_label(parsed.name),)))
    if not parsed.secure and not secure_connection and namesakes and not place.reasons:
        reasons += _overlays_secure(parsed.name, place.domain, path, target, namesakes)
    if context.site is Site.CROSS and not context.top_level:
        reasons += _from_cross_site(parsed, target, profile)
    if parsed.same_site is SameSite.NONE and not parsed.secure:
        reasons.append(Finding(Code.SAME_SITE_NONE_INSECURE, (cookie_label(parsed.name),)))
    if "__" in parsed.name[:2] or (not parsed.name and parsed.value[:2] == "__"):
        reasons += _prefixes(parsed, place, path, profile)
    partition = None
    if parsed.partitioned and profile.partitioned:
        if not parsed.secure:
            reasons.append(Finding(Code.PARTITIONED_INSECURE, (cookie_label(parsed.name),)))
        partition = partition_key(context, site_of(target, public_suffixes))
    elif profile.third_party == "partitioned" and is_third_party(context):
        partition = partition_key(context, site_of(target, public_suffixes))
    expires_at, capped = _expiry(parsed, now, profile)
    warnings = _warnings(parsed, context, profile, capped)
    if reasons:
        return Received(None, tuple(reasons), warnings, deletes=False)
    cookie = Cookie(
        parsed.name,
        parsed.value,
        place.domain,
        place.host_only,
        path,
        parsed.secure,
        parsed.http_only,
        parsed.same_site,
        expires_at,
        now,
        now,
        0,
        now,
        partition,
        parsed.priority if profile.priorities else Priority.MEDIUM,
    )
    return Received(cookie, (), warnings, expires_at is not None and expires_at <= now)


def _nameless(parsed: ParsedCookie, profile: Profile) -> list[Finding]:
    """Step 2, and what a profile adds: a cookie that would be taken for a named one."""
    if not parsed.value:
        return [Finding(Code.EMPTY_COOKIE)]
    if profile.nameless_equals_refused and "=" in parsed.value:
        policy = "without a name, its value may not hold an equals sign"
        values = (cookie_label(""), policy, "Give the cookie a name before the first equals sign")
        return [Finding(Code.CLIENT_POLICY, values)]
    return []


def _domain(
    parsed: ParsedCookie, target: Target, profile: Profile, public_suffixes: PublicSuffixes
) -> _Domain:
    """Steps 7 to 10: which hosts the cookie is for, or why it may not be for them."""
    host, domain = target.host, parsed.domain or ""
    if host is None:
        shown_host = f"`{shown(target.raw_host)}`, which is no valid host name"
        claim = f"`Domain={shown(domain)}`" if domain else "A cookie"
        values = (claim, shown_host, "Use a valid host name")
        return _Domain("", True, (Finding(Code.DOMAIN_MISMATCH, values),))
    if parsed.dot_domain and profile.dot_domain_refused:
        values = ("`Domain=.`", shown(host), f"Write Domain={shown(host)}")
        return _Domain(host, True, (Finding(Code.DOMAIN_MISMATCH, values),))
    if not domain:
        return _Domain(host, True, ())
    reasons = []
    if not domain.isascii():
        reasons.append(Finding(Code.DOMAIN_NOT_ASCII, (shown(domain),)))
    elif public_suffixes.is_public_suffix(domain):
        if domain == host:
            return _Domain(host, True, ())
        reasons.append(Finding(Code.PUBLIC_SUFFIX_DOMAIN, (shown(domain), shown(host))))
    if not domain_match(host, domain):
        values = (f"`Domain={shown(domain)}`", shown(host), f"Send it from {shown(domain)}")
        reasons.append(Finding(Code.DOMAIN_MISMATCH, values))
    return _Domain(domain, False, tuple(reasons))


def _overlays_secure(
    name: str, domain: str, path: str, target: Target, namesakes: Collection[Cookie]
) -> list[Finding]:
    """Step 16: a cookie from an insecure connection leaves Secure cookies alone."""
    for other in namesakes:
        if (
            other.secure
            and (domain_match(other.domain, domain) or domain_match(domain, other.domain))
            and path_match(path, other.path)
        ):
            values = (
                cookie_label(name), shown(target.origin), shown(other.domain), shown(other.path)
            )  # fmt: skip
            return [Finding(Code.WOULD_OVERWRITE_SECURE, values)]
    return []


def _from_cross_site(parsed: ParsedCookie, target: Target, profile: Profile) -> list[Finding]:
    """Step 18: only SameSite=None may be set by a cross-site request within a page."""
    flag = parsed.same_site
    if flag is SameSite.NONE or (flag is SameSite.DEFAULT and not profile.same_site_default_lax):
        return []
    host = shown(target.host or target.raw_host)
    return [Finding(Code.SAME_SITE_FROM_CROSS_SITE, (cookie_label(parsed.name), _says(flag), host))]


def _says(flag: SameSite) -> str:
    """Return what a cookie says of SameSite, as the middle of a sentence."""
    if flag is SameSite.DEFAULT:
        return "has no SameSite, which counts as Lax"
    return f"is SameSite={flag.value.capitalize()}"


def _prefixes(parsed: ParsedCookie, place: _Domain, path: str, profile: Profile) -> list[Finding]:
    """Steps 20 to 22, and the Http prefixes of layered-cookies: a name must keep its promise."""
    if not parsed.name:
        return _nameless_prefix(parsed.value.lower(), profile)
    name, label = parsed.name.lower(), cookie_label(parsed.name)
    secure = [] if parsed.secure else ["it lacks Secure"]
    host = secure + _lacks_host(parsed, place, path, profile)
    http = [] if parsed.http_only else ["it lacks HttpOnly"]
    checks: list[tuple[str, Code, list[str]]] = [
        ("__secure-", Code.PREFIX_SECURE, secure),
        ("__host-", Code.PREFIX_HOST, host),
    ]
    if profile.http_prefixes:
        checks += [
            ("__http-", Code.PREFIX_HTTP, secure + http),
            ("__host-http-", Code.PREFIX_HOST_HTTP, host + http),
        ]
    return [
        Finding(code, (label, " and ".join(lacks)))
        for prefix, code, lacks in checks
        if lacks and name.startswith(prefix)
    ]


def _nameless_prefix(value: str, profile: Profile) -> list[Finding]:
    """Step 22: the value of a nameless cookie may not pass for a prefixed name."""
    prefixes = _PREFIXES + (_HTTP_PREFIXES if profile.http_prefixes else ())
    found = [prefix for prefix in prefixes if value.startswith(prefix)]
    return [Finding(Code.PREFIX_NAMELESS, (found[-1],))] if found else []


def _lacks_host(parsed: ParsedCookie, place: _Domain, path: str, profile: Profile) -> list[str]:
    """What keeps a cookie from being bound to one host and all of its paths (step 21)."""
    lacks = []
    if not place.host_only:
        lacks.append(f"it has Domain={shown(place.domain)}")
    if not parsed.has_path:
        lacks.append("it lacks Path=/")
    elif path != "/":
        lacks.append(f"its path is {shown(path)}")
    elif parsed.path is None and profile.host_prefix_literal:
        lacks.append("its Path does not begin with a slash")
    return lacks


def _expiry(parsed: ParsedCookie, now: float, profile: Profile) -> tuple[float | None, float]:
    """Step 6 with the limit of 5.5: when it expires, and the lifetime asked for if over the limit.

    A lifetime of zero or less is in the past (5.6.2 step 7).
    """
    max_age, expires = parsed.max_age, parsed.expires
    if profile.lenient_lifetimes:
        max_age, expires = _lenient(parsed)
    if max_age is not None:
        moment = now + max_age
    elif expires is not None:
        moment = expires
    else:
        return None, 0.0
    if moment - now > LIFETIME_LIMIT:
        return now + LIFETIME_LIMIT, moment - now
    return moment, 0.0


def _lenient(parsed: ParsedCookie) -> tuple[int | None, float | None]:
    """Max-Age and Expires as a browser reads them that differs from 5.6.1 and 5.6.2."""
    max_age = expires = None
    if parsed.max_age_text is not None and _SIGNED_SECONDS.match(parsed.max_age_text):
        max_age = bounded(int(parsed.max_age_text))
    if parsed.expires_text is not None:
        expires = parse_cookie_date(parsed.expires_text, first_year=1)
    return max_age, expires


def _warnings(
    parsed: ParsedCookie, context: RequestContext, profile: Profile, capped: float
) -> tuple[Finding, ...]:
    """What is worth a remark though it refuses nothing."""
    found = list(parsed.warnings)
    label = cookie_label(parsed.name)
    if capped:
        days, cap = (f"{seconds / _DAY:,.0f}" for seconds in (capped, LIFETIME_LIMIT))
        found.append(Finding(Code.LIFETIME_CAPPED, (label, days, cap)))
    if parsed.partitioned and not profile.partitioned:
        found.append(Finding(Code.ATTRIBUTE_UNKNOWN, ("Partitioned",)))
    if parsed.has_priority and not profile.priorities:
        found.append(Finding(Code.ATTRIBUTE_UNKNOWN, ("Priority",)))
    if not parsed.has_same_site:
        effect = (
            "treats it as Lax"
            if profile.same_site_default_lax
            else "sends it in cross-site requests too, while Chromium would not"
        )
        found.append(Finding(Code.SAME_SITE_DEFAULTED, (label, effect)))
    if context.site is Site.UNKNOWN and parsed.same_site in (SameSite.STRICT, SameSite.LAX):
        found.append(Finding(Code.SAME_SITE_UNKNOWN, (label, _says(parsed.same_site))))
    return tuple(found)
