"""Where each browser differs from -22, or decides what -22 leaves open.

Every departure is one row: the switch, its value, its visible effect, the source, and the
versions in which it holds. A profile is ``spec`` with the rows of one version applied.
``docs/profiles.md`` is generated from the rows.

``chromium`` was compared with Chromium 156 on Debian 12, and ``firefox`` with Firefox ESR 153:
several hundred Set-Cookie lines and requests in many contexts each, checking the Cookie header on
the wire and the browser's own jar. What older versions did, and all of ``safari``, is based on
public documents only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import msgspec

Version = float
"""A browser's major version; for Safari with the minor one behind the point: 13.1."""


class Departure(msgspec.Struct, frozen=True):
    """One switch that a browser sets differently from -22."""

    switch: str
    """The field of ``Profile``."""
    value: bool | float | str
    what: str
    """The visible effect, in one sentence."""
    source: str
    since: Version | None = None
    """The first version in which it holds; None if it holds in every older one."""
    until: Version | None = None
    """The first version in which it no longer holds; None if it still holds."""
    until_at_latest: bool = False
    """Whether it is not known which version was the last: in ``until``, it was seen not to hold."""
    system: str = ""
    """The only operating system on which it holds, as in the User-Agent; empty for all."""

    @property
    def tried(self) -> bool:
        """Whether it was seen in a real browser."""
        return not self.source.endswith(_UNTRIED)

    def holds(self, version: Version | None, system: str = "") -> bool:
        """Return whether it holds in a version; None is the newest."""
        if self.system and self.system != system:
            return False
        if version is None:
            return self.until is None
        return (self.since is None or version >= self.since) and (
            self.until is None or version < self.until
        )


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The switches of one browser. The defaults follow -22 exactly: the profile ``spec``."""

    name: str
    checked: date
    """When the table was last compared with its sources."""
    departures: tuple[Departure, ...] = ()
    """The rows that hold in this version."""
    version: Version | None = None
    """The browser's version, from its User-Agent; None if unknown: then the newest."""
    doubtful: bool = False
    """Whether too little is known about such an old version to be certain of any verdict."""

    same_site: Literal["understood", "ignored"] = "understood"
    """Whether the SameSite attribute has a meaning at all (5.6.7)."""
    same_site_none: Literal["none", "strict", "refused"] = "none"
    """What SameSite=None means: itself, the same as Strict, or that the line is refused (5.6.7)."""
    same_site_special: bool = False
    """Whether one of these two applies. Derived."""
    same_site_default_lax: bool = True
    """Whether a cookie without SameSite counts as Lax (5.8.3 step 3), or as None."""
    none_requires_secure: bool = True
    """Whether SameSite=None is refused without Secure (5.7 step 19)."""
    lax_post_seconds: float = 0.0
    """Maximum age at which a cookie without SameSite is sent with a cross-site POST (5.6.7.2)."""
    redirects_count: bool = False
    """Whether a redirect through another site makes a request cross-site for sending (5.2 lets it
    count; -22 5.8.3 as Chromium does it does not)."""
    schemeful: bool = True
    """Whether http and https on one domain are different sites (5.2)."""
    loopback_secure: bool = False
    """Whether plain http to this machine counts as secure (5.7 step 13, 5.8.3)."""
    prefixes_require_secure: bool = False
    """Whether a Secure cookie set over plain http also violates its prefix. In -22, only step 13
    refuses it."""
    http_prefixes: bool = False
    """Whether ``__Http-`` and ``__Host-Http-`` are enforced (layered-cookies)."""
    host_prefix_path: Literal["attribute", "literal", "resulting"] = "attribute"
    """What ``__Host-`` asks of the path: an attribute that gives ``/`` (5.7 step 21), a literal
    ``Path=/``, or only that the resulting path is ``/``."""
    partitioned: bool = False
    """Whether the Partitioned attribute is supported (CHIPS)."""
    third_party: Literal["allowed", "partitioned", "blocked"] = "allowed"
    """How cookies are treated in a cross-site request that is not a top-level navigation."""
    silent_after_redirect: bool = False
    """Whether Sec-Fetch-Storage-Access may be absent from a request that was redirected."""
    says_storage_access: bool = False
    """Whether Sec-Fetch-Storage-Access is sent with every third-party request with credentials."""
    reports: Literal["with-credentials", "same-origin", "without-credentials"] = "with-credentials"
    """Which of the browser's own reports (Reporting, CSP) have credentials: all, those to the
    page's own origin, or none."""
    priorities: bool = False
    """Whether the Priority attribute is supported and affects eviction."""
    most_per_site: float = float("inf")
    """Maximum number of cookies of one registrable domain, or of one of its partitions."""
    purge_to: float = float("inf")
    """How many are left after eviction. A partition loses only the cookies over the limit."""
    eviction: Literal["after", "before"] = "after"
    """Whether room is made after storing a cookie, in rounds by priority, or before, so that an
    insecure cookie is refused where only Secure ones are left."""
    most_partition_bytes: float = float("inf")
    """Maximum total size of the names and values in one partition of a domain, in bytes."""
    partition_overrun: float = 1.0
    """How far that maximum may be exceeded, as a factor, before cookies are evicted down to it."""
    overwrite_keeps_creation: bool = True
    """Whether a cookie with a new value keeps its position in the header (5.7 step 23.3)."""
    address_host_only: bool = False
    """Whether a Domain equal to the host's IP address makes a host-only cookie; not in -22."""
    dot_domain_refused: bool = False
    """Whether ``Domain=.`` is refused; in -22 it makes a host-only cookie (5.6.3)."""
    domain_to_ascii: bool = False
    """Whether a Domain in UTF-8 is converted to its ASCII form; in -22 it is refused (5.7 step
    8)."""
    tabs: Literal["allowed", "refused-in-path", "refused"] = "allowed"
    """Whether a tab inside a name, value or attribute refuses the line; -22 allows it (5.6)."""
    no_equals: Literal["nameless", "nameless-unless-equals", "name"] = "nameless"
    """What a line without a name is: a nameless cookie (5.6 step 3); the same, but refused with an
    equals sign in its value; or, without an equals sign, a name with an empty value, and
    otherwise refused."""
    overlay_by_host: bool = False
    """Whether an insecure cookie is refused beside a Secure one (5.7 step 16) only if a host gets
    both. In -22 it does not matter that a host-only cookie is for one host."""
    utf8_values: bool = False
    """Whether bytes of a value or path that are not UTF-8 are replaced by U+FFFD; -22 keeps
    them."""
    expires_by_server_clock: bool = False
    """Whether Expires is corrected by the difference between the response's Date and local time."""
    lifetimes: Literal["spec", "chromium", "firefox"] = "spec"
    """How Max-Age and Expires are read. ``spec``: the last valid one of each (5.6.1, 5.6.2).
    ``chromium``: the last one even if it is invalid, ``+5`` is valid, a date before 1601 is in the
    past. ``firefox``: the last one even if it is invalid, a Max-Age that begins with a minus
    sign is in the past, and dates in many more formats."""
    lifetime_cap: float = 34_560_000.0
    """The longest lifetime a cookie may have, in seconds: 400 days (5.5)."""
    clear_site_data: Literal["site", "host"] = "site"
    """What Clear-Site-Data deletes: every cookie of the registrable domain, and the response's own
    Set-Cookie lines are refused; or, after these lines, the cookies whose domain is the host."""
    drops_responses: Literal["never", "nul", "nul-or-control-in-http2"] = "never"
    """Which character in any field drops a whole response, so that it stores nothing: NUL; or,
    over HTTP/2 and HTTP/3, every control character other than tab."""


