"""What a jar answers: the outcome of storing a Set-Cookie line, the cookies for a request."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cookietrace.cookies.cookie import Cookie, CookieKey
from cookietrace.cookies.parse import ParsedCookie
from cookietrace.cookies.verdicts import Finding


class Outcome(StrEnum):
    """What became of one Set-Cookie line."""

    CREATED = "created"
    REPLACED = "replaced"
    REFRESHED = "refreshed"
    DELETED = "deleted"
    REJECTED = "rejected"
    IGNORED = "ignored"


class StoreResult(msgspec.Struct, frozen=True, gc=False):
    """The verdict on one Set-Cookie line."""

    raw: str
    """The line as it came."""
    outcome: Outcome
    parsed: ParsedCookie
    reasons: tuple[Finding, ...] = ()
    """Why it was rejected: all reasons that apply, first failing first."""
    warnings: tuple[Finding, ...] = ()
    cookie: Cookie | None = None
    """The cookie as it is now in the jar; for ``deleted`` the one that was removed."""
    previous: Cookie | None = None
    """What it replaced, refreshed or deleted."""
    evicted: tuple[Cookie, ...] = ()
    """What was pushed out of the jar to make room."""
    aimed: CookieKey | None = None
    """For ``ignored``: the cookie that the line would have deleted."""
    missed: tuple[Cookie, ...] = ()
    """For ``ignored``: the site's cookies of that name, each with another domain or path."""

    @property
    def name(self) -> str:
        """The cookie's name, as the line has it."""
        return self.parsed.name

    @property
    def value(self) -> str:
        """The cookie's value, as the line has it."""
        return self.parsed.value


class Withheld(msgspec.Struct, frozen=True, gc=False):
    """A cookie of the jar that does not go with a request."""

    cookie: Cookie
    reasons: tuple[Finding, ...]
    """All rules that keep it back, first failing first."""


class Selection(msgspec.Struct, frozen=True, gc=False):
    """What a jar has for one request."""

    sent: tuple[Cookie, ...] = ()
    """In the order of 5.8.3 step 4."""
    withheld: tuple[Withheld, ...] = ()
    """Cookies of this host or of its registrable domain that stay behind."""
    inferred: tuple[Cookie, ...] = ()
    """Cookies of this host that were never seen set: not predicted, one way or the other."""
    header: str = ""
    """The Cookie header's value (5.8.3 step 6); ``""`` stands for no header at all."""
