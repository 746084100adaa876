"""Read what the fold needs out of headers, a list that keeps order and duplicates."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

_ANSWERING = frozenset(("set-cookie", "clear-site-data", "date", "location", "content-type"))


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the first value of a header, its name in lower case; None where absent."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


class ResponseHeaders(msgspec.Struct, frozen=True, gc=False):
    """The headers of a response that say something to the fold."""

    set_cookies: tuple[str, ...]
    """The value of every Set-Cookie header, in their order."""
    clear_site_data: tuple[str, ...]
    """The value of every Clear-Site-Data header."""
    date: str | None
    """Of this and the next two the first value; None where absent."""
    location: str | None
    content_type: str | None


def response_headers(headers: Iterable[tuple[str, str]]) -> ResponseHeaders:
    """Return the headers of a response that say something to the fold, read in one pass."""
    set_cookies: list[str] = []
    clear_site_data: list[str] = []
    once: dict[str, str] = {}
    for written, value in headers:
        name = written.lower()
        if name not in _ANSWERING:
            continue
        if name == "set-cookie":
            set_cookies.append(value)
        elif name == "clear-site-data":
            clear_site_data.append(value)
        else:
            once.setdefault(name, value)
    return ResponseHeaders(
        tuple(set_cookies),
        tuple(clear_site_data),
        once.get("date"),
        once.get("location"),
        once.get("content-type"),
    )
