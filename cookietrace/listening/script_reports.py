"""Reads what a page's script reports of a cookie that was written (``watch_scripts.js``).

A report comes from within a page: everything in it is hostile. It says which script wrote what;
whether the cookie was stored, only the browser says.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

import msgspec

from cookietrace.cookies import default_path, parse_set_cookie, parse_target
from cookietrace.listening.said import has_expired

LONGEST_REPORT: Final = 256 * 1024
"""The most bytes of a report; longer ones are passed over."""

LONGEST_SOURCE: Final = 1024
"""The most characters of a script's URL; a longer one is cut."""

MOST_LINES: Final = 10_000_000
"""A line with a higher number is none."""

_NEVER: Final = 253_402_300_800.0
"""The year 10000, in Unix seconds."""

_HOST = re.compile(r"https?://([^/?#]+)\Z")

_DATA_END = re.compile("[,;]")
"""Ends the type of a ``data:`` URL."""

_reports = msgspec.json.Decoder(list[Any])


class Write(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One write of a script: what it asked for. Texts are the latin-1 of their UTF-8."""

    at: float
    """When, in Unix seconds by the page's clock."""
    host: str
    """That of the page, in lower case."""
    name: str
    value: str
    domain: str
    """The Domain that was asked for, or the host, in lower case and without a leading dot."""
    path: str | None
    """The cookie's path; None if it depends on what is not known."""
    deletes: bool
    """Whether the cookie is gone afterwards: nothing is stored."""
    source: str | None
    """The script's URL, without a fragment, as far as the script tells."""
    line: int | None


def read_report(payload: str) -> Write | None:
    """Return what a report says; None if it makes no sense."""
    if len(payload) > LONGEST_REPORT:
        return None
    try:
        said = _reports.decode(payload)
        at, kind, origin, href, source, line, *parts = said
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError):
        return None
    texts = (kind, origin, href, source, *parts)
    if not isinstance(at, int | float) or not isinstance(line, int):
        return None
    if not all(isinstance(each, str) for each in texts):
        return None
    at /= 1000
    of_page = _HOST.match(_wire(origin))
    if of_page is None or not math.isfinite(at) or not 0 <= at < _NEVER:
        return None
    asked = _asked(kind, [_wire(each) for each in parts], at)
    if asked is None:
        return None
    name, value, domain, path, deletes = asked
    host = (parse_target(_wire(origin)).host or of_page[1]).lower()
    page = parse_target(_wire(href))
    if path is None and page.scheme in ("http", "https"):
        path = default_path(page.path)
    return Write(
        at=at,
        host=host,
        name=name,
        value=value,
        domain=(domain or host).lower(),
        path=path,
        deletes=deletes,
        source=_source(_wire(source)),
        line=line if source and 0 < line <= MOST_LINES else None,
    )


def _asked(
    kind: str, parts: list[str], at: float
) -> tuple[str, str, str | None, str | None, bool] | None:
    """Return name, value, Domain and Path of a write, and whether it deletes the cookie."""
    if kind == "document.cookie" and len(parts) == 1:
        parsed = parse_set_cookie(parts[0])
        of = parsed.attributes
        path = of.path if of.has_path else None
        return parsed.name, parsed.value, of.domain, path, has_expired(parts[0], at)
    if kind in ("cookieStore.set", "cookieStore.delete") and len(parts) == 5:
        name, value, domain, path, expires = parts
        # What is given as an expiry is not read: such a write may store nothing.
        deletes = kind == "cookieStore.delete" or bool(expires)
        return name, value, domain.removeprefix("."), path or "/", deletes
    return None


def _source(url: str) -> str | None:
    """Return a script's URL without its fragment, which may hold a secret of the page.

    A ``data:`` URL is the script itself, with all that it writes: only its type is left.
    """
    url = url.partition("#")[0].strip()
    if url[:5].lower() == "data:":
        url = _DATA_END.split(url, 1)[0]
    if len(url) > LONGEST_SOURCE:
        url = f"{url[:LONGEST_SOURCE]}..."
    return url or None


def _wire(text: str) -> str:
    """Return a text as the latin-1 of its UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")
