"""Informational responses (1xx): browsers read no cookies from them (-22 section 5.3).

The section allows that. Chromium 156 and Firefox 153 do it over HTTP/1.1 and HTTP/2.
"""

from __future__ import annotations

from cookietrace.cookies import Code, Finding, Outcome, StoreResult, parse_set_cookie
from cookietrace.cookies.verdicts import shortened

_SWITCHING_PROTOCOLS = 101


def is_informational(status_code: int) -> bool:
    """Return whether a final response must follow; 101 is one itself."""
    return 100 <= status_code < 200 and status_code != _SWITCHING_PROTOCOLS


def not_read(line: str) -> StoreResult:
    """Return the verdict on a Set-Cookie line of an informational response: it sets nothing."""
    parsed = parse_set_cookie(line)
    facts = (("cookie", shortened(parsed.name)), ("policy", "informational"))
    reason = Finding(Code.CLIENT_POLICY, facts)
    return StoreResult(line, Outcome.REJECTED, parsed, (*parsed.reasons, reason), parsed.warnings)
