"""An app at another address: its scheme, host or port changed in everything that names it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Self

import msgspec

from cookietrace.cookies import (
    PublicSuffixes,
    default_public_suffixes,
    is_loopback,
    parse_target,
    site_of,
)
from cookietrace.cookies.match import SECURE_SCHEMES
from cookietrace.errors import FormatError
from cookietrace.events import Headers, Jar, JarCookie, Request

_NAMES_A_PLACE = frozenset({"origin", "referer", "location", "content-location"})
_FETCH_METADATA = "sec-fetch-"


class Move(msgspec.Struct, frozen=True):
    """An origin that becomes another one."""

    old: str
    """``http://localhost:5000``, as ``Target.origin``."""
    new: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the move that ``OLD=NEW`` stands for. Raises ``FormatError`` if it is none."""
        old, equals, new = text.partition("=")
        targets = [parse_target(url.strip()) for url in (old, new)]
        known = all(each.scheme in ("http", "https") and each.host for each in targets)
        if not equals or not known:
            raise FormatError(
                f"not a move: {text} (such as http://localhost:5000=https://app.example)"
            )
        return cls(targets[0].origin, targets[1].origin)

    def url(self, url: str) -> str:
        """Return a URL with its origin replaced, if it is the old one."""
        if parse_target(url).origin != self.old:
            return url
        scheme, _, rest = url.partition("://")
        del scheme
        end = min((at for at in map(rest.find, "/?#\\") if at >= 0), default=len(rest))
        return self.new + rest[end:]

    def headers(self, headers: Headers) -> Headers:
        """Return headers in which URLs and Host name the new origin."""
        return tuple([(name, self._value(name.lower(), value)) for name, value in headers])

    def _value(self, name: str, value: str) -> str:
        if name in _NAMES_A_PLACE:
            return self.url(value)
        if name == "host" and value.lower() == self.old.partition("://")[2]:
            return self.new.partition("://")[2]
        return value


def moved_request(event: Request, moves: Iterable[Move]) -> Request:
    """Return a request as the browser would make it with the app at its new place."""
    url, headers = event.url, event.headers
    for move in moves:
        url, headers = move.url(url), move.headers(headers)
    if (url, headers) == (event.url, event.headers):
        return event
    suffixes = default_public_suffixes()
    headers = tuple(_with_metadata(url, headers, suffixes))
    return msgspec.structs.replace(event, url=url, headers=headers)


def moved_jar(event: Jar, moves: Iterable[Move]) -> Jar:
    """Return a jar from before the capture as the browser would have it with the app moved.

    A cookie of the old host is one of the new host, too: apps on other ports of the old host, which
    stay where they are, share it.
    """
    cookies = list(event.cookies)
    for move in moves:
        cookies += [_moved_cookie(each, move) for each in cookies if each.domain == _host(move.old)]
    if len(cookies) == len(event.cookies):
        return event
    unique = {
        (each.name, each.domain, each.host_only, each.path, each.partition_key): each
        for each in cookies
    }
    return msgspec.structs.replace(event, cookies=tuple(unique.values()))


def _moved_cookie(cookie: JarCookie, move: Move) -> JarCookie:
    suffixes = default_public_suffixes()
    partition = cookie.partition_key
    if partition == site_of(parse_target(move.old), suffixes):
        partition = site_of(parse_target(move.new), suffixes)
    return msgspec.structs.replace(cookie, domain=_host(move.new), partition_key=partition)


def _host(origin: str) -> str:
    return parse_target(origin).host or ""


def _with_metadata(
    url: str, headers: Headers, suffixes: PublicSuffixes
) -> Iterator[tuple[str, str]]:
    """Yield the headers with Sec-Fetch-Site as the new URL has it, or without if unknown.

    Browsers send no Sec-Fetch header to an insecure place.
    """
    target = parse_target(url)
    secure = target.scheme in SECURE_SCHEMES or is_loopback(target.host)
    said = {name.lower(): value for name, value in headers}
    # An origin that is hidden (null) says nothing about the page.
    initiator = said.get("origin", "").replace("null", "") or said.get("referer")
    for name, value in headers:
        lower = name.lower()
        if lower.startswith(_FETCH_METADATA) and not secure:
            continue
        if lower == "sec-fetch-site" and value not in ("none", "same-origin"):
            if initiator is None:
                continue
            page = parse_target(initiator)
            same = site_of(page, suffixes) == site_of(target, suffixes)
            value = "same-site" if same else "cross-site"
            if page.origin == target.origin:
                value = "same-origin"
        yield name, value
