"""What a jar returns: the outcome of a Set-Cookie line, and the cookies for a request."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cookietrace.cookies.cookie import Cookie, CookieKey
from cookietrace.cookies.parse import ParsedCookie
from cookietrace.cookies.verdicts import Finding


class Outcome(StrEnum):
    """What the client did with one Set-Cookie line."""

    CREATED = "created"
    REPLACED = "replaced"
    REFRESHED = "refreshed"
    DELETED = "deleted"
    REJECTED = "rejected"
    IGNORED = "ignored"


class Standing(StrEnum):
    """How well the effect of one Set-Cookie line is known."""

    CERTAIN = "certain"
    UNCONFIRMED = "unconfirmed"
    """The outcome is assumed: it rests on something that the wire does not tell."""
    CONFIRMED = "confirmed"
    """It was unconfirmed, and a later request showed that the outcome is right."""
    REFUTED = "refuted"
    """It was unconfirmed, and a later request showed that the outcome is wrong."""


class RestsOn(StrEnum):
    """What the effect of a line depends on if its standing is not ``certain``."""

    CREDENTIALS = "credentials"
    """Whether the request was made with credentials."""
    THIRD_PARTY = "third-party"
    """Whether the client accepts third-party cookies."""
    BOTH = "both"
    """Whether the request was made with credentials and the client accepts such cookies."""


class StoreResult(msgspec.Struct, frozen=True, gc=False):
    """The verdict on one Set-Cookie line."""

    raw: str
    """The line as received."""
    outcome: Outcome
    parsed: ParsedCookie
    reasons: tuple[Finding, ...] = ()
    """Why it was rejected: every reason that applies, in the order of the steps."""
    warnings: tuple[Finding, ...] = ()
    cookie: Cookie | None = None
    """The cookie now in the jar; for ``deleted`` the one that was removed."""
    previous: Cookie | None = None
    """The cookie that it replaced, refreshed or deleted."""
    evicted: tuple[Cookie, ...] = ()
    """The cookies that were evicted to make room."""
    aimed: CookieKey | None = None
    """For ``ignored``: the cookie that the line was meant to delete."""
    missed: tuple[Cookie, ...] = ()
    """For ``ignored``: the site's cookies of that name with another domain or path."""
    standing: Standing = Standing.CERTAIN
    settled_by: str | None = None
    """The exchange whose request settled it; None unless ``confirmed`` or ``refuted``."""
    rests_on: RestsOn | None = None
    """What it depends on, or depended on before it was settled; None if ``certain``."""

    @property
    def name(self) -> str:
        """The cookie's name, as in the line."""
        return self.parsed.name

    @property
    def value(self) -> str:
        """The cookie's value, as in the line."""
        return self.parsed.value


class Withheld(msgspec.Struct, frozen=True, gc=False):
    """A cookie of the jar that a request correctly does not send."""

    cookie: Cookie
    reasons: tuple[Finding, ...]
    """Every rule that withholds it, in the order of the rules."""


class Selection(msgspec.Struct, frozen=True, gc=False):
    """What a jar selects for one request."""

    sent: tuple[Cookie, ...] = ()
    """In the order of 5.8.3 step 4."""
    withheld: tuple[Withheld, ...] = ()
    """Cookies whose domain is this host or a parent of it, and which are not sent."""
    inferred: tuple[Cookie, ...] = ()
    """Cookies of this host that were never seen being set: neither expected nor withheld."""
    header: str = ""
    """The Cookie header's value (5.8.3 step 6); ``""`` means no header."""
    elsewhere: int = 0
    """How many more cookies of the registrable domain are not sent: those of other hosts, which
    have nothing to do with this one."""
    accessed_at: float | None = None
    """The earliest ``last_access_at`` of the cookies that are sent; None if none is."""
