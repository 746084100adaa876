"""Read what the fold needs out of headers, a list that keeps order and duplicates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cookietrace.cookies.request.header_names import HeaderNames

_ANSWERING = HeaderNames(("set-cookie", "clear-site-data", "date", "location", "content-type"))


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the first value of a header, its name in lower case; None where absent."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


def cookie_header(headers: Iterable[tuple[str, str]]) -> str:
    """Return the Cookie header as seen, HTTP/2 crumbs joined as RFC 9113 8.2.3 says."""
    return "; ".join(
        [value for name, value in headers if len(name) == 6 and name.lower() == "cookie"]
    )


class AnswerHeaders(NamedTuple):
    """The headers of a response that say something to the fold."""

    set_cookies: tuple[str, ...]
    """The value of every Set-Cookie header, in their order."""
    clear_site_data: tuple[str, ...]
    """The value of every Clear-Site-Data header."""
    date: str | None
    """Of this and the next two the first value; None where absent."""
    location: str | None
    content_type: str | None


def answer_headers(headers: Iterable[tuple[str, str]]) -> AnswerHeaders:
    """Return the headers of a response that say something to the fold, read in one pass."""
    told: dict[str, list[str]] = {}
    for written, value in headers:
        name = _ANSWERING[written]
        if name is not None:
            told.setdefault(name, []).append(value)
    get = told.get
    return AnswerHeaders(
        tuple(get("set-cookie", ())),
        tuple(get("clear-site-data", ())),
        get("date", _ABSENT)[0],
        get("location", _ABSENT)[0],
        get("content-type", _ABSENT)[0],
    )


_ABSENT: tuple[None] = (None,)
