"""Mode 9, the cookie jar: what a client held at a step, and what it refused before."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from cookietrace.cookies import Cookie, Outcome, SameSite
from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.words import authority, plural, shown
from cookietrace.trace import Trace

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
    """Octets of name and value."""
    state: str
    """``inferred``, ``doubtful``, or empty."""
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


class JarView(msgspec.Struct, frozen=True):
    """A client's jar as of one event, with everything refused until then."""

    client_id: str
    rows: tuple[JarRow, ...]
    refused: tuple[RefusedRow, ...]


def jar_view(trace: Trace, client_id: str, position: int, mask: Mask = unmasked) -> JarView:
    """Return the jar of a client after ``position`` events; unknown clients hold nothing."""
    if all(state.client_id != client_id for state in trace.clients):
        return JarView(client_id, (), ())
    now = _time_at(trace, position)
    rows = tuple(jar_row(cookie, now, mask) for cookie in trace.jar_at(client_id, position))
    return JarView(client_id, rows, _refused(trace, client_id, position, mask))


def jar_row(cookie: Cookie, now: float, mask: Mask = unmasked) -> JarRow:
    """Return a cookie as display text; ``now`` is the time it is looked at."""
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
        state="inferred" if cookie.inferred else "doubtful" if cookie.doubtful else "",
        cookie=cookie,
    )


def lifetime(expires_at: float | None, now: float) -> str:
    """Return ``session``, or the time that a cookie has left."""
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
    """Return a Unix time as an unmistakable date: ``2026-01-31 12:00:00 UTC``."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"{at:.0f} s after 1970"


def _time_at(trace: Trace, position: int) -> float:
    """Return the time of the last row placed by ``position``; 0 before the first."""
    low, high = 0, len(trace.rows)
    while low < high:
        middle = (low + high) // 2
        if trace.rows[middle].position <= position:
            low = middle + 1
        else:
            high = middle
    if not low:
        return 0.0
    row = trace.rows[low - 1]
    exchange = trace.exchange(row.exchange_id)
    if row.kind is not RowKind.EXCHANGE and exchange.response is not None:
        return exchange.response.at
    return exchange.request.at


def _refused(trace: Trace, client_id: str, position: int, mask: Mask) -> tuple[RefusedRow, ...]:
    refused = []
    for row in trace.rows:
        if row.position > position:
            break
        if row.kind is not RowKind.REFUSED:
            continue
        part = trace.exchange(row.exchange_id).request
        if part.client_id != client_id:
            continue
        for result in row.results:
            assert result.outcome is Outcome.REJECTED
            finding = result.reasons[0]
            refused.append(
                RefusedRow(
                    name=shown(result.name) if result.name else "(no name)",
                    value=shown(mask(result.value)),
                    raw=shown(result.raw),
                    host=authority(part.target),
                    sentence=shown(finding.sentence),
                    fix=shown(finding.fix),
                    section=finding.section,
                    code=finding.code.value,
                    exchange_id=row.exchange_id,
                    position=row.position,
                )
            )
    return tuple(refused)
