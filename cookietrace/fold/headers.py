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
    date = location = content_type = None
    known = _RELEVANT.known
    for written, value in headers:
        try:
            name = known[written]
        except KeyError:
            name = _RELEVANT.read(written)
        if name is None:
            continue
        if name == "content-type":
            content_type = value if content_type is None else content_type
        elif name == "date":
            date = value if date is None else date
        elif name == "set-cookie":
            set_cookies.append(value if "\n" not in value else _FOLD.sub(" ", value))
        elif name == "location":
            location = value if location is None else location
        else:
            clear_site_data.append(value)
    return ResponseHeaders(tuple(set_cookies), tuple(clear_site_data), date, location, content_type)
