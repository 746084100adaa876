"""The storage model (-22 5.7): every step in order, with every reason that applies."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from operator import attrgetter

import msgspec

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie, Priority, SameSite
from cookietrace.cookies.hosts import canonical_host, is_ip
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
    ThirdParty,
    out_of_reach,
    partition_key,
)
from cookietrace.cookies.suffixes import PublicSuffixes
from cookietrace.cookies.verdicts import Fact, Facts, Finding, shortened

_HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\Z")
_PREFIXES = ("__secure-", "__host-")
_HTTP_PREFIXES = ("__http-", "__host-http-")
_Lifetimes = Callable[[Attributes], tuple[int | None, float | None]]
_LIFETIMES: dict[str, _Lifetimes] = {
    "spec": attrgetter("max_age", "expires"),
    "chromium": attrgetter("chromium_max_age", "chromium_expires"),
    "firefox": attrgetter("firefox_max_age", "firefox_expires"),
}
"""Max-Age and Expires as a browser reads them, by the words of the switch ``lifetimes``."""

_NONE: tuple[Finding, ...] = ()
# As plain names, because looking up an enum member is slow in Python 3.11.
_CROSS, _UNKNOWN = Site.CROSS, Site.UNKNOWN
_OMIT, _CREDENTIALS_UNKNOWN = Credentials.OMIT, Credentials.UNKNOWN
_UNTOLD = ThirdParty.UNTOLD
_FLAG_NONE = SameSite.NONE
_MEDIUM = Priority.MEDIUM

Received = tuple[Cookie | None, tuple[Finding, ...], tuple[Finding, ...]]
"""The cookie before step 23, or None; the reasons to reject it; the warnings.

