"""Ignores: which problems and warnings a check passes over, each with the reason for it."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from cookietrace.errors import FormatError
from cookietrace.lesson.moments import Moment
from cookietrace.safe_text import display, safe


class Ignore(msgspec.Struct, frozen=True, kw_only=True):
    """Passes over what has this code, this host and these cookies; None means any.

    Each may be a pattern as in a shell: ``*.shop.test``, ``oauth_*``. At least one of the three
    is needed, and so is the reason. Raises ``FormatError`` otherwise.
    """

    reason: str
    """Why: a line for whoever reads the report."""
    code: str | None = None
    host: str | None = None
    cookie: str | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise FormatError("an ignore needs a reason: say why in one line")
        if self.code is None and self.host is None and self.cookie is None:
            raise FormatError("an ignore needs a code, a host or a cookie")

    def describe(self) -> str:
        """Return e.g. ``code same-site-lax, cookie oauth_*``; display text."""
        parts = (("code", self.code), ("host", self.host), ("cookie", self.cookie))
        return ", ".join(f"{what} {safe(pattern)}" for what, pattern in parts if pattern)

    def covers(self, moment: Moment) -> bool:
        """Return whether code and host match, whatever the cookies are."""
        return _matches(self.code, moment.grade.code) and _matches(
            self.host and self.host.lower(), moment.host.lower()
        )

    def covers_cookie(self, name: str) -> bool:
        """Return whether a cookie's name, as on the wire, matches."""
        return _matches(self.cookie, display(name))


def ignoring(moment: Moment, ignores: Sequence[Ignore]) -> tuple[Ignore, ...]:
    """Return the ignores by which a moment is passed over; empty if it is reported.

    A moment about several cookies is passed over only if each of them is.
    """
    near = [ignore for ignore in ignores if ignore.covers(moment)]
    whole = tuple(ignore for ignore in near if ignore.cookie is None)
    if whole or not moment.grade.cookies:
        return whole
    used: dict[Ignore, None] = {}
    for name in moment.grade.cookies:
        covering = [ignore for ignore in near if ignore.covers_cookie(name)]
        if not covering:
            return ()
        used.update(dict.fromkeys(covering))
    return tuple(used)


def _matches(pattern: str | None, text: str) -> bool:
    return pattern is None or fnmatchcase(text, pattern)
