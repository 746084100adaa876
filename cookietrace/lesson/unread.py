"""Cookies that a request had, and that the app did not get when it read them.

The witness works in Flask, whose cookies Werkzeug parses. What it makes of a Cookie header is
repeated here; if that does not explain it, the cause is said to be unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.display_text import capitalized
from cookietrace.lesson.prose import named


class Unread(msgspec.Struct, frozen=True):
    """A cookie of the Cookie header that the app did not get; display text."""

    name: str
    """Its name, as on the wire."""
    sentence: str
    """Why, or that it is not known."""
    fix: str
    brief: str
    """Why, in a few words."""


_PAIR = re.compile(
    r"""[ \t]*([^ \t=";]+)(?:[ \t]*=[ \t]*("(?:[^\\"]|\\.)*"|[^ \t";]*))?[ \t]*(?:;|\Z)""",
    re.ASCII,
)
"""A pair as Werkzeug 3 reads it: its value is in quotation marks, or has no space and none of
those and no semicolon."""

_ENCODE = "Encode the value (Base64 or percent-encoding) where it is set."
_NAME = "Use only letters, digits and - _ . in the names of cookies."


def unread(exchange: Exchange) -> Iterator[Unread]:
    """Yield the cookies that a request had and the app read as None, or could not read."""
    server, part = exchange.server, exchange.request
    if server is None or not part.observed or "all" in server.dropped:
        return
    there = [name for name, _ in part.pairs]
    if server.error is not None and server.error.kind == "UnicodeDecodeError":
        for name, value in part.pairs:
            if not _is_utf8(name) or not _is_utf8(value):
                yield _not_utf8(name)
                return
    missed = dict.fromkeys(read.name for read in server.reads if read.value is None)
    found = {read.name for read in server.reads if read.value is not None}
    for text in missed:
        name = _on_the_wire(text)
        if name in there and text not in found:
            yield _explained(part.observed, name)


def _explained(observed: str, name: str) -> Unread:
    """Return why Werkzeug does not find a cookie in a Cookie header."""
    called = named(name)
    pairs, dropped = as_read(observed)
    if any(key == name for key, _ in pairs):
        return Unread(
            name,
            f"The Cookie header has {called}, but the view got None. Why is not known: Flask's own "
            "parser finds it in this header.",
            "Look at what reads the cookie: another parser, or something that changes the header.",
            "not known why",
        )
    around = next((key for key, value in pairs if f"{name}=" in value), None)
    if around is not None and name not in {_name_of(piece) for piece in dropped}:
        return Unread(
            name,
            f"The value of {named(around)}, earlier in the Cookie header, begins with a quotation "
            f"mark, so Flask reads everything up to the next one as that value, {called} included.",
            f"Remove the quotation mark from the value of {named(around)}, or encode that value.",
            f"taken for a part of {named(around)}",
        )
    piece = next((piece for piece in dropped if _name_of(piece) == name), "")
    value = piece.partition("=")[2].strip(" \t")
    if '"' in name or " " in name or "\t" in name:
        return Unread(
            name,
            f"The name of {called} contains a space or a quotation mark, and Flask leaves out "
            "such a cookie.",
            _NAME,
            "space or quote in its name",
        )
    if '"' in value:
        return Unread(
            name,
            f"The value of {called} contains a quotation mark, and Flask leaves out such a "
            "cookie: by RFC 6265 section 4.1.1, a value has quotation marks around it or none.",
            f"{_ENCODE} JSON has quotation marks.",
            "quotation mark in its value",
        )
    if " " in value or "\t" in value:
        return Unread(
            name,
            f"The value of {called} contains a space, and Flask leaves out such a cookie.",
            _ENCODE,
            "space in its value",
        )
    return Unread(
        name,
        f"The Cookie header has {called}, but the view got None. Why is not known.",
        _ENCODE,
        "not known why",
    )


def _not_utf8(name: str) -> Unread:
    return Unread(
        name,
        f"{capitalized(named(name))} has bytes that are not UTF-8, and Flask decodes the whole "
        "Cookie header as UTF-8: it raises UnicodeDecodeError, whatever cookie the view reads.",
        "Encode the value (Base64 or percent-encoding) where it is set.",
        "bytes that are not UTF-8",
    )


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


def _name_of(piece: str) -> str:
    return piece.partition("=")[0].strip(" \t")


def _is_utf8(wire: str) -> bool:
    try:
        wire.encode("latin-1").decode()
    except UnicodeDecodeError:
        return False
    return True


def _on_the_wire(text: str) -> str:
    """Return a name that an app reads as it stands in a header: its bytes as latin-1."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")
