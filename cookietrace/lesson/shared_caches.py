"""Set-Cookie on responses that a shared cache may keep, and may hand out to other users."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from cookietrace.cookies import StoreResult
from cookietrace.events import Headers
from cookietrace.fold.exchange import Exchange, ResponsePart
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.same_object import remembered

_HIT = re.compile(r"(?i)(?:^|[\s,;_])(?:hit|stale|updating|revalidated)(?:[\s,;_]|$)")
_HIT_FIELDS = (
    "cf-cache-status", "x-cache", "x-cache-status", "x-vercel-cache", "x-proxy-cache",
    "cdn-cache", "x-nextjs-cache", "x-drupal-cache", "x-varnish-cache", "x-cache-lookup",
)  # fmt: skip
_STATUS = re.compile(r"(?i);\s*hit\b")
_DIRECTIVE = re.compile(r"([A-Za-z-]+)\s*(?:=\s*(\"[^\"]*\"|[^,]*))?")
_LONGEST_CACHED = 256
_SHARED_FIELDS = ("surrogate-control", "cdn-cache-control", "cloudflare-cdn-cache-control")


_TOLD = frozenset({*_HIT_FIELDS, *_SHARED_FIELDS, "cache-control", "cache-status", "age"})
"""The fields without which nothing is said about caches."""


class CacheRisk(msgspec.Struct, frozen=True):
    """What a response with Set-Cookie says to shared caches; display text."""

    handed_out: bool
    """Whether a cache did hand it out, by its own words."""
    sentence: str
    fix: str


def cache_risk(exchange: Exchange, result: StoreResult) -> CacheRisk | None:
    """Return whether a shared cache has kept, or may keep, a response that sets a cookie.

    RFC 9111 section 7.3: Set-Cookie does not keep a response from being cached; section 3 says
    which responses a shared cache may keep. None where only a cache's own guess would allow it.
    """
    response = exchange.response
    if response is None or exchange.request.method not in ("GET", "HEAD") or not result.value:
        return None
    fields = _fields(response.headers)
    if not fields:
        return None
    directives = _directives(fields.get("cache-control", ""))
    hit = _hit(fields)
    if hit is not None:
        return CacheRisk(
            True,
            f"The response came from a cache ({hit}), and its Set-Cookie with it: everyone who "
            "gets the same response from there gets the same value.",
            _FIX,
        )
    if {"private", "no-store"} & directives.keys() or "no-cache" in directives:
        return None
    allowed = _allowed(fields, directives, exchange)
    if allowed is None or not _is_cacheable(response):
        return None
    return CacheRisk(
        False,
        f"The response may be kept by shared caches ({allowed}), and Set-Cookie does not prevent "
        "that (RFC 9111, section 7.3): a cache that keeps it hands out the same value to everyone. "
        "Many caches leave out responses with Set-Cookie unless they are told otherwise; nothing "
        "here shows that one has kept it.",
        _FIX,
    )


_FIX = (
    "Send Cache-Control: private, no-store with every response that sets such a cookie, or do not "
    "set cookies on what is meant to be cached."
)


@remembered
def _fields(headers: Headers) -> Mapping[str, str]:
    """Return the headers that say something about caches; several of one name, joined by commas."""
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        told = name.lower()
        if told in _TOLD:
            fields.setdefault(told, []).append(value)
    return {name: ", ".join(values) for name, values in fields.items()}


def _hit(fields: Mapping[str, str]) -> str | None:
    """Return what says that a cache responded; None if nothing does."""
    for name in _HIT_FIELDS:
        if name in fields and _HIT.search(fields[name]) is not None:
            return f"{name}: {shown(fields[name])[:60]}"
    if _STATUS.search(fields.get("cache-status", "")) is not None:
        return f"cache-status: {shown(fields['cache-status'])[:60]}"
    age = fields.get("age", "").strip()
    return f"age: {age[:12]}" if _is_positive(age) else None


def _is_positive(seconds: str) -> bool:
    """Return whether a field has a number of seconds that is not 0, however long it is."""
    return seconds.isascii() and seconds.isdigit() and seconds.strip("0") != ""


def _directives(field: str) -> Mapping[str, str]:
    """Return the directives of a Cache-Control header by name; most responses have the same."""
    return _cached(field) if len(field) <= _LONGEST_CACHED else _parse(field)


def _parse(field: str) -> Mapping[str, str]:
    """Return the directives."""
    found = {}
    for match in _DIRECTIVE.finditer(field):
        found[match[1].lower()] = (match[2] or "").strip(' "')
    return found


_cached = lru_cache(256)(_parse)


def _allowed(
    fields: Mapping[str, str], directives: Mapping[str, str], exchange: Exchange
) -> str | None:
    """Return what allows a shared cache to keep the response; None if nothing does in words."""
    for name in _SHARED_FIELDS:
        other = _directives(fields.get(name, ""))
        if other and not {"private", "no-store", "no-cache"} & other.keys():
            return f"{name}: {shown(fields[name])[:60]}"
    if _is_positive(directives.get("s-maxage", "")):
        return f"s-maxage={directives['s-maxage'][:12]}"
    authorized = any(name.lower() == "authorization" for name, _ in exchange.request.headers)
    lasts = directives.get("max-age", "")
    if "public" in directives and lasts != "0" and directives.get("s-maxage") != "0":
        return "public"
    if not authorized and _is_positive(lasts) and "s-maxage" not in directives:
        return f"max-age={lasts[:12]}, without private"
    return None


def _is_cacheable(response: ResponsePart) -> bool:
    """Return whether a cache can use a response of this status for every client."""
    varies = any(
        name.lower() == "vary" and ("*" in value or "cookie" in value.lower())
        for name, value in response.headers
    )
    return not varies and response.status_code not in (206, 304) and response.status_code >= 200
