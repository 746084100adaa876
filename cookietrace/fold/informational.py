"""Informational responses (1xx): browsers read no cookies from them (-22 section 5.3).

The section allows that. Chromium 156 and Firefox 153 do it over HTTP/1.1 and HTTP/2.
"""

from __future__ import annotations

_SWITCHING_PROTOCOLS = 101


def is_informational(status_code: int) -> bool:
    """Return whether a final response must follow; 101 is one itself."""
    return 100 <= status_code < 200 and status_code != _SWITCHING_PROTOCOLS
