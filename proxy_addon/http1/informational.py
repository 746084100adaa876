"""Informational responses (1xx) over HTTP/1.1: taken out before mitmproxy reads the final one.

A server may send any number of them before the final response (RFC 9110 section 15.2).
mitmproxy takes the first for the final one. They end at the proxy, as they do when mitmproxy
speaks HTTP/2 to the server. No cookie is lost: browsers store none from an informational response.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import Any, Protocol

import msgspec

LARGEST = 256 * 1024
"""If more bytes than this wait to be read, they are left to mitmproxy. Chromium reads heads of
this size."""

_MOST_NAMES = 4
_LONGEST_NAME = 40

_STATUS_LINE = re.compile(rb"HTTP/\d\.\d[ \t]+(1(?!01)\d\d)(?=[ \t\r\n])")
"""The status line of an informational response other than 101, which is final."""

_BLANK_LINE = re.compile(rb"\n\r?\n")


class Informational(msgspec.Struct, frozen=True):
    """An informational response that set cookies."""

    status_code: int
    cookie_names: tuple[str, ...]
    """The first few names, cut to a few characters; latin-1. A cookie without a name has ""."""


class _Buffer(Protocol):
    """What arrived from the server and was not read yet."""

    def __len__(self) -> int: ...
    def __bytes__(self) -> bytes: ...
    def maybe_extract_at_most(self, count: int) -> object: ...


class _Reader(Protocol):
    """mitmproxy's reader of responses over HTTP/1.1."""

    buf: _Buffer
    conn: Any
    request: object | None


ReadHeaders = Callable[[Any, Any], Generator[Any, Any, None]]
Seen = Callable[[str, Informational], None]
"""Called with the id of the server's connection and what set cookies there."""


def without_informational(original: ReadHeaders, seen: Seen) -> ReadHeaders:
    """Return a ``read_headers`` that reads no informational response.

    Their number is not limited, as in browsers; nothing is kept of them but what ``seen`` keeps.
    """

    def read_headers(self: _Reader, event: Any) -> Generator[Any, Any, None]:
        if self.request is not None and 0 < len(self.buf) <= LARGEST:
            arrived: bytes = getattr(event, "data", b"")
            # Mostly it is all that waits, and need not be copied.
            waiting = arrived if len(arrived) == len(self.buf) else bytes(self.buf)
            start = 0
            while (line := _STATUS_LINE.match(waiting, start)) is not None:
                blank = _BLANK_LINE.search(waiting, start)
                if blank is None:
                    break
                names = _cookie_names(waiting[start : blank.start()])
                if names:
                    seen(self.conn.id, Informational(int(line[1]), names))
                start = blank.end()
            if start:
                self.buf.maybe_extract_at_most(start)
        return original(self, event)

    return read_headers


def _cookie_names(head: bytes) -> tuple[str, ...]:
    """Return the first few names of the cookies that a head sets."""
    names: list[str] = []
    for line in head.split(b"\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"set-cookie" and len(names) < _MOST_NAMES:
            cookie, equals, _ = value.partition(b";")[0].partition(b"=")
            shown = cookie.strip()[:_LONGEST_NAME] if equals else b""
            names.append(shown.decode("latin-1"))
    return tuple(names)