The cookie's sequence is 0, and it has not inherited a creation time yet.
"""

_Place = tuple[str, bool, tuple[Finding, ...]]
"""The result of steps 7 to 10: the domain, whether it is host-only, the reasons to reject it."""


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
    """Apply steps 1 to 22 to a parsed cookie, continuing after a failure to find every reason.

    ``namesakes`` are the cookies of that name in the jar that share the
    request's registrable domain. ``now`` is Unix time in seconds, and
    ``server_time`` the server's own clock, None if the response has no Date.
    """
    attributes = parsed.attributes
    secure, flag = attributes.secure, attributes.same_site
    if attributes.has_same_site and profile.same_site_special:
        flag = _flag_of(attributes, profile)
    secure_connection = target.scheme in SECURE_SCHEMES or is_secure(target, profile)
    if not attributes.domain and target.host is not None and not attributes.dot_domain:
        domain, host_only, domain_reasons = target.host, True, _NONE
    else:
        domain, host_only, domain_reasons = _domain_of(attributes, target, profile, public_suffixes)
    path = attributes.path
    if path is None:
        path = default_path(target.path)
    third_party = context.site is _CROSS and not context.top_level
    kept_out = None if context.top_level else out_of_reach(context, profile.third_party)
    partition = None
    chosen = attributes.partitioned and profile.partitioned
    if chosen or (kept_out is not None and kept_out[0] == "partitioned"):
        partition = partition_key(context, site_of(target, public_suffixes))
    reasons: list[Finding] = []
    if parsed.inner_tab and _tab_refuses(parsed, profile):
        tab = (("character", ord("\t")), ("position", parsed.inner_tab))
        reasons.append(Finding(Code.CONTROL_CHARACTER, tab))
    blocked = kept_out is not None and partition is None
    if kept_out is not None and blocked:
        reasons.append(_policy(parsed.name, kept_out[1]))
    if context.credentials is _OMIT:
        reasons.append(_policy(parsed.name, "no-credentials"))
    if not parsed.name:
        reasons += _nameless(parsed, profile)
    if domain_reasons:
        reasons += domain_reasons
    if secure and not secure_connection:
        facts = (_cookie(parsed.name), ("origin", shortened(target.origin)))
        reasons.append(Finding(Code.SECURE_FROM_INSECURE, facts))
    if attributes.http_only and not http_api:
        reasons.append(Finding(Code.HTTP_ONLY_FROM_SCRIPT, (_cookie(parsed.name),)))
    if not secure and not secure_connection and namesakes and not domain_reasons and not blocked:
        beside = [other for other in namesakes if other.partition_key == partition]
        matters = host_only if profile.overlay_by_host else None
        reasons += _overlays_secure(parsed.name, domain, path, target, beside, matters)
    if third_party and not blocked:
        reasons += _from_cross_site(parsed.name, flag, target, profile)
    if flag is _FLAG_NONE and not blocked:
        if not secure and profile.none_requires_secure:
            reasons.append(Finding(Code.SAME_SITE_NONE_INSECURE, (_cookie(parsed.name),)))
        if profile.same_site_none == "refused":
            reasons.append(_policy(parsed.name, "same-site-none-unknown"))
    if (parsed.name or parsed.value).startswith("__"):
        reasons += _prefixes(
            parsed, target, "" if host_only else domain, path, profile, secure_connection
        )
    if attributes.partitioned and profile.partitioned and not secure:
        reasons.append(Finding(Code.PARTITIONED_INSECURE, (_cookie(parsed.name),)))
    expires_at, capped = _expiry(attributes, now, profile, server_time)
    warnings = parsed.warnings
    if warnings and (profile.lifetimes != "spec" or profile.same_site_special):
        warnings = _without_accepted(parsed, profile)
    expired = expires_at is not None and expires_at <= now
    if capped or (not expired and _has_warnings(attributes, flag, context, profile)):
        warnings += _warnings(parsed, flag, context, profile, capped)
    if reasons:
        return None, tuple(reasons), warnings
    priority = _MEDIUM
    if attributes.priority is not None and profile.priorities:
        priority = attributes.priority
    value = parsed.value
    if profile.utf8_values and not (value.isascii() and path.isascii()):
        value, path = _as_utf8(value), _as_utf8(path)
    cookie = Cookie(  # a call with more than 15 keywords takes four times as long
        parsed.name,
        value,
        domain,
        host_only,
        path,
        secure=secure,
        http_only=attributes.http_only,
        same_site=flag,
        expires_at=expires_at,
        created_at=now,
        last_access_at=now,
        set_at=now,
        partition_key=partition,
        kept_apart=partition is not None and not chosen,
        priority=priority,
        unconfirmed=(
            context.credentials is _CREDENTIALS_UNKNOWN
            or (context.third_party is _UNTOLD and partition is None)
        ),
    )
    return cookie, _NONE, warnings


def as_read(parsed: ParsedCookie, profile: Profile) -> ParsedCookie:
    """Return a line as this browser reads it: what stands alone can be a name or a value."""
    if parsed.bare and profile.no_equals == "name":
        return msgspec.structs.replace(parsed, name=parsed.value, value="")
    return parsed


def _nameless(parsed: ParsedCookie, profile: Profile) -> list[Finding]:
    """Step 2, and a profile's rules about lines without a name."""
    if not parsed.value:
        return [Finding(Code.EMPTY_COOKIE)]
    if profile.no_equals == "name":
        return [_policy("", "empty-name")]
    if profile.no_equals == "nameless-unless-equals" and "=" in parsed.value:
        return [_policy("", "nameless-equals")]
    return []


def _flag_of(attributes: Attributes, profile: Profile) -> SameSite:
    """Return what an old browser makes of the SameSite attribute (5.6.7)."""
    flag = attributes.same_site
    if profile.same_site == "ignored":
        return SameSite.DEFAULT
    if profile.same_site_none == "strict" and flag in (SameSite.NONE, SameSite.DEFAULT):
        return SameSite.STRICT
    return flag


