"""The cookies and the refusals of a jar, as display text."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from cookietrace.cookies import Cookie, SameSite
from cookietrace.fold.exchange import Exchange, Row
from cookietrace.lesson.display_text import authority, plural, shown
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.prose import maker_of, reason, remedy
from cookietrace.lesson.standing import current_results, is_wrong, proviso

SAME_SITE_WORDS = {
    SameSite.STRICT: "Strict",
    SameSite.LAX: "Lax",
    SameSite.NONE: "None",
    SameSite.DEFAULT: "Lax (default)",
}


class JarRow(msgspec.Struct, frozen=True):
    """One cookie of the jar, as display text."""

    name: str
    value: str
    domain: str
    path: str
    expires: str
    """``session``, or how long it has left: ``in 2 h``."""
    secure: bool
    http_only: bool
    same_site: str
    partition: str
    size: int
    """Size of name and value, in bytes."""
    state: str
    """``inferred``, ``doubtful``, ``unconfirmed``, or empty."""
    cookie: Cookie
    """The cookie itself, with its wire strings."""


class RefusedRow(msgspec.Struct, frozen=True):
    """One Set-Cookie that the client refused, as display text."""

    name: str
    value: str
    raw: str
    host: str
    sentence: str
    fix: str
    section: str
    code: str
    exchange_id: str
    position: int


def jar_row(cookie: Cookie, now: float, mask: Mask = unmasked) -> JarRow:
    """Return a cookie as display text, at time ``now``."""
    unknown = "unknown" if cookie.inferred else ""
    return JarRow(
        name=shown(cookie.name) if cookie.name else "(no name)",
        value=shown(mask(cookie.value)),
        domain=shown(cookie.domain) if cookie.host_only else f".{shown(cookie.domain)}",
        path=shown(cookie.path),
        expires=unknown or lifetime(cookie.expires_at, now),
        secure=cookie.secure,
        http_only=cookie.http_only,
        same_site=unknown or SAME_SITE_WORDS[cookie.same_site],
        partition=shown(cookie.partition_key or ""),
        size=len(cookie.name) + len(cookie.value),
        state=_state(cookie),
        cookie=cookie,
    )


def _state(cookie: Cookie) -> str:
    if cookie.inferred:
        return "inferred"
    if cookie.doubtful:
        return "doubtful"
    return "unconfirmed" if cookie.unconfirmed else ""


def lifetime(expires_at: float | None, now: float) -> str:
    """Return ``session``, or how long a cookie has left: ``in 2 hours``."""
    if expires_at is None:
        return "session"
    left = expires_at - now
    if left <= 0:
        return "expired"
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if left >= seconds:
            return f"in {plural(int(left // seconds), unit)}"
    return "in less than a second"


def moment(at: float) -> str:
    """Return a Unix time as a date: ``2026-01-31 12:00:00 UTC``."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"{at:.0f} s after 1970"


def refused_row(exchange: Exchange, row: Row, mask: Mask = unmasked) -> RefusedRow:
    """Return a refusal as display text; ``row`` must be of kind ``refused``."""
    (result,) = current_results(row, exchange)
    finding = result.reasons[0] if result.reasons else None
    condition = proviso((result,))
    return RefusedRow(
        name=shown(result.name) if result.name else "(no name)",
        value=shown(mask(result.value)),
        raw=shown(result.raw),
        host=authority(exchange.request.target),
        sentence=f"Refused{condition}."
        if condition
        else reason(finding)
        if finding is not None
        else "",
        fix=remedy(finding, maker=maker_of(exchange.request))
        if finding is not None and not is_wrong(result)
        else "",
        section=finding.section if finding is not None else "",
        code=finding.code.value if finding is not None else "",
        exchange_id=row.exchange_id,
        position=row.position,
    )
