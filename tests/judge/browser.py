"""What the runner needs of any browser, and what a browser reports about cookies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self

import msgspec

from cookietrace.listening.said import Said

Json = dict[str, Any]

PATIENCE = 120.0
"""Seconds to wait for a reply or an event of a browser."""


class BrowserError(Exception):
    """A browser refused a command, or has ended."""


class Blocked(msgspec.Struct, frozen=True):
    """One Set-Cookie line, or one cookie of a request, that a browser reports as blocked."""

    line: str
    """The line, or where the browser does not report it, the cookie's name.

    For a withheld cookie its name, domain and path, joined by NUL.
    """
    reasons: tuple[str, ...]


class Noted(msgspec.Struct):
    """What a browser reported about one exchange."""

    blocked: tuple[Blocked, ...] | None = None
    """Set-Cookie lines; None if it reported nothing about the response."""
    withheld: tuple[Blocked, ...] | None = None
    """None if it reported nothing about the request."""
    written: tuple[tuple[str, str], ...] | None = None
    """Name and value of each cookie that the response stored or changed; None if not reported."""


class JarCookie(msgspec.Struct, frozen=True):
    """One cookie of a browser's jar, in the same terms for every browser."""

    name: str
    value: str
    domain: str
    """With a leading dot unless the cookie is host-only."""
    path: str
    secure: bool
    http_only: bool
    same_site: str
    """``strict``, ``lax``, ``none`` or ``default``."""
    expires: float | None
    """Unix time in seconds; None for a session cookie."""
    partition: str | None
    """The partition key as the fold writes it."""


class Window(Protocol):
    """One cookie jar behind its own listener, with one page to drive.

    The methods raise ``BrowserError`` and ``TimeoutError``.
    """

    notes: dict[int, Noted]
    """By the serial number of the response; complete once the window is closed."""

    def go(self, url: str) -> None:
        """Navigate as from the address bar, and wait until the page has loaded."""

    def leave(self, script: str) -> None:
        """Run a script that navigates, and wait until the new page has loaded."""

    def act(self, script: str) -> None:
        """Run a script in the page, and wait for its promise."""

    def reload(self) -> None:
        """Reload the page."""

    def back(self) -> None:
        """Go back in the page's history."""

    def clear(self) -> None:
        """Clear the jar."""

    def settle(self) -> None:
        """Wait until no request of the jar is in progress."""

    def cookies(self) -> Sequence[JarCookie]:
        """Return the whole jar, with all partitions."""

    def close(self) -> None:
        """Close the window with all its pages, and remove its jar."""


class Browser(Protocol):
    """A running browser with a fresh profile; both are gone after the ``with`` block."""

    @property
    def said(self) -> tuple[tuple[Said, ...], ...]:
        """What its own logs say, one for each of its processes, once it has ended."""

    @property
    def heard(self) -> tuple[tuple[Said, ...], ...]:
        """What its DevTools say, in the same way; nothing for a browser that has none."""

    def open(self, proxy: str, *, private: bool, seen: bool) -> Window:
        """Open a window with an empty jar behind the listener at ``proxy``.

        A browser need not paint its windows unless they must be ``seen``.
        """

    def __enter__(self) -> Self:
        """Start the browser."""

    def __exit__(self, *_: object) -> None:
        """End it."""