_CHECKED = date(2026, 11, 29)
_SEEN = "Seen on Chromium 156, Debian 12."
_SEEN_FIREFOX = "Seen on Firefox 153, Debian 12."
_UNTRIED = "Not tested."
_DRAFT = "RFC 6265bis, draft 22, section"
_MDN = "MDN browser-compat-data, Set-Cookie, SameSite"
_INCOMPATIBLE = "chromium.org, SameSite=None: Known Incompatible Clients"
_NEVER_CAPPED = float("inf")

TRIED: Mapping[str, Version] = MappingProxyType({"chromium": 156, "firefox": 153})
"""The versions that were compared with the real browser; of others, documents tell."""


def _ignored(until: Version) -> Departure:
    """Return the row of versions that do not know SameSite."""
    what = "The SameSite attribute is ignored: every cookie is sent with cross-site requests too."
    return Departure("same_site", "ignored", what, f"{_MDN}. {_UNTRIED}", until=until)


_CHROMIUM = (
    Departure(
        "lax_post_seconds",
        120.0,
        "A cookie without SameSite is sent with cross-site top-level POSTs for two minutes.",
        f"{_DRAFT} 5.6.7.2 leaves it open; chromium.org, SameSite updates (Lax + POST). " + _SEEN,
        since=80,
    ),
    Departure(
        "loopback_secure",
        True,
        "Secure cookies work over plain http on localhost, *.localhost, 127.0.0.0/8 and [::1].",
        f"{_DRAFT} 5.7 step 13 leaves it open; chromestatus.com, 89. " + _SEEN,
        since=89,
    ),
    Departure(
        "http_prefixes",
        True,
        "`__Http-` and `__Host-Http-` are enforced.",
        "draft-ietf-httpbis-layered-cookies; chromestatus.com, 140. " + _SEEN,
        since=140,
    ),
    Departure(
        "host_prefix_path",
        "literal",
        "`__Host-` requires that the last Path attribute is `/`; an invalid Path is not enough.",
        _SEEN,
    ),
    Departure(
        "partitioned",
        True,
        "Partitioned cookies are stored separately per top-level site.",
        "CHIPS explainer; MDN browser-compat-data, Partitioned. " + _SEEN,
        since=114,
    ),
    Departure(
        "reports",
        "same-origin",
        "Reports to another origin are made without credentials, so they store nothing.",
        'Reporting API, "same-origin" credentials mode. ' + _SEEN,
    ),
    Departure(
        "says_storage_access",
        True,
        "Third-party requests with credentials carry Sec-Fetch-Storage-Access, so one without it "
        "has none.",
        "MDN browser-compat-data, Sec-Fetch-Storage-Access; privacycg, Storage Access Headers. "
        + _SEEN,
        since=133,
    ),
    Departure(
        "priorities",
        True,
        "Priority=Low, Medium or High affects which cookies are evicted first.",
        "net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "most_per_site",
        180.0,
        "A registrable domain can have 180 cookies, and so can each of its partitions.",
        f"{_DRAFT} 5.7 leaves it open; net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "purge_to",
        150.0,
        "Above the limit, the least recently used cookies are evicted until 150 are left.",
        f"{_DRAFT} 5.7 leaves it open; net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "most_partition_bytes",
        10240.0,
        "A partition holds 10 KiB of names and values; above, the least recently used are evicted.",
        f"{_DRAFT} 5.7 leaves it open; net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "overwrite_keeps_creation",
        False,
        "A cookie with a new value moves to the end of the header; in the specification it keeps "
        "its position.",
        _SEEN,
    ),
    Departure("dot_domain_refused", True, "A cookie with `Domain=.` is refused.", _SEEN),
    Departure(
        "domain_to_ascii",
        True,
        "A Domain in UTF-8 is converted to its ASCII form, and accepted if that covers the host.",
        _SEEN,
    ),
    Departure(
        "address_host_only",
        True,
        "`Domain=127.0.0.1` on that host makes a host-only cookie, as without Domain.",
        _SEEN,
    ),
    Departure(
        "prefixes_require_secure",
        True,
        "A prefixed cookie set over plain http also violates its prefix, with or without Secure.",
        _SEEN,
    ),
    Departure(
        "tabs",
        "refused",
        "A tab inside a name, value or attribute is a control character, so the line is refused.",
        _SEEN,
    ),
    Departure(
        "no_equals",
        "nameless-unless-equals",
        "A nameless cookie whose value contains an equals sign is refused.",
        _SEEN,
    ),
    Departure(
        "expires_by_server_clock",
        True,
        "Expires is relative to the server's clock: a wrong Date header shifts it equally.",
        _SEEN,
    ),
    Departure(
        "lifetimes",
        "chromium",
        "`Max-Age=+5` means five seconds, an Expires before 1601 is in the past, and the last of "
        "several counts even if it is invalid.",
        _SEEN,
    ),
    Departure(
        "drops_responses",
        "nul-or-control-in-http2",
        "A NUL in any field drops the whole response, and over HTTP/2 so does any control "
        "character other than tab: nothing is stored.",
        _SEEN,
    ),
    _ignored(51),
    Departure(
        "same_site_none",
        "refused",
        "A cookie with SameSite=None is refused.",
        f"{_INCOMPATIBLE}. {_UNTRIED}",
        since=51,
        until=67,
    ),
    Departure(
        "same_site_default_lax",
        False,
        "A cookie without SameSite is also sent with cross-site requests.",
        f"{_MDN}: defaults to Lax since 80 (for everyone since 84). {_UNTRIED}",
        until=80,
    ),
    Departure(
        "none_requires_secure",
        False,
        "SameSite=None is accepted without Secure.",
        f"{_MDN}: secure context required since 80. {_UNTRIED}",
        until=80,
    ),
    Departure(
        "schemeful",
        False,
        "http and https on one domain are the same site.",
        f"chromium.org, Schemeful Same-Site: since 89 ({_MDN}: 91). {_UNTRIED}",
        until=89,
    ),
    Departure(
        "lifetime_cap",
        _NEVER_CAPPED,
        "A cookie may live longer than 400 days.",
        f"developer.chrome.com, Cookie Expires and Max-Age attributes now have upper limit: 104. "
        f"{_UNTRIED}",
        until=104,
    ),
)

