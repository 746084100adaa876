"""Responses that a browser drops as a whole, as seen in Chromium 156 and Firefox 153."""

from __future__ import annotations

import pytest

from cookietrace.cookies import PROFILES
from cookietrace.cookies.rules.dropped import is_dropped

CASES = [
    ("a\0b", "HTTP/1.1", "chromium firefox"),
    ("a\0b", "HTTP/2.0", "chromium firefox"),
    ("a\x01b", "HTTP/1.1", ""),
    ("a\x01b", "HTTP/2.0", "chromium"),
    ("a\x01b", "h3", "chromium"),
    ("a\x7fb", "HTTP/2", "chromium"),
    ("a\tb", "HTTP/2.0", ""),
    ("a\x80\xffb", "HTTP/2.0", ""),
    ("ab", "HTTP/2.0", ""),
    ("a\x01b", "", ""),
]


@pytest.mark.parametrize(("value", "version", "browsers"), CASES)
def test_a_character_drops_the_response(value: str, version: str, browsers: str) -> None:
    """NUL in any version; in Chromium also a control character over HTTP/2 and HTTP/3."""
    fields = [("content-type", "text/html"), ("x-note", value)]
    found = [name for name in sorted(PROFILES) if is_dropped(fields, version, PROFILES[name])]
    assert " ".join(found) == browsers
