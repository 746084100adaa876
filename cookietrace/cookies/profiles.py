"""Where each browser differs from -22, or decides what -22 leaves open.

Every departure is one row: the switch, its value, its visible effect, and the
source. A profile is ``spec`` with its rows applied. ``docs/profiles.md`` is
generated from the rows.

``chromium`` was compared with Chromium 156 on Debian 12: about 190 Set-Cookie
lines and 100 requests in many contexts, checking the Cookie header on the wire
and the jar in DevTools. ``firefox`` and ``safari`` are based on public
documents only; none of their rows was tested in the browser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

import msgspec


class Departure(msgspec.Struct, frozen=True):
    """One switch that a browser sets differently from -22."""

    switch: str
    """The field of ``Profile``."""
    value: bool | float | str
    what: str
    """The visible effect, in one sentence."""
    source: str


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The switches of one browser. The defaults follow -22 exactly: the profile ``spec``."""

    name: str
    checked: date
    """When the table was last compared with its sources."""
    departures: tuple[Departure, ...] = ()

    same_site_default_lax: bool = True
    """Whether a cookie without SameSite counts as Lax (5.8.3 step 3), or as None."""
    none_requires_secure: bool = True
    """Whether SameSite=None is refused without Secure (5.7 step 19)."""
    lax_post_seconds: float = 0.0
    """Maximum age at which a cookie without SameSite is sent with a cross-site POST (5.6.7.2)."""
    schemeful: bool = True
    """Whether http and https on one domain are different sites (5.2)."""
    loopback_secure: bool = False
    """Whether plain http to this machine counts as secure (5.7 step 13, 5.8.3)."""
    prefixes_require_secure: bool = False
    """Whether a Secure cookie set over plain http also violates its prefix. In -22, only step 13
    refuses it."""
    http_prefixes: bool = False
    """Whether ``__Http-`` and ``__Host-Http-`` are enforced (layered-cookies)."""
    host_prefix_literal: bool = False
    """Whether ``__Host-`` requires a literal ``Path=/``; -22 checks the resulting path."""
    partitioned: bool = False
    """Whether the Partitioned attribute is supported (CHIPS)."""
    third_party: Literal["allowed", "partitioned", "blocked"] = "allowed"
    """How cookies are treated in a cross-site request that is not a top-level navigation."""
    says_storage_access: bool = False
    """Whether Sec-Fetch-Storage-Access is sent with every third-party request with credentials."""
    priorities: bool = False
    """Whether the Priority attribute is supported and affects eviction."""
    most_per_site: float = float("inf")
    """Maximum number of cookies of one registrable domain, or of one of its partitions."""
    purge_to: float = float("inf")
    """How many are left after eviction. A partition loses only the cookies over the limit."""
    most_partition_bytes: float = float("inf")
    """Maximum total size of the names and values in one partition of a domain, in bytes."""
    overwrite_keeps_creation: bool = True
    """Whether a cookie with a new value keeps its position in the header (5.7 step 23.3)."""
    address_host_only: bool = False
    """Whether a Domain equal to the host's IP address makes a host-only cookie; not in -22."""
    dot_domain_refused: bool = False
    """Whether ``Domain=.`` is refused; in -22 it makes a host-only cookie (5.6.3)."""
    tab_refused: bool = False
    """Whether a tab inside a name, value or attribute refuses the line; -22 allows it (5.6)."""
    nameless_equals_refused: bool = False
    """Whether a nameless cookie with an equals sign is refused; -22 stores it (5.6 step 3)."""
    expires_by_server_clock: bool = False
    """Whether Expires is corrected by the difference between the response's Date and local time."""
    lenient_lifetimes: bool = False
    """Whether ``Max-Age=+5`` is valid, a date before 1601 is in the past, and an invalid last
    Max-Age or Expires overrides a valid earlier one. -22 ignores all three (5.6.1, 5.6.2)."""


_CHECKED = date(2026, 11, 22)
_SEEN = "Seen on Chromium 156, Debian 12."
_MDN = "MDN browser-compat-data, Set-Cookie, SameSite"
_SPEC = Profile(name="spec", checked=_CHECKED)


def _profile(name: str, checked: date, *departures: Departure) -> Profile:
    """Return ``spec`` with the departures of a browser applied."""
    switches = {departure.switch: departure.value for departure in departures}
    return msgspec.structs.replace(
        _SPEC, name=name, checked=checked, departures=departures, **switches
    )