_FIREFOX = (
    Departure(
        "same_site_default_lax",
        False,
        "A cookie without SameSite is also sent with cross-site requests.",
        f"{_MDN}: preference network.cookie.sameSite.laxByDefault, off. {_SEEN_FIREFOX}",
    ),
    Departure(
        "schemeful",
        False,
        "http and https on one domain are the same site.",
        f"{_MDN}: preference network.cookie.sameSite.schemeful, off. {_SEEN_FIREFOX}",
    ),
    Departure(
        "redirects_count",
        True,
        "After a redirect through another site, Strict cookies are withheld from a link or a typed "
        "address, and Strict and Lax ones from everything else. Storing is not affected.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "loopback_secure",
        True,
        "Secure cookies work over plain http on localhost, *.localhost, 127.0.0.0/8 and [::1].",
        f"Firefox 75 release notes for developers. {_SEEN_FIREFOX}",
        since=75,
    ),
    Departure(
        "prefixes_require_secure",
        True,
        "A prefixed cookie set over plain http also violates its prefix, with or without Secure.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "http_prefixes",
        True,
        "`__Http-` and `__Host-Http-` are enforced.",
        f"draft-ietf-httpbis-layered-cookies. {_SEEN_FIREFOX}",
    ),
    Departure(
        "host_prefix_path",
        "resulting",
        "`__Host-` looks at the resulting path: without Path, a page at `/` will do.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "partitioned",
        True,
        "Partitioned cookies are stored separately per top-level site.",
        f"MDN, Set-Cookie, Partitioned: since 141. {_SEEN_FIREFOX}",
        since=141,
    ),
    Departure(
        "third_party",
        "partitioned",
        "Every third-party cookie is stored separately per top-level site.",
        f"MDN, State Partitioning (Total Cookie Protection): for everyone since 103. "
        f"{_SEEN_FIREFOX}",
        since=103,
    ),
    Departure(
        "reports",
        "without-credentials",
        "Reports are made without credentials: no cookie is sent with them or stored from them.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "most_per_site",
        180.0,
        "A registrable domain can have 180 cookies, and so can each of its partitions.",
        f"Preference network.cookie.maxPerHost. {_SEEN_FIREFOX}",
    ),
    Departure(
        "purge_to",
        150.0,
        "When the limit is reached, the least recently used are evicted until 150 are left.",
        f"Preference network.cookie.quotaPerHost. {_SEEN_FIREFOX}",
    ),
    Departure(
        "eviction",
        "before",
        "Insecure cookies are evicted first. Where all are Secure, an insecure one is refused.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "most_partition_bytes",
        10240.0,
        "A partition holds 10 KiB of names and values of Partitioned cookies.",
        f"Preference network.cookie.chips.partitionLimitByteCapacity. {_SEEN_FIREFOX}",
        since=141,
    ),
    Departure(
        "partition_overrun",
        1.2,
        "If it is exceeded by a fifth, the least recently used are evicted until it is met again.",
        _SEEN_FIREFOX,
        since=141,
    ),
    Departure("dot_domain_refused", True, "A cookie with `Domain=.` is refused.", _SEEN_FIREFOX),
    Departure(
        "address_host_only",
        True,
        "`Domain=127.0.0.1` on that host makes a host-only cookie, as without Domain.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "tabs", "refused-in-path", "A cookie whose Path contains a tab is refused.", _SEEN_FIREFOX
    ),
    Departure(
        "no_equals",
        "name",
        "A line without an equals sign names a cookie without a value: `bare` is sent back as "
        "`bare=`. A line that begins with an equals sign is refused.",
        f"Preference network.cookie.valueless_cookie. {_SEEN_FIREFOX}",
    ),
    Departure(
        "silent_after_redirect",
        True,
        "After a redirect through another host, a third party's request may lack "
        "Sec-Fetch-Storage-Access.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "overlay_by_host",
        True,
        "An insecure cookie may coexist with a Secure one of the same name if no host receives "
        "both.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "utf8_values",
        True,
        "Bytes of a value that are not UTF-8 are sent back as U+FFFD.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "expires_by_server_clock",
        True,
        "Expires is relative to the server's clock: a wrong Date header shifts it equally.",
        f"Preference network.cookie.useServerTime. {_SEEN_FIREFOX}",
    ),
    Departure(
        "lifetimes",
        "firefox",
        "A Max-Age that begins with a minus sign deletes, and the last of several counts even if "
        "it is invalid. Expires may have a time zone and many more formats than in the "
        "specification.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "clear_site_data",
        "host",
        "Clear-Site-Data takes effect after the response's own Set-Cookie lines, and deletes only "
        "cookies whose domain is the host.",
        _SEEN_FIREFOX,
    ),
    Departure(
        "drops_responses",
        "nul",
        "A NUL in any field drops the whole response: nothing is stored.",
        _SEEN_FIREFOX,
    ),
    _ignored(60),
    Departure(
        "none_requires_secure",
        False,
        "SameSite=None is accepted without Secure.",
        f"{_MDN}: preference network.cookie.sameSite.noneRequiresSecure, off; on in 153 "
        f"(the version that turned it on is not known). {_UNTRIED}",
        until=153,
        until_at_latest=True,
    ),
)

