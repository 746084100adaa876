"""What is different in an imagined telling."""

from __future__ import annotations

from typing import Self

import msgspec

from cookietrace.cookies import Target, default_path, parse_set_cookie
from cookietrace.edits import LineChange
from cookietrace.lesson.what_if.moves import Move


class CookiePlace(msgspec.Struct, frozen=True):
    """Where a cookie is sent to: what tells it from others of its name."""

    domain: str
    path: str | None
    """None if no response tells it: any."""

    @classmethod
    def of_line(cls, line: str, target: Target) -> Self:
        """Return that of the cookie which a Set-Cookie line in a response of ``target`` sets."""
        parsed = parse_set_cookie(line)
        domain = (parsed.domain or "").removeprefix(".").lower()
        path = default_path(target.path) if parsed.path is None else parsed.path
        return cls(domain or target.host or "", path)

    def is_of(self, line: str, target: Target) -> bool:
        """Return whether a line in a response of ``target`` sets the cookie of this place."""
        other = self.of_line(line, target)
        if self.path is not None:
            return other == self
        above = parse_set_cookie(line).domain and self.domain.endswith(f".{other.domain}")
        return other.domain == self.domain or bool(above)


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """What is different."""

    browser: str | None = None
    """The browser whose rules hold; None for the one that was recorded."""
    changes: tuple[LineChange, ...] = ()
    place: CookiePlace | None = None
    """Of which cookie of that name the lines change; None for all."""
    moves: tuple[Move, ...] = ()
    later: tuple[tuple[str, float], ...] = ()
    """Exchanges from whose request on everything happens so many seconds later."""
    by_step: bool = False
    """Whether changes and ``later`` name steps, as texts call them, instead of exchanges."""
