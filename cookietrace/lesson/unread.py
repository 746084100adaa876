"""Cookies that a request had, and that the app did not get when it read them.

What Werkzeug's parser makes of the Cookie header explains it in an app that is made with Flask or
Quart. If the witness does not know what the app is made with, that is said as a condition; for
another framework, or if it does not explain it, the cause is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cookietrace.events import Server
from cookietrace.fold.exchange import Exchange
from cookietrace.fold.misread import Misread, Why
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


_ENCODE = "Encode the value (Base64 or percent-encoding) where it is set."
_NAME = "Use only letters, digits and - _ . in the names of cookies."


def unread(exchange: Exchange) -> Iterator[Unread]:
    """Yield the cookies that a request had and the app read as None, or could not read.

    What the user changed or left out on the way to the app is not among them.
    """
    server, part = exchange.server, exchange.request
    if server is None or not part.observed or "all" in server.dropped:
        return
    misread = part.misread
    otherwise = _parses_otherwise(server)
    if not otherwise and server.error is not None and server.error.kind == "UnicodeDecodeError":
        for one in misread:
            if one.why is Why.NOT_UTF8:
                yield _explained(one, _parser(server))
                return
    there = {name for name, _ in part.pairs}
    why = {one.name: one for one in misread if one.why is not Why.NOT_UTF8}
    missed = dict.fromkeys(read.name for read in server.reads if read.value is None)
    found = {read.name for read in server.reads if read.value is not None}
    parser = _parser(server)
    by_hand = {event.name for event in exchange.edited if event.of == "request"}
    for text in missed:
        name = _on_the_wire(text)
        if name in there and text not in found and name not in by_hand:
            if name in why and not otherwise:
                yield _explained(why[name], parser)
            else:
                yield _unexplained(name, found=name not in why)


def _unexplained(name: str, *, found: bool) -> Unread:
    called = named(name)
    return Unread(
        name,
        f"The Cookie header has {called}, but the view got None. Why is not known"
        f"{': a usual parser finds it in this header' if found else ''}.",
        "Check what reads the cookie: another parser, or something that changes the header.",
        "not known why",
    )


_WERKZEUG = {"flask": "Werkzeug (Flask's parser)", "quart": "Werkzeug (Quart's parser)"}
"""What reads the Cookie header, by framework."""

_PERHAPS = "Werkzeug (Flask and Quart use it; whether this app does is not known)"


def _parser(server: Server) -> str:
    """Return what most likely reads the Cookie header, as the subject of a sentence."""
    framework = server.framework
    return _PERHAPS if framework is msgspec.UNSET else _WERKZEUG.get(framework, _PERHAPS)


def _parses_otherwise(server: Server) -> bool:
    """Return whether an app is known to use another parser than Werkzeug's."""
    return server.framework is not msgspec.UNSET and server.framework not in _WERKZEUG


def _explained(misread: Misread, parser: str) -> Unread:
    """Return why Werkzeug does not find a cookie in a Cookie header."""
    name, why = misread.name, misread.why
    called = named(name)
    if why is Why.NOT_UTF8:
        return Unread(
            name,
            f"{capitalized(called)} has bytes that are not UTF-8, and {parser} "
            "decodes the whole Cookie header as UTF-8: it raises UnicodeDecodeError, "
            "whatever cookie the view reads.",
            _ENCODE,
            "bytes that are not UTF-8",
        )
    if why is Why.WITHIN:
        around = named(misread.around or "")
        return Unread(
            name,
            f"The value of {around}, earlier in the Cookie header, begins with a quotation "
            f"mark, so {parser} reads everything up to the next one as that value, "
            f"{called} included.",
            f"Remove the quotation mark from the value of {around}, or encode that value.",
            f"read as part of {around}",
        )
    if why is Why.NAME:
        return Unread(
            name,
            f"The name of {called} contains a space or a quotation mark, and {parser} "
            "leaves out such a cookie.",
            _NAME,
            "space or quote in its name",
        )
    if why is Why.QUOTE:
        return Unread(
            name,
            f"The value of {called} contains a quotation mark, and {parser} "
            "leaves out such a cookie: by RFC 6265 section 4.1.1, a value has quotation marks "
            "around it or none.",
            f"{_ENCODE} JSON has quotation marks.",
            "quotation mark in its value",
        )
    if why is Why.SPACE:
        return Unread(
            name,
            f"The value of {called} contains a space, and {parser} leaves out such a cookie.",
            _ENCODE,
            "space in its value",
        )
    return Unread(
        name,
        f"The Cookie header has {called}, but the view got None. Why is not known.",
        _ENCODE,
        "not known why",
    )


def _on_the_wire(text: str) -> str:
    """Return a name that an app reads as it stands in a header: its bytes as latin-1."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")
