"""Reads the entries of Firefox's log about its cookies, and remembers which it has accepted.

An entry is several lines, of which an empty one is the last. They are those of
``CookieLogging.cpp`` (``netwerk/cookie/``), at level 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cookietrace.listening.said import Change, CookieSaid, text_of

MOST_ACCEPTED: Final = 100_000
"""How many cookies that were accepted are remembered; of more, no silence is told any more."""

_ACCEPTED: Final = b"===== COOKIE ACCEPTED ====="
_NOT_ACCEPTED: Final = b"===== COOKIE NOT ACCEPTED ====="
_EVICTED: Final = b"===== COOKIE EVICTED ====="
_ENTRY: Final = b"====="

_BECAUSE: Final = "rejected because "
_DELETED: Final = "previously stored cookie was deleted"
_NOTHING_TO_DELETE: Final = "cookie has already expired"


class Entry:
    """An entry about a cookie."""

    __slots__ = ("at", "cause", "channel", "fields", "kind")

    def __init__(self, kind: bytes, channel: bytes, at: float) -> None:
        """``channel`` is the one that was looked at last."""
        self.kind = kind
        self.channel = channel
        self.at = at
        self.cause = ""
        """Why it was, in its own words."""
        self.fields: dict[str, str] = {}

    @property
    def is_accepted(self) -> bool:
        """Whether a cookie was accepted."""
        return self.kind == _ACCEPTED

    @property
    def is_evicted(self) -> bool:
        """Whether a cookie was evicted."""
        return self.kind == _EVICTED

    @property
    def line(self) -> str:
        """The Set-Cookie line; empty if no response set the cookie."""
        return self.fields.get("cookie string", "").strip(" \t")

    @property
    def url(self) -> str:
        """The URL of the request, without its fragment."""
        return self.fields.get("request URL", "").partition("#")[0]

    @property
    def domain(self) -> str | None:
        """The cookie's domain, with a dot unless it is host-only; None if it is not known."""
        return self.fields.get("domain", self.fields.get("host"))

    def about(self, number: int) -> CookieSaid | None:
        """Return what it says of a line, which has this number; None if that is nothing."""
        name = self.line.partition(";")[0].partition("=")[0].strip(" \t")
        if self.is_accepted:
            name, path = self.fields.get("name", name), self.fields.get("path")
            return CookieSaid(name, self.domain, path, taken=True, line=number)
        if self.cause == _NOTHING_TO_DELETE:
            return None
        if self.cause == _DELETED:
            return CookieSaid(name, None, None, taken=True, line=number)
        return CookieSaid(name, None, None, taken=False, reasons=(self.cause,), line=number)

    def change(self) -> Change:
        """Return the change of the jar, which no response made."""
        fields = self.fields
        http_only = fields.get("is httpOnly") == "true"
        return Change(
            at=self.at,
            kind="added" if self.is_accepted else "deleted",
            name=fields.get("name", ""),
            value=fields.get("value", ""),
            domain=self.domain or "",
            path=fields.get("path", ""),
            secure=fields.get("is secure") == "true",
            http_only=http_only,
            same_site=fields.get("sameSite"),
            cause=self.cause or None,
            # No script can write one that is HttpOnly: it was an extension, or the user.
            script=self.is_accepted and not http_only,
        )


class EntryReader:
    """Puts entries together from their lines."""

    def __init__(self) -> None:
        self._entry: Entry | None = None

    def take(self, text: bytes, channel: bytes, at: float) -> Entry | None:
        """Take the next line, and return the entry that it completes.

        ``channel`` is the one that was looked at last. Entries about cookies that were sent, or
        not sent, are passed over.
        """
        if text.startswith(_ENTRY):
            known = text in (_ACCEPTED, _NOT_ACCEPTED, _EVICTED)
            self._entry = Entry(text, channel, at) if known else None
            return None
        entry = self._entry
        if entry is None:
            return None
        if not text:
            self._entry = None
            return entry
        words = text.decode("latin-1")
        name, colon, value = words.partition(": ")
        if words.startswith(_BECAUSE):
            entry.cause = words.removeprefix(_BECAUSE)
        elif not colon and not entry.fields:
            entry.cause = words
        entry.fields.setdefault(name, value)
        return None


class AcceptedCookies:
    """Which cookies were ever accepted: a jar may hold those, and no others."""

    def __init__(self) -> None:
        self._accepted: set[int] = set()
        self._has_forgotten = False

    def add(self, entry: Entry) -> None:
        """Note the cookie of an entry."""
        name, value = entry.fields.get("name", ""), entry.fields.get("value", "")
        self._accepted.add(hash((text_of(name), text_of(value), entry.domain)))
        if len(self._accepted) > MOST_ACCEPTED:
            self._accepted.clear()
            self._has_forgotten = True

    def may_hold(self, line: str, url: str) -> bool:
        """Return whether a jar may hold what a Set-Cookie line from a URL sets."""
        if self._has_forgotten:
            return True
        name, _, value = line.partition(";")[0].partition("=")
        pair = text_of(name.strip(" \t")), text_of(value.strip(" \t"))
        return any(hash((*pair, domain)) in self._accepted for domain in _domains(url))


def _domains(url: str) -> Iterator[str]:
    """Yield the domains that a cookie of a URL's host can have, with a dot unless host-only."""
    authority = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    host = re.sub(r":\d*$", "", authority)
    yield host
    while host:
        yield f".{host}"
        host = host.partition(".")[2]
