"""Addresses of proxies without the passwords that they may hold."""

from __future__ import annotations

from cookietrace.safe_text import safe


def without_password(address: str) -> str:
    """Return an address or a URL without user, password and query; safe to show."""
    scheme, separator, rest = address.strip().partition("://")
    if not separator:
        scheme, rest = "", address.strip()
    rest = rest.partition("?")[0].partition("#")[0]
    authority, slash, path = rest.partition("/")
    return safe(f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}")