def _tab_refuses(parsed: ParsedCookie, profile: Profile) -> bool:
    """Return whether a tab inside a name, value or attribute refuses the line."""
    if profile.tabs == "refused-in-path":
        return "\t" in (parsed.attributes.path or "")
    return profile.tabs == "refused"


def _as_utf8(text: str) -> str:
    """Return wire text with U+FFFD instead of what is not UTF-8."""
    return text.encode("latin-1").decode("utf-8", "replace").encode("utf-8").decode("latin-1")


def _domain_of(
    attributes: Attributes, target: Target, profile: Profile, public_suffixes: PublicSuffixes
) -> _Place:
    """Steps 7 to 10: which hosts the cookie is for, or why it cannot cover them."""
    host, domain = target.host, attributes.domain or ""
    if host is None:
        return ("", True, (_mismatch(domain, target.raw_host, "valid-host", ""),))
    if attributes.dot_domain and profile.dot_domain_refused:
        return (host, True, (_mismatch(".", host, "write-domain", host),))
    if not domain or (profile.address_host_only and domain == host and is_ip(host)):
        return (host, True, ())
    reasons = []
    if profile.domain_to_ascii and not domain.isascii():
        converted = canonical_host(domain) or ""
        if domain_match(host, converted):
            domain = converted
    if not domain.isascii():
        reasons.append(Finding(Code.DOMAIN_NOT_ASCII, (("domain", shortened(domain)),)))
    elif _may_be_suffix(domain, host) and public_suffixes.is_public_suffix(domain):
        if domain == host:
            return (host, True, ())
        facts = (("domain", shortened(domain)), ("host", shortened(host)))
        reasons.append(Finding(Code.PUBLIC_SUFFIX_DOMAIN, facts))
    if not domain_match(host, domain):
        reasons.append(_mismatch(domain, host, *_remedy(domain, host, public_suffixes)))
    return (domain, False, tuple(reasons))


def _may_be_suffix(domain: str, host: str) -> bool:
    """Return whether it matters that a Domain is a public suffix.

    To the list every single word is one: it matters only if the host ends with it.
    """
    return _HOST_NAME.match(domain) is not None or domain == host or host.endswith(f".{domain}")


def _mismatch(domain: str, host: str, remedy: str, meant: str) -> Finding:
    """Step 10: the Domain (empty if there is none) does not cover the host."""
    facts = (
        ("domain", shortened(domain)),
        ("host", shortened(host)),
        ("remedy", remedy),
        ("meant", shortened(meant)),
    )
    return Finding(Code.DOMAIN_MISMATCH, facts)


def _remedy(domain: str, host: str, public_suffixes: PublicSuffixes) -> tuple[str, str]:
    """Return how to fix a Domain that does not cover the host, and the name to use.

    The Domain may be a URL, a name with a port or a wildcard, several names, or no name at all:
    what a program writes for a value that it does not have.
    """
    own = public_suffixes.registrable_domain(host) or host
    url = domain if "://" in domain else f"http://{domain}"
    meant = (parse_target(url).host or "").removeprefix("*").strip(".")
    covers = domain_match(host, meant)
    if not (covers or _HOST_NAME.match(meant) or is_ip(meant)):
        return "no-host", own
    if meant != host and public_suffixes.is_public_suffix(meant):
        return "write-domain", own
    if covers:
        return "write-domain", meant
    parent = _common_parent(meant, host)
    if domain_match(parent, own):
        return "common-parent", parent
    return "send-from", meant


def _common_parent(one: str, other: str) -> str:
    """Return the longest domain that both names end with; empty if there is none."""
    labels: list[str] = []
    for mine, theirs in zip(reversed(one.split(".")), reversed(other.split(".")), strict=False):
        if mine != theirs:
            break
        labels.insert(0, mine)
    return ".".join(labels)


