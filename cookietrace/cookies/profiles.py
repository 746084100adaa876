"""Where a named browser departs from -22, or chooses what -22 leaves open.

Every departure is one row: the switch, its value, what a person sees of it, and
where that is known from. A profile is nothing but its rows laid over ``spec``,
and ``docs/profiles.md`` is made from them.

``chromium`` was held against Chromium 156 on Debian 12: some 190 Set-Cookie
lines and 100 requests in all kinds of contexts, comparing the Cookie header on
the wire and the jar as DevTools shows it. ``firefox`` and ``safari`` rest on
public documents alone; none of their rows was tried on the browser itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

import msgspec


class Departure(msgspec.Struct, frozen=True):
    """One switch that a browser has in another position than -22."""

    switch: str
    """The field of ``Profile``."""
    value: bool | float | str
    what: str
    """What a person sees of it, in one sentence."""
    source: str


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The switches of one browser. The defaults are -22 to the letter: the profile ``spec``."""

    name: str
    checked: date
    """When the table was last held against its sources."""
    departures: tuple[Departure, ...] = ()

    same_site_default_lax: bool = True
    """Whether a cookie without SameSite counts as Lax (5.8.3 step 3), or as None."""
    none_requires_secure: bool = True
    """Whether SameSite=None is refused without Secure (5.7 step 19)."""
    lax_post_seconds: float = 0.0
    """How old a cookie without SameSite may be to go with a cross-site top-level POST (5.6.7.2)."""
    schemeful: bool = True
    """Whether http and https of one domain are two sites (5.2)."""
    loopback_secure: bool = False
    """Whether plain http to this very machine counts as secure (5.7 step 13, 5.8.3)."""
    prefixes_ask_connection: bool = False
    """Whether a prefix is also what refuses a Secure cookie that came over plain http; -22 has
    only step 13 for that."""
    http_prefixes: bool = False
    """Whether ``__Http-`` and ``__Host-Http-`` are enforced (layered-cookies)."""
    host_prefix_literal: bool = False
    """Whether ``__Host-`` wants ``Path=/`` written out; -22 looks at the path that results."""
    partitioned: bool = False
    """Whether the Partitioned attribute is known (CHIPS)."""
    third_party: Literal["allowed", "partitioned", "blocked"] = "allowed"
    """What becomes of cookies in a cross-site request that is no top-level navigation."""
    priorities: bool = False
    """Whether the Priority attribute is known, and counts when cookies are pushed out."""
    most_per_site: float = float("inf")
    """How many cookies one registrable domain (or one of its partitions) may have."""
    purge_to: float = float("inf")
    """How many stay when that number is exceeded; a partition only loses its excess."""
    most_partition_bytes: float = float("inf")
    """How many octets the names and values of one partition of a domain may have together."""
    overwrite_keeps_creation: bool = True
    """Whether a cookie that gets a new value keeps its place in the header (5.7 step 23.3)."""
    address_host_only: bool = False
    """Whether a Domain that is the host's own IP address makes a host-only cookie; -22 does not."""
    dot_domain_refused: bool = False
    """Whether ``Domain=.`` is refused; -22 makes it a host-only cookie (5.6.3)."""
    tab_refused: bool = False
    """Whether a tab inside a name, value or attribute refuses the line; -22 lets it be (5.6)."""
    nameless_equals_refused: bool = False
    """Whether a nameless cookie may hold no equals sign; -22 stores it (5.6 step 3)."""
    expires_by_server_clock: bool = False
    """Whether Expires is moved by as much as the answer's Date differs from this machine's time."""
    lenient_lifetimes: bool = False
    """Whether ``Max-Age=+5`` is read, a date before 1601 is in the past, and an unreadable last
    Max-Age or Expires cancels a readable one before it; -22 ignores all three (5.6.1, 5.6.2)."""


_CHECKED = date(2026, 11, 22)
_SEEN = "Seen on Chromium 156, Debian 12."
_MDN = "MDN browser-compat-data, Set-Cookie, SameSite"
_SPEC = Profile(name="spec", checked=_CHECKED)


