"""What a browser said about one request, and of one change of its cookie store.

Every string is as in events: bytes decoded as latin-1. What the browser's log can only hold as
text (names and values of cookies) is the UTF-8 of that text; what is no UTF-8 was lost there.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from cookietrace.cookies import parse_set_cookie
from cookietrace.events import Headers


class CookieSaid(msgspec.Struct, frozen=True, gc=False):
    """What was said about one cookie of a request, or of one line of its response."""

    name: str | None
    domain: str | None
    """With a leading dot unless the cookie is host-only."""
    path: str | None
    taken: bool
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    partition_key: str | None = None
    line: int | None = None
    """Which line of the response it is about, from 0; None if the browser does not tell."""


class Hop(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One request on the wire, or a part of a request that was redirected, and its response."""

    at: float
    """When it was sent, in Unix seconds by the browser's clock."""
    ended_at: float
    """When its response was read, or it had failed."""
    method: str
    url: str
    """As the browser has it, without a fragment."""
    initiator: str | None = None
    site_for_cookies: str | None = None
    credentials: bool | None = None
    """Whether cookies may be sent with it and set by it."""
    request_headers: Headers = ()
    status_code: int | None = None
    """None if there was no response."""
    reason: str = ""
    response_headers: Headers | None = None
    sent: tuple[CookieSaid, ...] | None = None
    """The cookies that it could have carried; None if nothing was said about any."""
    stored: tuple[CookieSaid, ...] | None = None
    """The lines of the response; None if there was none."""
    http_version: str = "HTTP/1.1"
    responded_at: float | None = None
    """When its response began; None if there was none, or if the time is not known."""
    remote: str | None = None
    """The address and the port at the other end of its connection; None if not known."""
    order: tuple[int, int, int] = (0, 0, 0)
    """Where in the log it was sent, its response began, and it ended: milliseconds repeat."""

    @property
    def cookie_header(self) -> str:
        """The Cookie header as it was sent; empty if there was none."""
        return joined_cookies(self.request_headers)

    @property
    def set_cookie_lines(self) -> tuple[str, ...]:
        """The response's Set-Cookie lines."""
        return set_cookie_lines(self.response_headers or ())


class Change(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One change of the cookie store that no response made."""

    at: float
    kind: Literal["added", "deleted"]
    name: str
    value: str
    domain: str
    path: str
    secure: bool | None = None
    http_only: bool | None = None
    same_site: str | None = None
    cause: str | None = None
    script: bool = False
    source: str | None = None
    """The URL of that script, if it is known."""
    line: int | None = None
    """The line in it."""
    order: int = 0
    """Where in the log it is."""


class StoreEntry(msgspec.Struct, frozen=True, gc=False):
    """A cookie that was added to the store, or rejected by it, whoever wrote it."""

    at: float
    name: str
    value: str
    """Of one that was rejected, the new one."""
    domain: str
    path: str
    rejected: str | None = None
    """Why it was, in the browser's own words."""


Said = Hop | Change


def joined_cookies(headers: Headers) -> str:
    """Return the Cookie header of a request, several fields joined as HTTP/2 joins them."""
    return "; ".join([value for name, value in headers if name.lower() == "cookie"])


def set_cookie_lines(headers: Headers) -> tuple[str, ...]:
    """Return the Set-Cookie lines of a response, without the space around them."""
    return tuple([value.strip(" \t") for name, value in headers if name.lower() == "set-cookie"])


def name_of(line: str) -> str:
    """Return the name in a Set-Cookie line, as Chromium has it: none without an equals sign."""
    name, equals, _ = line.partition(";")[0].partition("=")
    return name.strip(" \t") if equals else ""


def text_of(text: str) -> str:
    """Return wire text as a log of texts has it: what is no UTF-8 becomes one mark of loss."""
    if text.isascii():
        return text
    return re.sub("\ufffd+", "\ufffd", text.encode("latin-1", "replace").decode("utf-8", "replace"))


def has_expired(line: str, at: float) -> bool:
    """Return whether a line has expired at this time, so that it deletes."""
    of = parse_set_cookie(line).attributes
    if of.max_age is not None or of.chromium_max_age is not None:
        return min(of.max_age or 0, of.chromium_max_age or 0) <= 0
    return any(each is not None and each <= at for each in (of.expires, of.chromium_expires))