def _overlays_secure(
    name: str,
    domain: str,
    path: str,
    target: Target,
    namesakes: Collection[Cookie],
    host_only: bool | None,
) -> list[Finding]:
    """Step 16: an insecure connection cannot overwrite its partition's Secure cookies.

    ``host_only`` is None if it does not matter that a host-only cookie covers one host.
    """
    for other in namesakes:
        if (
            other.secure
            and not other.unconfirmed
            and path_match(path, other.path)
            and _share_a_host(domain, host_only, other)
        ):
            facts = (
                _cookie(name),
                ("origin", shortened(target.origin)),
                ("domain", shortened(other.domain)),
                ("path", shortened(other.path)),
            )
            return [Finding(Code.WOULD_OVERWRITE_SECURE, facts)]
    return []


def _share_a_host(domain: str, host_only: bool | None, other: Cookie) -> bool:
    """Return whether a new cookie and another one can come along with one request."""
    if host_only is None:
        return domain_match(other.domain, domain) or domain_match(domain, other.domain)
    return (
        domain == other.domain
        or (not host_only and domain_match(other.domain, domain))
        or (not other.host_only and domain_match(domain, other.domain))
    )


def _from_cross_site(name: str, flag: SameSite, target: Target, profile: Profile) -> list[Finding]:
    """Step 18: a cross-site request within a page can set only SameSite=None."""
    if flag is SameSite.NONE or (flag is SameSite.DEFAULT and not profile.same_site_default_lax):
        return []
    host = ("host", shortened(target.host or target.raw_host))
    facts = (_cookie(name), ("same_site", flag.value), host)
    return [Finding(Code.SAME_SITE_FROM_CROSS_SITE, facts)]


def _cookie(name: str) -> tuple[str, Fact]:
    """Return the fact that names the cookie."""
    return "cookie", shortened(name)


def _policy(name: str, policy: str) -> Finding:
    """Return a refusal by the browser's own policy, or by the request's credentials mode."""
    return Finding(Code.CLIENT_POLICY, (_cookie(name), ("policy", policy)))


def _prefixes(
    parsed: ParsedCookie,
    target: Target,
    domain: str,
    path: str,
    profile: Profile,
    secure_connection: bool,
) -> list[Finding]:
    """Steps 20 to 22, and the Http prefixes of layered-cookies: what a prefixed name requires."""
    if not parsed.name:
        return _nameless_prefix(parsed.value, profile)
    name = parsed.name.lower()
    secure = [] if parsed.secure else ["Secure"]
    if profile.prefixes_require_secure and not secure_connection:
        secure.append("secure-connection")
    host = secure + _lacks_host(parsed, domain, path, profile)
    http = [] if parsed.http_only else ["HttpOnly"]
    checks: list[tuple[str, Code, list[str]]] = [
        ("__secure-", Code.PREFIX_SECURE, secure),
        ("__host-", Code.PREFIX_HOST, host),
    ]
    if profile.http_prefixes:
        checks += [
            ("__http-", Code.PREFIX_HTTP, secure + http),
            ("__host-http-", Code.PREFIX_HOST_HTTP, host + http),
        ]
    place: Facts = (
        ("origin", shortened(target.origin)),
        ("domain", shortened(domain)),
        ("path", shortened(path)),
    )
    return [
        Finding(code, (_cookie(parsed.name), ("lacks", tuple(lacks)), *place))
        for prefix, code, lacks in checks
        if lacks and name.startswith(prefix)
    ]


def _nameless_prefix(value: str, profile: Profile) -> list[Finding]:
    """Step 22: the value of a nameless cookie must not look like a prefixed name."""
    prefixes = _PREFIXES + (_HTTP_PREFIXES if profile.http_prefixes else ())
    found = [prefix for prefix in prefixes if value.lower().startswith(prefix)]
    if not found:
        return []
    return [Finding(Code.PREFIX_NAMELESS, (("prefix", value[: len(found[-1])]),))]


