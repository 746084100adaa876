"""Responses that a browser drops as a whole, because of one character in one of their fields."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cookietrace.cookies.profiles import Profile

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_BINARY = ("HTTP/2", "HTTP/3", "H2", "H3")


def is_dropped(fields: Iterable[tuple[str, str]], http_version: str, profile: Profile) -> bool:
    """Return whether the browser drops a response, so that it stores none of its cookies.

    ``fields`` are its header fields as on the wire. ``http_version`` is the one in which the
    browser received it, for example ``HTTP/2.0``; anything unknown counts as HTTP/1.1.
    """
    odd = [value for _, value in fields if not value.isprintable()]
    if not odd or profile.drops_responses == "never":
        return False
    strict = profile.drops_responses == "nul-or-control-in-http2" and _is_binary(http_version)
    return any("\0" in value or (strict and _CONTROL.search(value) is not None) for value in odd)


def _is_binary(http_version: str) -> bool:
    """Return whether fields are framed, and not lines of text: HTTP/2 and HTTP/3."""
    return http_version.upper().startswith(_BINARY)
