"""URLs in the form used to compare requests, Referers and redirects."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, urljoin

from cookietrace.cookies.match import parse_target

_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_LONGEST_CACHED = 2048


def address_of(url: str) -> str:
    """Return a URL in that form: the canonical origin, path and query, no fragment."""
    return _cached(url) if len(url) <= _LONGEST_CACHED else _address(url)


def redirect_address(base: str, location: str) -> str:
    """Return the address in a Location header. Raises ``ValueError`` if it is not a URL."""
    return address_of(urljoin(base, _escaped(location)))


def _address(url: str) -> str:
    target = parse_target(url)
    query = url.partition("#")[0].partition("?")
    return target.origin + target.path + query[1] + query[2]


_cached = lru_cache(maxsize=2048)(_address)


def _escaped(location: str) -> str:
    """Return a Location with invalid URL characters percent-encoded, as browsers do it."""
    return quote(location.strip(" \t").encode("latin-1", "replace"), safe=_ASCII)
