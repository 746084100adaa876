"""Cookies of a Cookie header that a server does not find in it.

The witness works in Flask, whose cookies Werkzeug parses; what it makes of a header is repeated
here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec


class Why(StrEnum):
    """Why a server does not find a cookie."""

    NOT_UTF8 = "not-utf-8"
    """Its bytes are not UTF-8: the server reads no cookie at all."""
    WITHIN = "within"
    """It is read as part of another cookie's value."""
    NAME = "name"
    """Its name has a space or a quotation mark."""
    QUOTE = "quote"
    """Its value has a quotation mark."""
    SPACE = "space"
    """Its value has a space."""
    UNKNOWN = "unknown"


class Misread(msgspec.Struct, frozen=True, gc=False):
    """One cookie of a Cookie header that a server does not find."""

    name: str
    """Its name, as on the wire."""
    why: Why
    around: str | None = None
    """The name of the cookie that it is read as part of."""


_PAIR = re.compile(
    r"""[ \t]*([^ \t=";]+)(?:[ \t]*=[ \t]*("(?:[^\\"]|\\.)*"|[^ \t";]*))?[ \t]*(?:;|\Z)""",
    re.ASCII,
)
"""A pair as Werkzeug 3 reads it: its value is in quotation marks, or has no space and none of
those and no semicolon."""


def misread(observed: str, pairs: Sequence[tuple[str, str]]) -> tuple[Misread, ...]:
    """Return the cookies that Werkzeug does not find in a Cookie header, which has ``pairs``.

    Those that it cannot decode come first, once for each name.
    """
    if _is_plain(observed):
        return ()
    unread = [Misread(name, Why.NOT_UTF8) for name, value in pairs if not _are_utf8(name, value)]
    return tuple(dict.fromkeys((*unread, *_not_found(observed, pairs))))


def as_read(observed: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the pairs that Werkzeug reads, as they are written, and the pieces it leaves out."""
    pairs, dropped = [], []
    at = 0
    while at < len(observed):
        match = _PAIR.match(observed, at)
        if match is None:
            end = observed.find(";", at)
            dropped.append(observed[at : end if end >= 0 else None])
            if end < 0:
                break
            at = end + 1
            continue
        pairs.append((match[1], match[2] or ""))
        at = match.end()
    return pairs, dropped


def _is_plain(observed: str) -> bool:
    """Return whether nothing in a header is read in more than one way; True for most."""
    return (
        '"' not in observed
        and "\t" not in observed
        and observed.isascii()
        and observed.count(" ") == observed.count("; ")
        and "  " not in observed
    )


def _not_found(observed: str, pairs: Sequence[tuple[str, str]]) -> Iterator[Misread]:
    read, dropped = as_read(observed)
    found = {name for name, _ in read}
    for name in dict.fromkeys(name for name, _ in pairs):
        if name not in found:
            yield _explained(name, read, dropped)


def _explained(name: str, read: Sequence[tuple[str, str]], dropped: Sequence[str]) -> Misread:
    around = next((key for key, value in read if f"{name}=" in value), None)
    piece = next((piece for piece in dropped if _name_of(piece) == name), None)
    if around is not None and piece is None:
        return Misread(name, Why.WITHIN, around)
    value = (piece or "").partition("=")[2].strip(" \t")
    if '"' in name or " " in name or "\t" in name:
        return Misread(name, Why.NAME)
    if '"' in value:
        return Misread(name, Why.QUOTE)
    return Misread(name, Why.SPACE if " " in value or "\t" in value else Why.UNKNOWN)


def _name_of(piece: str) -> str:
    return piece.partition("=")[0].strip(" \t")


def _are_utf8(*texts: str) -> bool:
    try:
        for wire in texts:
            wire.encode("latin-1").decode()
    except UnicodeDecodeError:
        return False
    return True
