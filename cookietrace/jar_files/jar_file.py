"""What a file of cookies is: its name, how it is written, and how it is recognised and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from cookietrace.cookies import (
    Cookie,
    SameSite,
    canonical_host,
    default_public_suffixes,
    is_ip,
)

Write = Callable[[Iterable[Cookie]], str]
"""Returns the file's text."""

Origins = Mapping[str, Mapping[str, str]]
"""Where a client has sent requests: each canonical host -> scheme -> origin, with the port."""

WriteFor = Callable[[Iterable[Cookie], Origins], str]
"""Returns the file's text, with addresses of servers."""

Lost = Callable[[str], None]
"""Receives one line for each cookie that could not be read: where it is, and why."""

Read = Callable[[str, float, Lost], Iterable[Cookie]]
"""Yields the cookies of a file's text, as of a time in Unix seconds."""


class JarFile(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``JAR_FILES``."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    writes: Write
    writes_for: WriteFor | None = None
    """Writes it if it has addresses of servers, which cookies do not know."""
    reads: Read
    recognises: Callable[[str], bool]
    """Returns whether a text is such a file. Raises nothing."""


LONGEST: Final = 1e15
"""Unix seconds beyond which a date means nothing."""

_NO_BROWSER_HOLDS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f;]")


def cookie_of(
    *,
    name: str,
    value: str,
    domain: str,
    host_only: bool,
    path: str,
    secure: bool = False,
    http_only: bool = False,
    same_site: SameSite = SameSite.DEFAULT,
    expires_at: float | None = None,
    partition_key: str | None = None,
    now: float,
) -> Cookie:
    """Return a cookie that a file tells of; its strings are text, not bytes of the wire.

    Raises ``ValueError`` if it is none that a browser can hold: without a host, with a path that is
    not one, or with a character that ends a cookie.
    """
    host = canonical_host(to_wire(domain.lstrip(".")))
    if not host:
        raise ValueError("it has no domain")
    if any(map(_NO_BROWSER_HOLDS.search, (name, value, path))) or "=" in name:
        raise ValueError("no cookie can have one of its characters")
    # Neither an address nor a public suffix has subdomains that share a cookie.
    host_only = host_only or is_ip(host) or default_public_suffixes().is_public_suffix(host)
    if not path.startswith("/"):
        raise ValueError("its path does not begin with a slash")
    if not name and not value:
        raise ValueError("it has neither a name nor a value")
    return Cookie(
        name=to_wire(name),
        value=to_wire(value),
        domain=host,
        host_only=host_only,
        path=to_wire(path),
        secure=secure,
        http_only=http_only,
        same_site=same_site,
        expires_at=expires_at,
        created_at=now,
        last_access_at=now,
        set_at=now,
        partition_key=None if partition_key is None else to_wire(partition_key),
    )


def to_text(wire: str) -> str:
    """Return wire text as the text that a browser has: UTF-8 if it is, latin-1 otherwise."""
    data = wire.encode("latin-1", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return wire


def to_wire(text: str) -> str:
    """Return text as the bytes on the wire, decoded as latin-1."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def domain_text(cookie: Cookie) -> str:
    """Return a domain as most files write it: with a dot if it covers subdomains."""
    return to_text(cookie.domain if cookie.host_only else f".{cookie.domain}")


def text_at(entry: dict[str, Any], *names: str, default: str | None = None) -> str:
    """Return the first of some members that is a text. Raises ``ValueError`` without any."""
    for name in names:
        found = entry.get(name)
        if isinstance(found, str):
            return found
    if default is None:
        raise ValueError(f"it has no {names[0]}")
    return default


def number_at(entry: dict[str, Any], *names: str) -> float | None:
    """Return the first of some members that is a finite number; None without any."""
    for name in names:
        found = entry.get(name)
        if isinstance(found, int | float) and not isinstance(found, bool):
            # Compared first: an integer of hundreds of digits is no float.
            return float(found) if abs(found) < LONGEST else None
    return None
