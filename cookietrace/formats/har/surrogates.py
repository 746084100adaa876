"""Unpaired surrogates in the escapes of JSON: browsers write them, and UTF-8 has none."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""Any escape in a JSON string; ``lone`` is an unpaired surrogate."""

_ESCAPE_SIZE = 6


def without_lone_surrogates(json: bytes, *, cut: bool = False) -> bytes:
    """Return JSON with U+FFFD instead of unpaired surrogates; its size stays the same.

    With ``cut``, more JSON follows: what may be the first half of a pair at the end is kept.
    """
    if b"\\u" not in json:
        return json
    last = len(json) - _ESCAPE_SIZE if cut else len(json)

    def whole(escape: re.Match[bytes]) -> bytes:
        return rb"\ufffd" if escape["lone"] and escape.end() <= last else escape[0]

    return _ESCAPE.sub(whole, json)
