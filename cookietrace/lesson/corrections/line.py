"""A Set-Cookie line that could be sent: a cookie with the attributes that it should have."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cookietrace.cookies import Cookie, SameSite, StoreResult, Target, default_path
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.expired_lines import is_deletion
from cookietrace.lesson.mask import Mask, unmasked

LONGEST_LIFETIME = 400 * 86400
"""The most seconds that browsers keep a cookie (5.5)."""


class SetCookieLine(msgspec.Struct, frozen=True, kw_only=True):
    """One Set-Cookie line. Strings are bytes decoded as latin-1."""

    name: str
    value: str = ""
    path: str = "/"
    """Always written, since frameworks differ in what they send without one."""
    domain: str | None = None
    """None for the host that sends it alone."""
    max_age: int | None = None
    """Seconds; None for a session cookie."""
    secure: bool = False
    http_only: bool = False
    same_site: SameSite = SameSite.DEFAULT
    """``DEFAULT`` is not written."""
    partitioned: bool = False
    deletes: bool = False
    """Whether it deletes the cookie: then it has no value, and ``max_age`` does not matter."""

    def text(self, mask: Mask = unmasked) -> str:
        """Return the header's value; display text."""
        return self._written(shown, "" if self.deletes else shown(mask(self.value)))

    @property
    def wire(self) -> str:
        """The header's value, as bytes decoded as latin-1."""
        return self._written(str, "" if self.deletes else self.value)

    def _written(self, spell: Callable[[str], str], value: str) -> str:
        parts = [f"{spell(self.name)}={value}" if self.name else value]
        max_age = 0 if self.deletes else self.max_age
        if max_age is not None:
            parts.append(f"Max-Age={max_age}")
        parts.append(f"Path={spell(self.path)}")
        if self.domain is not None:
            parts.append(f"Domain={spell(self.domain)}")
        if self.secure:
            parts.append("Secure")
        if self.http_only:
            parts.append("HttpOnly")
        if self.same_site is not SameSite.DEFAULT:
            parts.append(f"SameSite={self.same_site.value.capitalize()}")
        if self.partitioned:
            parts.append("Partitioned")
        return "; ".join(parts)


def line_of_result(result: StoreResult, target: Target, at: float) -> SetCookieLine:
    """Return a line as it was received from ``target`` at ``at`` (Unix time), parsed."""
    parsed = result.parsed
    max_age = parsed.max_age
    if max_age is None and parsed.expires is not None:
        max_age = round(parsed.expires - at)
    if max_age is not None:
        max_age = min(max_age, LONGEST_LIFETIME)
    deletes = is_deletion(result) or (max_age is not None and max_age <= 0 and not parsed.value)
    path = parsed.path if (parsed.path or "").startswith("/") else None
    return SetCookieLine(
        name=parsed.name,
        value="" if deletes else parsed.value,
        path=path or default_path(target.path),
        domain=(parsed.domain or "").lstrip(".") or None,
        max_age=None if deletes else max_age,
        secure=parsed.secure,
        http_only=parsed.http_only,
        same_site=parsed.same_site,
        partitioned=parsed.attributes.partitioned,
        deletes=deletes,
    )


def line_of_cookie(cookie: Cookie) -> SetCookieLine:
    """Return a line that sets a cookie of a jar as it is."""
    return SetCookieLine(
        name=cookie.name,
        value=cookie.value,
        path=cookie.path,
        domain=None if cookie.host_only else cookie.domain,
        max_age=(
            None
            if cookie.expires_at is None
            else min(max(0, round(cookie.expires_at - cookie.set_at)), LONGEST_LIFETIME)
        ),
        secure=cookie.secure,
        http_only=cookie.http_only,
        same_site=cookie.same_site,
        partitioned=cookie.partition_key is not None and not cookie.kept_apart,
    )