def _profile(name: str, checked: date, *departures: Departure) -> Profile:
    """Return ``spec`` with the rows of a table laid over it."""
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
        "A cookie without SameSite goes with a cross-site top-level POST for two minutes.",
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
        "`__Host-` wants the last Path attribute to be `/` itself; an unusable Path will not do.",
        _SEEN,
    ),
    Departure(
        "partitioned",
        True,
        "Partitioned cookies are kept apart for each top-level site (Chromium 114 and later).",
        "CHIPS explainer. " + _SEEN,
    ),
    Departure(
        "priorities",
        True,
        "Priority=Low, Medium or High counts when cookies are pushed out.",
        "net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "most_per_site",
        180.0,
        "A registrable domain may have 180 cookies; so may each of its partitions.",
        "-22 5.7 leaves it open; net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "purge_to",
        150.0,
        "The cookie over the limit pushes out the least recently used until 150 are left.",
        "-22 5.7 leaves it open; net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "most_partition_bytes",
        10240.0,
        "A partition has room for 10 KiB of names and values; the least recently used cookies go.",
        "-22 5.7 leaves it open; net/cookies, cookie_monster. " + _SEEN,
    ),
    Departure(
        "overwrite_keeps_creation",
        False,
        "A cookie that gets another value goes to the end of the header; -22 keeps its place.",
        _SEEN,
    ),
    Departure("dot_domain_refused", True, "`Domain=.` refuses the cookie.", _SEEN),
    Departure(
        "address_host_only",
        True,
        "`Domain=127.0.0.1` on that very host makes a host-only cookie, as without Domain.",
        _SEEN,
    ),
    Departure(
        "prefixes_ask_connection",
        True,
        "A prefixed cookie over plain http breaks its prefix, Secure or not: one more reason.",
        _SEEN,
    ),
    Departure(
        "tab_refused",
        True,
        "A tab inside a name, a value or an attribute refuses the line, as a control character.",
        _SEEN,
    ),
    Departure(
        "nameless_equals_refused",
        True,
        "A nameless cookie whose value holds an equals sign is refused.",
        _SEEN,
    ),
    Departure(
        "expires_by_server_clock",
        True,
        "Expires is read by the server's clock: a Date header that is off moves it as far.",
        _SEEN,
    ),
    Departure(
        "lenient_lifetimes",
        True,
        "`Max-Age=+5` is five seconds, an Expires before 1601 is past, and of several the last "
        "one counts even if it cannot be read.",
        _SEEN,
    ),
)

_FIREFOX = _profile(
    "firefox",
    _CHECKED,
    Departure(
        "same_site_default_lax",
        False,
        "A cookie without SameSite goes with cross-site requests too.",
        f"{_MDN}: preference network.cookie.sameSite.laxByDefault, off. Not tried.",
    ),
    Departure(
        "none_requires_secure",
        False,
        "SameSite=None is taken without Secure too.",
        f"{_MDN}: preference network.cookie.sameSite.noneRequiresSecure, off. Not tried.",
    ),
    Departure(
        "schemeful",
        False,
        "http and https of one domain are one site.",
        f"{_MDN}: preference network.cookie.sameSite.schemeful, off. Not tried.",
    ),
    Departure(
        "loopback_secure",
        True,
        "Secure cookies work over plain http on localhost.",
        "Firefox 75 release notes for developers. Not tried.",
    ),
    Departure(
        "partitioned",
        True,
        "Partitioned cookies are kept apart for each top-level site (Firefox 141 and later).",
        "MDN, Set-Cookie, Partitioned. Not tried.",
    ),
    Departure(
        "third_party",
        "partitioned",
        "Every third-party cookie is kept apart for each top-level site.",
        "MDN, State Partitioning (Total Cookie Protection). Not tried.",
    ),
    Departure(
        "most_per_site",
        180.0,
        "A registrable domain may have 180 cookies.",
        "Preference network.cookie.maxPerHost. Not tried.",
    ),
    Departure(
        "purge_to",
        150.0,
        "The cookie over the limit pushes out others until 150 are left.",
        "Preference network.cookie.quotaPerHost. Not tried.",
    ),
)

_SAFARI = _profile(
    "safari",
    _CHECKED,
    Departure(
        "same_site_default_lax",
        False,
        "A cookie without SameSite goes with cross-site requests too.",
        f"{_MDN}: defaults to Lax, no. Not tried.",
    ),
    Departure(
        "none_requires_secure",
        False,
        "SameSite=None is taken without Secure too.",
        f"{_MDN}: secure context required, no. Not tried.",
    ),
    Departure(
        "schemeful",
        False,
        "http and https of one domain are one site.",
        f"{_MDN}: URL scheme-aware, no. Not tried.",
    ),
    Departure(
        "partitioned",
        True,
        "Partitioned cookies are kept apart for each top-level site (Safari 26.2 and later).",
        "MDN, Set-Cookie, Partitioned. Not tried.",
    ),
    Departure(
        "third_party",
        "blocked",
        "Cookies of other sites than the one in the address bar are neither stored nor sent.",
        "webkit.org, Full Third-Party Cookie Blocking and More (2020). Not tried.",
    ),
)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {profile.name: profile for profile in (_SPEC, _CHROMIUM, _FIREFOX, _SAFARI)}
)

_CHROMIUM_AGENT = re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/")
_FIREFOX_AGENT = re.compile(r"\bFirefox/")
_SAFARI_AGENT = re.compile(r"\bAppleWebKit/")


def profile_for(user_agent: str | None) -> Profile:
    """Return the profile that a User-Agent speaks of; ``spec`` where it says nothing.

    Every browser on iOS is WebKit, whatever it calls itself.
    """
    if user_agent is None:
        return _SPEC
    if _CHROMIUM_AGENT.search(user_agent):
        return _CHROMIUM
    if _FIREFOX_AGENT.search(user_agent):
        return _FIREFOX
    return _SAFARI if _SAFARI_AGENT.search(user_agent) else _SPEC