def _lacks_host(parsed: ParsedCookie, domain: str, path: str, profile: Profile) -> list[str]:
    """Return what a cookie lacks to be bound to one host and all its paths (step 21)."""
    lacks = []
    if domain:
        lacks.append("no-Domain")
    if not parsed.attributes.has_path and profile.host_prefix_path != "resulting":
        lacks.append("Path")
    elif path != "/":
        lacks.append("Path=/")
    elif parsed.attributes.path is None and profile.host_prefix_path == "literal":
        lacks.append("Path-with-slash")
    return lacks


def _expiry(
    attributes: Attributes, now: float, profile: Profile, server_time: float | None
) -> tuple[float | None, float]:
    """Step 6 and the limit of 5.5: when it expires, and the requested lifetime if over the limit.

    A lifetime of zero or less is in the past (5.6.2 step 7).
    """
    max_age, expires = _LIFETIMES[profile.lifetimes](attributes)
    if max_age is not None:
        moment = now + max_age
    elif expires is not None:
        moment = expires
        if server_time is not None and profile.expires_by_server_clock:
            moment += now - server_time
    else:
        return None, 0.0
    if moment - now > profile.lifetime_cap:
        return now + profile.lifetime_cap, moment - now
    return moment, 0.0


def _without_accepted(parsed: ParsedCookie, profile: Profile) -> tuple[Finding, ...]:
    """Return a line's warnings, except for values that this browser understands."""
    attributes = parsed.attributes
    accepted = set()
    max_age, expires = _LIFETIMES[profile.lifetimes](attributes)
    if max_age is not None:
        accepted.add(Code.MAX_AGE_UNPARSABLE)
    if expires is not None:
        accepted.add(Code.EXPIRES_UNPARSABLE)
    if profile.same_site_special:
        accepted.add(Code.SAME_SITE_UNRECOGNISED)
    return tuple(warning for warning in parsed.warnings if warning.code not in accepted)


def _has_warnings(
    attributes: Attributes, flag: SameSite, context: RequestContext, profile: Profile
) -> bool:
    """Return whether ``_warnings`` would find anything other than a capped lifetime."""
    return (
        not attributes.has_same_site
        or flag is not attributes.same_site
        or (context.site is _UNKNOWN and not context.top_level)
        or (attributes.partitioned and not profile.partitioned)
        or (attributes.priority is not None and not profile.priorities)
    )


def _warnings(
    parsed: ParsedCookie,
    flag: SameSite,
    context: RequestContext,
    profile: Profile,
    capped: float,
) -> tuple[Finding, ...]:
    """Return the warnings about a cookie that can still be stored."""
    attributes = parsed.attributes
    found = []
    cookie = _cookie(parsed.name)
    if capped:
        facts = (cookie, ("seconds", capped), ("cap", profile.lifetime_cap))
        found.append(Finding(Code.LIFETIME_CAPPED, facts))
    if attributes.partitioned and not profile.partitioned:
        found.append(Finding(Code.ATTRIBUTE_UNKNOWN, (("attribute", "Partitioned"),)))
    if attributes.priority is not None and not profile.priorities:
        found.append(Finding(Code.ATTRIBUTE_UNKNOWN, (("attribute", "Priority"),)))
    if not attributes.has_same_site:
        treated_as = "lax" if profile.same_site_default_lax else "none"
        found.append(Finding(Code.SAME_SITE_DEFAULTED, (cookie, ("treated_as", treated_as))))
    elif flag is not attributes.same_site:
        taken_as = "strict" if flag is SameSite.STRICT else "nothing"
        found.append(Finding(Code.SAME_SITE_MISREAD, (cookie, ("taken_as", taken_as))))
    unknown = context.site is _UNKNOWN and not context.top_level
    if unknown and flag in (SameSite.STRICT, SameSite.LAX):
        same_site = ("same_site", flag.value)
        found.append(Finding(Code.SAME_SITE_UNKNOWN, (cookie, same_site)))
    return tuple(found)
