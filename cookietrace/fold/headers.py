"""Read single headers out of a list that keeps order and duplicates."""

from __future__ import annotations

from collections.abc import Iterable


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the first value of a header, its name in lower case; None where absent."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


def set_cookie_lines(headers: Iterable[tuple[str, str]]) -> list[str]:
    """Return the value of every Set-Cookie header, in their order."""
    return [value for name, value in headers if name.lower() == "set-cookie"]


def cookie_header(headers: Iterable[tuple[str, str]]) -> str:
    """Return the Cookie header as seen, HTTP/2 crumbs joined as RFC 9113 8.2.3 says."""
    return "; ".join([value for name, value in headers if name.lower() == "cookie"])