_SAFARI = (
    Departure(
        "same_site_default_lax",
        False,
        "A cookie without SameSite is also sent with cross-site requests.",
        f"{_MDN}: defaults to Lax, no. {_UNTRIED}",
    ),
    Departure(
        "none_requires_secure",
        False,
        "SameSite=None is accepted without Secure.",
        f"{_MDN}: secure context required, no. {_UNTRIED}",
    ),
    Departure(
        "schemeful",
        False,
        "http and https on one domain are the same site.",
        f"{_MDN}: URL scheme-aware, no. {_UNTRIED}",
    ),
    Departure(
        "partitioned",
        True,
        "Partitioned cookies are stored separately per top-level site.",
        f"MDN, Set-Cookie, Partitioned: since 26.2. {_UNTRIED}",
        since=26.2,
    ),
    Departure(
        "third_party",
        "blocked",
        "Cookies of sites other than the one in the address bar are neither stored nor sent.",
        f"webkit.org, Full Third-Party Cookie Blocking and More (2020): since 13.1. {_UNTRIED}",
        since=13.1,
    ),
    _ignored(12),
    Departure(
        "same_site_none",
        "strict",
        "SameSite=None, and any value that is not known, means Strict.",
        f"bugs.webkit.org 198181; {_INCOMPATIBLE}. {_UNTRIED}",
        since=12,
        until=13,
    ),
    Departure(
        "same_site_none",
        "strict",
        "SameSite=None, and any value that is not known, means Strict.",
        f"bugs.webkit.org 198181; {_INCOMPATIBLE}. {_UNTRIED}",
        since=13,
        until=15,
        system="Mac OS X 10_14",
    ),
)