_CHROMIUM = _profile(
    "chromium",
    _CHECKED,
    Departure(
        "lax_post_seconds",
        120.0,
        "A cookie without SameSite is sent with cross-site top-level POSTs for two minutes.",
        "-22 5.6.7.2 leaves it open; chromium.org, SameSite updates (Lax + POST). " + _SEEN,
    ),
    Departure(
        "loopback_secure",
        True,
        "Secure cookies work over plain http on localhost, *.localhost, 127.0.0.0/8 and [::1].",
        "-22 5.7 step 13 leaves it open. " + _SEEN,
    ),
    Departure(
        "http_prefixes",
        True,
        "`__Http-` and `__Host-Http-` are enforced (Chromium 140 and later).",
        "draft-ietf-httpbis-layered-cookies. " + _SEEN,
    ),
    Departure(
        "host_prefix_literal",
        True,
        "`__Host-` requires that the last Path attribute is `/`; an invalid Path is not enough.",
        _SEEN,
    ),
    Departure(
        "partitioned",
        True,
        "Partitioned cookies are stored separately per top-level site (Chromium 114 and later).",
        "CHIPS explainer. " + _SEEN,
    ),
    Departure(
        "says_storage_access",
        True,
        "Third-party requests with credentials carry Sec-Fetch-Storage-Access (Chromium 133 and "
        "later), so one without it has none.",
        "MDN browser-compat-data, Sec-Fetch-Storage-Access; privacycg, Storage Access Headers. "
        + _SEEN,
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
        "-22 5.7 leaves it open; net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "purge_to",
        150.0,
        "Above the limit, the least recently used cookies are evicted until 150 are left.",
        "-22 5.7 leaves it open; net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "most_partition_bytes",
        10240.0,
        "A partition holds 10 KiB of names and values; above, the least recently used are evicted.",
        "-22 5.7 leaves it open; net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "overwrite_keeps_creation",
        False,
        "A cookie with a new value moves to the end of the header; in -22 it keeps its position.",
        _SEEN,
    ),
    Departure("dot_domain_refused", True, "A cookie with `Domain=.` is refused.", _SEEN),
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
        "tab_refused",
        True,
        "A tab inside a name, value or attribute is a control character, so the line is refused.",
        _SEEN,
    ),
    Departure(
        "nameless_equals_refused",
        True,
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
        "lenient_lifetimes",
        True,
        "`Max-Age=+5` means five seconds, an Expires before 1601 is in the past, and the last of "
        "several counts even if it is invalid.",
        _SEEN,
    ),
)

_FIREFOX = _profile(
    "firefox",
    _CHECKED,
    Departure(
        "same_site_default_lax",
        False,
        "A cookie without SameSite is also sent with cross-site requests.",
        f"{_MDN}: preference network.cookie.sameSite.laxByDefault, off. Not tested.",
    ),
    Departure(
        "none_requires_secure",
        False,
        "SameSite=None is accepted without Secure.",
        f"{_MDN}: preference network.cookie.sameSite.noneRequiresSecure, off. Not tested.",
    ),
    Departure(
        "schemeful",
        False,
        "http and https on one domain are the same site.",
        f"{_MDN}: preference network.cookie.sameSite.schemeful, off. Not tested.",
    ),
    Departure(
        "loopback_secure",
        True,
        "Secure cookies work over plain http on localhost.",
        "Firefox 75 release notes for developers. Not tested.",
    ),
    Departure(
        "partitioned",
        True,
        "Partitioned cookies are stored separately per top-level site (Firefox 141 and later).",
        "MDN, Set-Cookie, Partitioned. Not tested.",
    ),
    Departure(
        "third_party",
        "partitioned",
        "Every third-party cookie is stored separately per top-level site.",
        "MDN, State Partitioning (Total Cookie Protection). Not tested.",
    ),
    Departure(
        "most_per_site",
        180.0,
        "A registrable domain can have 180 cookies.",
        "Preference network.cookie.maxPerHost. Not tested.",
    ),
    Departure(
        "purge_to",
        150.0,
        "Above the limit, cookies are evicted until 150 are left.",
        "Preference network.cookie.quotaPerHost. Not tested.",
    ),
)

_SAFARI = _profile(
    "safari",
    _CHECKED,
    Departure(
        "same_site_default_lax",
        False,
        "A cookie without SameSite is also sent with cross-site requests.",
        f"{_MDN}: defaults to Lax, no. Not tested.",
    ),
    Departure(
        "none_requires_secure",
        False,
        "SameSite=None is accepted without Secure.",
        f"{_MDN}: secure context required, no. Not tested.",
    ),
    Departure(
        "schemeful",
        False,
        "http and https on one domain are the same site.",
        f"{_MDN}: URL scheme-aware, no. Not tested.",
    ),
    Departure(
        "partitioned",
        True,
        "Partitioned cookies are stored separately per top-level site (Safari 26.2 and later).",
        "MDN, Set-Cookie, Partitioned. Not tested.",
    ),
    Departure(
        "third_party",
        "blocked",
        "Cookies of sites other than the one in the address bar are neither stored nor sent.",
        "webkit.org, Full Third-Party Cookie Blocking and More (2020). Not tested.",
    ),
)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {profile.name: profile for profile in (_SPEC, _CHROMIUM, _FIREFOX, _SAFARI)}
)

_CHROMIUM_AGENT = re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/")
_FIREFOX_AGENT = re.compile(r"\bFirefox/")
_SAFARI_AGENT = re.compile(r"\bAppleWebKit/")


def profile_for(user_agent: str | None) -> Profile:
    """Return the profile for a User-Agent header; ``spec`` if it names no known browser.

    Every browser on iOS uses WebKit, so it gets ``safari``.
    """
    if user_agent is None:
        return _SPEC
    if _CHROMIUM_AGENT.search(user_agent):
        return _CHROMIUM
    if _FIREFOX_AGENT.search(user_agent):
        return _FIREFOX
    return _SAFARI if _SAFARI_AGENT.search(user_agent) else _SPEC
