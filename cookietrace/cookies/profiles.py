"""Where a named browser departs from -22, or chooses what -22 leaves open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

import msgspec


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The switches of one browser. The defaults are -22 to the letter: the profile ``spec``."""

    name: str
    checked: date
    """When the table was last held against its sources."""
    same_site_default_lax: bool = True
    """Whether a cookie without SameSite counts as Lax (5.8.3 step 3), or as None."""
    lax_post_seconds: float = 0.0
    """How old a cookie without SameSite may be to go with a cross-site top-level POST (5.6.7.2)."""
    schemeful: bool = True
    """Whether http and https of one domain are two sites (5.2)."""
    loopback_secure: bool = False
    """Whether plain http to this very machine counts as secure (5.7 step 13, 5.8.3)."""
    loopback_prefixes: bool = True
    """Whether ``__Secure-``, ``__Host-`` and Partitioned are good over such a connection."""
    http_prefixes: bool = False
    """Whether ``__Http-`` and ``__Host-Http-`` are enforced (layered-cookies)."""
    partitioned: bool = False
    """Whether the Partitioned attribute is known (CHIPS)."""
    third_party: Literal["allowed", "partitioned", "blocked"] = "allowed"
    """What becomes of cookies in a cross-site request that is no top-level navigation."""
    lifetime_cap: float = 34_560_000.0
    """The longest lifetime, in seconds (5.5)."""
    most_per_site: int | None = None
    """How many cookies one registrable domain may have; None for no limit."""
    purge_to: int = 0
    """How many stay when that number is exceeded."""
    access_granularity: float = 0.0
    """A last access is noted only when the one before is this many seconds ago."""
    overwrite_keeps_creation: bool = True
    """Whether a cookie that gets a new value keeps its place in the header (5.7 step 23.3)."""
    dot_domain_refused: bool = False
    """Whether ``Domain=.`` is refused; -22 makes it a host-only cookie (5.6.3)."""


_SPEC = Profile(name="spec", checked=date(2026, 11, 22))

_CHROMIUM = Profile(
    name="chromium",
    checked=date(2026, 11, 22),
    lax_post_seconds=120.0,
    loopback_secure=True,
    http_prefixes=True,
    partitioned=True,
    most_per_site=180,
    purge_to=150,
    access_granularity=60.0,
)

_FIREFOX = Profile(
    name="firefox",
    checked=date(2026, 11, 22),
    same_site_default_lax=False,
    schemeful=False,
    loopback_secure=True,
    partitioned=True,
    third_party="partitioned",
    most_per_site=180,
    purge_to=150,
)

_SAFARI = Profile(
    name="safari",
    checked=date(2026, 11, 22),
    same_site_default_lax=False,
    schemeful=False,
    partitioned=True,
    third_party="blocked",
)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {profile.name: profile for profile in (_SPEC, _CHROMIUM, _FIREFOX, _SAFARI)}
)

_CHROMIUM_AGENT = re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/|\bEdg/")
_FIREFOX_AGENT = re.compile(r"\bFirefox/")
_SAFARI_AGENT = re.compile(r"\b(?:AppleWebKit|CriOS|FxiOS)/")


def profile_for(user_agent: str | None) -> Profile:
    """Return the profile that a User-Agent speaks of; ``spec`` where it says nothing."""
    if user_agent is None:
        return _SPEC
    if _CHROMIUM_AGENT.search(user_agent):
        return _CHROMIUM
    if _FIREFOX_AGENT.search(user_agent):
        return _FIREFOX
    return _SAFARI if _SAFARI_AGENT.search(user_agent) else _SPEC
