"""The storage model, -22 5.7: every step in order, every reason that applies."""

from __future__ import annotations

from collections.abc import Collection

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie, Priority, SameSite
from cookietrace.cookies.hosts import is_ip
from cookietrace.cookies.match import (
    SECURE_SCHEMES,
    Target,
    default_path,
    domain_match,
    is_secure,
    parse_target,
    path_match,
    site_of,
)
from cookietrace.cookies.parse import Attributes, ParsedCookie
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.request.context import (
    Credentials,
    RequestContext,
    Site,
    partition_key,
)
from cookietrace.cookies.suffixes import PublicSuffixes
from cookietrace.cookies.verdicts import (
    NO_CREDENTIALS,
    THIRD_PARTY_BLOCKED,
    Finding,
    cookie_label,
    shown,
)

_PREFIXES = ("__secure-", "__host-")
_HTTP_PREFIXES = ("__http-", "__host-http-")
LIFETIME_LIMIT = 34_560_000.0
"""400 days: the longest lifetime a cookie may have, in seconds (5.5)."""
_DAY = 86400


_NONE: tuple[Finding, ...] = ()
# As plain names: Python 3.11 finds a member of an enum more slowly than it applies a rule.
_CROSS, _UNKNOWN = Site.CROSS, Site.UNKNOWN
_OMIT = Credentials.OMIT
_FLAG_NONE = SameSite.NONE
_MEDIUM = Priority.MEDIUM

Received = tuple[Cookie | None, tuple[Finding, ...], tuple[Finding, ...]]
"""A cookie as the storage model leaves it before step 23, or None; the reasons; the warnings.

The cookie has the sequence 0, and has inherited no creation yet.
"""

_Place = tuple[str, bool, tuple[Finding, ...]]
"""The outcome of steps 7 to 10: domain, whether it is host-only, and why it may not be."""


def receive(
    parsed: ParsedCookie,
    target: Target,
    context: RequestContext,
    now: float,
    profile: Profile,
    public_suffixes: PublicSuffixes,
    namesakes: Collection[Cookie],
    http_api: bool,
    server_time: float | None,
) -> Received:
    """Take a parsed cookie through steps 1 to 22, going on after a failure to find every reason.

    ``namesakes`` are the cookies of that name in the jar that share the
    request's registrable domain. ``now`` is Unix time in seconds, and
    ``server_time`` what the server took for it, None where it did not say.
    """
    attributes = parsed.attributes
    secure, flag = attributes.secure, attributes.same_site
    secure_connection = target.scheme in SECURE_SCHEMES or is_secure(target, profile)
    if not attributes.domain and target.host is not None and not attributes.dot_domain:
        domain, host_only, misplaced = target.host, True, _NONE
    else:
        domain, host_only, misplaced = _domain_of(attributes, target, profile, public_suffixes)
    path = attributes.path
    if path is None:
        path = default_path(target.path)
    third_party = context.site is _CROSS and not context.top_level
    partition = None
    if (attributes.partitioned and profile.partitioned) or (
        third_party and profile.third_party == "partitioned"
    ):
        partition = partition_key(context, site_of(target, public_suffixes))
    reasons: list[Finding] = []
    if parsed.inner_tab and profile.tab_refused:
        reasons.append(Finding(Code.CONTROL_CHARACTER, ("%x09", str(parsed.inner_tab))))
    if third_party and profile.third_party == "blocked":
        label = cookie_label(parsed.name)
        reasons.append(Finding(Code.CLIENT_POLICY, (label, *THIRD_PARTY_BLOCKED)))
    if context.credentials is _OMIT:
        label = cookie_label(parsed.name)
        reasons.append(Finding(Code.CLIENT_POLICY, (label, *NO_CREDENTIALS)))
    if not parsed.name:
        reasons += _nameless(parsed, profile)
    if misplaced:
        reasons += misplaced
    if secure and not secure_connection:
        values = (cookie_label(parsed.name), shown(target.origin))
        reasons.append(Finding(Code.SECURE_FROM_INSECURE, values))
    if attributes.http_only and not http_api:
        reasons.append(Finding(Code.HTTP_ONLY_FROM_SCRIPT, (cookie_label(parsed.name),)))
    if not secure and not secure_connection and namesakes and not misplaced:
        beside = [other for other in namesakes if other.partition_key == partition]
        reasons += _overlays_secure(parsed.name, domain, path, target, beside)
    if third_party:
        reasons += _from_cross_site(parsed, target, profile)
    if flag is _FLAG_NONE and not secure and profile.none_requires_secure:
        reasons.append(Finding(Code.SAME_SITE_NONE_INSECURE, (cookie_label(parsed.name),)))
    if (parsed.name or parsed.value).startswith("__"):
        reasons += _prefixes(
            parsed, target, "" if host_only else domain, path, profile, secure_connection
        )
    if attributes.partitioned and profile.partitioned and not secure:
        reasons.append(Finding(Code.PARTITIONED_INSECURE, (cookie_label(parsed.name),)))
    expires_at, capped = _expiry(attributes, now, profile, server_time)
    warnings = attributes.warnings
    if warnings and profile.lenient_lifetimes:
        warnings = _read_after_all(attributes)
    if capped or _worth_a_remark(attributes, context, profile):
        warnings += _warnings(parsed, context, profile, capped)
    if reasons:
        return None, tuple(reasons), warnings
    priority = _MEDIUM
    if attributes.priority is not None and profile.priorities:
        priority = attributes.priority
    cookie = Cookie(
        name=parsed.name,
        value=parsed.value,
        domain=domain,
        host_only=host_only,
        path=path,
        secure=secure,
        http_only=attributes.http_only,
        same_site=flag,
        expires_at=expires_at,
        created_at=now,
        last_access_at=now,
        set_at=now,
        partition_key=partition,
        priority=priority,
    )
    return cookie, _NONE, warnings


