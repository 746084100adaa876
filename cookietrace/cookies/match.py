"""URLs as the cookie rules see them, and how domains, paths and sites match (-22 5.1, 5.2)."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from cookietrace.cookies.hosts import LONGEST_CACHED, canonical_host, is_ip
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.suffixes import PublicSuffixes

_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443, "ftp": 21}
SECURE_SCHEMES = frozenset({"https", "wss"})
_SITE_SCHEMES = {"ws": "http", "wss": "https"}
_AFTER_AUTHORITY = re.compile(r"[/?#\\]")
_LONGEST_CACHED = 2048


class Target(msgspec.Struct, frozen=True, gc=False):
    """The parts of a URL that matter for cookies."""

    scheme: str
    """Lower-case; ``""`` if the URL has none."""
    host: str | None
    """Canonical (5.1.2); None if the host has no canonical form."""
    raw_host: str
    """The host as written."""
    port: int | None
    """The port, or the scheme's default if the URL has none; None if it is not a valid port."""
    path: str
    """The raw path without query and fragment. Starts with a slash."""
    origin: str
    """``https://shop.test``, with the port if it is not the scheme's default.

    With the host and the port as written if the host has no canonical form, so that it is never
    the origin of one that has.
    """
    address: str
    """The origin, the path and the query: what requests, Referers and redirects are compared by."""


def parse_target(url: str) -> Target:
    """Split a URL from the wire. Accepts any text and never raises."""
    return _cached(url) if len(url) <= _LONGEST_CACHED else _parse(url)


def _parse(url: str) -> Target:
    """Split the URL at its first delimiters; nothing is decoded."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "", url
    scheme = scheme.lower()
    delimiter = _AFTER_AUTHORITY.search(rest)
    end = len(rest) if delimiter is None else delimiter.start()
    authority = rest[:end].rpartition("@")[2]
    short = len(scheme) + len(authority) <= LONGEST_CACHED
    host, raw_host, port, origin = (_cached_place if short else _place)(scheme, authority)
    path, mark, query = rest[end:].partition("#")[0].partition("?")
    path = path if path.startswith("/") else "/"
    return Target(scheme, host, raw_host, port, path, origin, f"{origin}{path}{mark}{query}")


_cached = lru_cache(maxsize=2048)(_parse)


def _place(scheme: str, authority: str) -> tuple[str | None, str, int | None, str]:
    """Return a host, canonical and as written, its port and its origin."""
    default = _DEFAULT_PORTS.get(scheme)
    raw_host, port = _host_and_port(authority, default)
    host = canonical_host(raw_host)
    if host is None:
        origin = f"{scheme}://{authority}"
    elif port is None or port == default:
        origin = f"{scheme}://{host}"
    else:
        origin = f"{scheme}://{host}:{port}"
    return host, raw_host, port, origin


_cached_place = lru_cache(maxsize=2048)(_place)


def _host_and_port(authority: str, default: int | None) -> tuple[str, int | None]:
    """Split an authority; the colons inside IPv6 brackets belong to the host."""
    host, separator, digits = authority.rpartition(":")
    if not separator or "]" in digits:
        return authority, default
    if not digits:
        return host, default
    if digits.isascii() and digits.isdigit() and len(digits) <= 5 and int(digits) <= 65535:
        return host, int(digits)
    return host, None


def domain_match(host: str, domain: str) -> bool:
    """Return whether a canonical host domain-matches a cookie's domain (5.1.3)."""
    if host == domain:
        return True
    return host.endswith(domain) and host[-len(domain) - 1] == "." and not is_ip(host)


def default_path(path: str) -> str:
    """Return the default-path of a request path: up to its right-most slash (5.1.4)."""
    return (path[: path.rfind("/")] or "/") if path.startswith("/") else "/"


def path_match(request_path: str, cookie_path: str) -> bool:
    """Return whether a request path path-matches a cookie's path (5.1.4).

    Nothing is decoded, and case matters.
    """
    if request_path == cookie_path:
        return True
    return request_path.startswith(cookie_path) and (
        cookie_path.endswith("/") or request_path[len(cookie_path)] == "/"
    )


def registrable_domain(host: str, public_suffixes: PublicSuffixes) -> str | None:
    """Return the part of a canonical host that its owner registered; None if there is none."""
    return public_suffixes.registrable_domain(host)


def site_of(target: Target, public_suffixes: PublicSuffixes) -> str:
    """Return the schemeful site of a URL, e.g. ``https://shop.test`` (-22 5.2).

    An IP address, a public suffix and a host without a canonical form are
    each a site of their own. WebSocket schemes count as the HTTP ones.
    """
    host = target.host
    if host is None:
        return target.origin
    scheme = _SITE_SCHEMES.get(target.scheme, target.scheme)
    return f"{scheme}://{public_suffixes.registrable_domain(host) or host}"


def is_loopback(host: str | None) -> bool:
    """Return whether a canonical host is this machine: localhost, 127.0.0.0/8 or [::1]."""
    if host is None:
        return False
    name = host.removesuffix(".")
    if name == "localhost" or name.endswith(".localhost") or host == "[::1]":
        return True
    return host.startswith("127.") and is_ip(host)


def is_secure(target: Target, profile: Profile) -> bool:
    """Return whether a URL means a secure connection in this profile (5.7 step 13, 5.8.3)."""
    if target.scheme in SECURE_SCHEMES:
        return True
    return profile.loopback_secure and is_loopback(target.host)