ROWS: Mapping[str, tuple[Departure, ...]] = MappingProxyType(
    {"chromium": _CHROMIUM, "firefox": _FIREFOX, "safari": _SAFARI}
)
"""Every departure of each browser, whichever version it holds in."""

DOUBTFUL_BEFORE: Mapping[str, Version] = MappingProxyType(
    {"chromium": 51, "firefox": 60, "safari": 13.1}
)
"""The first version of each browser about which enough is known: what SameSite means in it, and,
for Safari, which third-party cookies it blocks."""

_SPEC = Profile(name="spec", checked=_CHECKED)
_ANCIENT = msgspec.structs.replace(_SPEC, doubtful=True)
"""For browsers of which nothing is known."""


@lru_cache(maxsize=256)
def profile_of(name: str, version: Version | None = None, system: str = "") -> Profile:
    """Return the profile of a browser in one version; None is the newest.

    ``system`` is the operating system as in a row. Raises ``KeyError`` for an unknown name.
    """
    if name == "spec":
        return _SPEC
    return _profile(name, [row for row in ROWS[name] if row.holds(version, system)], version)


def without(profile: Profile, row: Departure) -> Profile:
    """Return a profile that follows -22 in the one point of a row."""
    rows = [other for other in profile.departures if other != row]
    return _profile(profile.name, rows, profile.version)