def _nameless(parsed: ParsedCookie, profile: Profile) -> list[Finding]:
    """Step 2, and what a profile adds: a cookie that would be taken for a named one."""
    if not parsed.value:
        return [Finding(Code.EMPTY_COOKIE)]
    if profile.nameless_equals_refused and "=" in parsed.value:
        policy = "without a name, its value may not hold an equals sign"
        values = (cookie_label(""), policy, "Give the cookie a name before the first equals sign")
        return [Finding(Code.CLIENT_POLICY, values)]
    return []


def _domain_of(
    attributes: Attributes, target: Target, profile: Profile, public_suffixes: PublicSuffixes
) -> _Place:
    """Steps 7 to 10: which hosts the cookie is for, or why it may not be for them."""
    host, domain = target.host, attributes.domain or ""
    if host is None:
        shown_host = f"`{shown(target.raw_host)}`, which is no valid host name"
        claim = f"`Domain={shown(domain)}`" if domain else "A cookie"
        values = (claim, shown_host, "Use a valid host name")
        return ("", True, (Finding(Code.DOMAIN_MISMATCH, values),))
    if attributes.dot_domain and profile.dot_domain_refused:
        values = ("`Domain=.`", shown(host), f"Write Domain={shown(host)}")
        return (host, True, (Finding(Code.DOMAIN_MISMATCH, values),))
    if not domain or (profile.address_host_only and domain == host and is_ip(host)):
        return (host, True, ())
    reasons = []
    if not domain.isascii():
        reasons.append(Finding(Code.DOMAIN_NOT_ASCII, (shown(domain),)))
    elif ":" not in domain and "/" not in domain and public_suffixes.is_public_suffix(domain):
        if domain == host:
            return (host, True, ())
        reasons.append(Finding(Code.PUBLIC_SUFFIX_DOMAIN, (shown(domain), shown(host))))
    if not domain_match(host, domain):
        remedy = _remedy(domain, host, public_suffixes)
        values = (f"`Domain={shown(domain)}`", shown(host), remedy)
        reasons.append(Finding(Code.DOMAIN_MISMATCH, values))
    return (domain, False, tuple(reasons))


def _remedy(domain: str, host: str, public_suffixes: PublicSuffixes) -> str:
    """What to do about a Domain that does not cover the host: it may hold more than a name."""
    url = domain if "://" in domain else f"http://{domain}"
    meant = (parse_target(url).host or "").removeprefix("*").strip(".") or domain
    if meant != host and public_suffixes.is_public_suffix(meant):
        meant = public_suffixes.registrable_domain(host) or host
    if domain_match(host, meant):
        return f"Write Domain={shown(meant)}, a host name alone"
    return f"Send it from {shown(meant)}"


def _overlays_secure(
    name: str, domain: str, path: str, target: Target, namesakes: Collection[Cookie]
) -> list[Finding]:
    """Step 16: a cookie from an insecure connection leaves its partition's Secure ones alone."""
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


