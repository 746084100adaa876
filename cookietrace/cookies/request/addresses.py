"""Where a redirect leads, in the form in which addresses are compared."""

from __future__ import annotations

from urllib.parse import quote, urljoin

from cookietrace.cookies.match import parse_target

_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def redirect_address(base: str, location: str) -> str:
    """Return the address in a Location header. Raises ``ValueError`` if it is not a URL."""
    return parse_target(urljoin(base, _escaped(location))).address


def _escaped(location: str) -> str:
    """Return a Location with invalid URL characters percent-encoded, as browsers do it."""
    return quote(location.strip(" \t").encode("latin-1", "replace"), safe=_ASCII)