def _profile(name: str, rows: Sequence[Departure], version: Version | None) -> Profile:
    return msgspec.structs.replace(
        _SPEC,
        name=name,
        departures=tuple(rows),
        version=version,
        doubtful=version is not None and version < DOUBTFUL_BEFORE[name],
        same_site_special=any(row.switch in ("same_site", "same_site_none") for row in rows),
        **{row.switch: row.value for row in rows},
    )


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {name: profile_of(name) for name in ("spec", *ROWS)}
)
"""The profiles of the newest versions."""

_CHROMIUM_AGENT = re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/([0-9]{1,4})?")
_FIREFOX_AGENT = re.compile(r"\bFirefox/([0-9]{1,4})?")
_SAFARI_AGENT = re.compile(r"\bAppleWebKit\b")
_SAFARI_VERSION = re.compile(r"\bVersion/([0-9]{1,3})(?:\.([0-9]))?")
_IOS_VERSION = re.compile(r"\bOS ([0-9]{1,3})(?:_([0-9]))? like Mac OS X")
_IOS = re.compile(r"\b(?:iPhone|iPad|iPod)\b")
_OLD_SYSTEM = re.compile(r"\bMac OS X 10_14(?![0-9])")
_UNKNOWN_AGENT = re.compile(r"\b(?:Edge/[0-9]|Trident/|MSIE |Presto/)")


@lru_cache(maxsize=64)
def profile_for(user_agent: str | None) -> Profile:
    """Return the profile for a User-Agent header; ``spec`` if it names no known browser.

    Every browser on iOS uses WebKit, so it gets ``safari``, in the version of the system. A
    browser built on Chromium gets ``chromium``, in the version of its ``Chrome/``.
    """
    if user_agent is None:
        return _SPEC
    if _UNKNOWN_AGENT.search(user_agent):
        return _ANCIENT
    on_ios = _IOS.search(user_agent) is not None
    for name, agent in (("chromium", _CHROMIUM_AGENT), ("firefox", _FIREFOX_AGENT)):
        found = agent.search(user_agent)
        if found is not None and not on_ios:
            return profile_of(name, float(found[1]) if found[1] else None)
    if _SAFARI_AGENT.search(user_agent) is None:
        return _SPEC
    found = _SAFARI_VERSION.search(user_agent)
    if on_ios and found is None:
        found = _IOS_VERSION.search(user_agent)
    version = float(f"{found[1]}.{found[2] or 0}") if found is not None else None
    old = _OLD_SYSTEM.search(user_agent)
    return profile_of("safari", version, old[0] if old is not None else "")


def version_text(version: Version) -> str:
    """Return a version as people write it: ``60``, ``13.1``."""
    return f"{version:g}"