def _prefixes(
    parsed: ParsedCookie,
    target: Target,
    domain: str,
    path: str,
    profile: Profile,
    secure_connection: bool,
) -> list[Finding]:
    """Steps 20 to 22, and the Http prefixes of layered-cookies: a name must keep its promise."""
    if not parsed.name:
        return _nameless_prefix(parsed.value, profile)
    name, label = parsed.name.lower(), cookie_label(parsed.name)
    secure = [] if parsed.secure else ["it lacks Secure"]
    if profile.prefixes_ask_connection and not secure_connection:
        secure.append(f"{shown(target.origin)} is not a secure connection")
    host = secure + _lacks_host(parsed, domain, path, profile)
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
    found = [prefix for prefix in prefixes if value.lower().startswith(prefix)]
    return [Finding(Code.PREFIX_NAMELESS, (value[: len(found[-1])],))] if found else []


def _lacks_host(parsed: ParsedCookie, domain: str, path: str, profile: Profile) -> list[str]:
    """What keeps a cookie from being bound to one host and all of its paths (step 21)."""
    lacks = []
    if domain:
        lacks.append(f"it has Domain={shown(domain)}")
    if not parsed.attributes.has_path:
        lacks.append("it lacks Path=/")
    elif path != "/":
        lacks.append(f"its path is {shown(path)}")
    elif parsed.attributes.path is None and profile.host_prefix_literal:
        lacks.append("its Path does not begin with a slash")
    return lacks


def _expiry(
    attributes: Attributes, now: float, profile: Profile, server_time: float | None
) -> tuple[float | None, float]:
    """Step 6 with the limit of 5.5: when it expires, and the lifetime asked for if over the limit.

    A lifetime of zero or less is in the past (5.6.2 step 7).
    """
    if profile.lenient_lifetimes:
        max_age, expires = attributes.lenient_max_age, attributes.lenient_expires
    else:
        max_age, expires = attributes.max_age, attributes.expires
    if max_age is not None:
        moment = now + max_age
    elif expires is not None:
        moment = expires
        if server_time is not None and profile.expires_by_server_clock:
            moment += now - server_time
    else:
        return None, 0.0
    if moment - now > LIFETIME_LIMIT:
        return now + LIFETIME_LIMIT, moment - now
    return moment, 0.0


def _read_after_all(attributes: Attributes) -> tuple[Finding, ...]:
    """The remarks on the attributes, without those on a lifetime that a lenient browser reads."""
    read = set()
    if attributes.lenient_max_age is not None:
        read.add(Code.MAX_AGE_UNPARSABLE)
    if attributes.lenient_expires is not None:
        read.add(Code.EXPIRES_UNPARSABLE)
    return tuple(warning for warning in attributes.warnings if warning.code not in read)


def _worth_a_remark(attributes: Attributes, context: RequestContext, profile: Profile) -> bool:
    """Whether there is anything for ``_warnings`` to say, apart from a lifetime cut short."""
    return (
        not attributes.has_same_site
        or (context.site is _UNKNOWN and not context.top_level)
        or (attributes.partitioned and not profile.partitioned)
        or (attributes.priority is not None and not profile.priorities)
    )


def _warnings(
    parsed: ParsedCookie, context: RequestContext, profile: Profile, capped: float
) -> tuple[Finding, ...]:
    """What is worth a remark though it refuses nothing."""
    attributes = parsed.attributes
    found = []
    label = cookie_label(parsed.name)
    if capped:
        days, cap = (f"{seconds / _DAY:,.0f}" for seconds in (capped, LIFETIME_LIMIT))
        days = f"just over {cap}" if days == cap else days
        found.append(Finding(Code.LIFETIME_CAPPED, (label, days, cap)))
    if attributes.partitioned and not profile.partitioned:
        found.append(Finding(Code.ATTRIBUTE_UNKNOWN, ("Partitioned",)))
    if attributes.priority is not None and not profile.priorities:
        found.append(Finding(Code.ATTRIBUTE_UNKNOWN, ("Priority",)))
    if not attributes.has_same_site:
        effect = (
            "treats it as Lax"
            if profile.same_site_default_lax
            else "sends it in cross-site requests too, while Chromium would not"
        )
        found.append(Finding(Code.SAME_SITE_DEFAULTED, (label, effect)))
    unknown = context.site is _UNKNOWN and not context.top_level
    if unknown and parsed.same_site in (SameSite.STRICT, SameSite.LAX):
        found.append(Finding(Code.SAME_SITE_UNKNOWN, (label, _says(parsed.same_site))))
    return tuple(found)
