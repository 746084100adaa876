"""Reads headers, given as a list of names and values in order and with duplicates."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from cookietrace.cookies.header_names import HeaderNames

_FOLD = re.compile(r"[ \t]*\r?\n[ \t]+")
"""A line break inside a field, which a recipient replaces by a space (RFC 9112 5.2)."""
_RELEVANT = HeaderNames(
    {name: name for name in ("set-cookie", "clear-site-data", "date", "location", "content-type")}
)


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the first value of a header; None if it is absent.

    ``name`` is in lower case.
    """
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


class ResponseHeaders(msgspec.Struct, frozen=True, gc=False):
    """The headers of a response that matter to the fold."""

    set_cookies: tuple[str, ...]
    """The values of all Set-Cookie headers, in order."""
    clear_site_data: tuple[str, ...]
    """The values of all Clear-Site-Data headers, in order."""
    date: str | None
    """The first value; None if absent. The same holds for the next two."""
    location: str | None
    content_type: str | None


def response_headers(headers: Iterable[tuple[str, str]]) -> ResponseHeaders:
    """Return the headers of a response that matter to the fold, read in one pass."""
    set_cookies: list[str] = []
    clear_site_data: list[str] = []
    first: dict[str, str] = {}
    known = _RELEVANT.known
    for key, value in headers:
        try:
            name = known[key]
        except KeyError:
            name = _RELEVANT.read(key)
        if name is None:
            continue
        if name == "set-cookie":
            set_cookies.append(value if "\n" not in value else _FOLD.sub(" ", value))
        elif name == "clear-site-data":
            clear_site_data.append(value)
        else:
            first.setdefault(name, value)
    return ResponseHeaders(
        tuple(set_cookies),
        tuple(clear_site_data),
        first.get("date"),
        first.get("location"),
        first.get("content-type"),
    )
