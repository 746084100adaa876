"""Tell a cookie that was meant to be kept, and had expired already, from a deletion.

To a browser both are the same: a cookie whose expiry is in the past (-22 5.7 step 23).
"""

from __future__ import annotations

from collections.abc import Collection

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie
from cookietrace.cookies.parse import ParsedCookie
from cookietrace.cookies.verdicts import Finding, shortened

MOST_WRONG = 48 * 3600.0
"""Seconds by which a wrong clock or time zone may miss: an older expiry was meant."""
SAME_CLOCK = 30.0
"""Seconds by which two right clocks may differ, with the time that the response took."""
EMPTY_WORDS = frozenset(
    {"", "deleted", "delete", "deleteme", "expired", "removed", "null", "nil", "none", "undefined"}
)
"""What frameworks write for the value of a cookie that they delete, in lower case."""


def born_expired(
    parsed: ParsedCookie,
    cookie: Cookie,
    namesakes: Collection[Cookie],
    now: float,
    server_time: float | None,
) -> tuple[Finding, ...]:
    """Return the warning that a cookie had expired when it was set, as nobody can have meant.

    Empty if it looks like a deletion: by Max-Age, by an expiry of long ago, by its value, or by
    the value that the jar holds under its name. ``namesakes`` are the jar's cookies of its name,
    and ``server_time`` is the response's Date.
    """
    attributes = parsed.attributes
    if cookie.expires_at is None or attributes.max_age is not None:
        return ()
    if attributes.chromium_max_age is not None or attributes.firefox_max_age is not None:
        return ()
    if now - cookie.expires_at > MOST_WRONG:
        return ()
    if parsed.value.strip('"').lower() in EMPTY_WORDS:
        return ()
    if any(other.value == parsed.value for other in namesakes if not other.unconfirmed):
        return ()
    if any(warning.code is Code.LINES_JOINED for warning in parsed.warnings):
        return ()
    clock, offset = "unknown", 0.0
    if server_time is not None:
        offset = abs(now - server_time)
        clock = "behind" if server_time < now else "ahead"
        if offset <= SAME_CLOCK:
            clock = "right"
    facts = (
        ("cookie", shortened(cookie.name)),
        ("seconds", now - cookie.expires_at),
        ("clock", clock),
        ("offset", offset),
    )
    return (Finding(Code.BORN_EXPIRED, facts),)
