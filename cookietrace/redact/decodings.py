"""The encodings that are decoded in a text, and the orders in which they may be nested."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from cookietrace.redact.joining import joined, seen
from cookietrace.redact.layer import Layer, Pieces, Replaced
from cookietrace.redact.packed import runs, units, unpacked
from cookietrace.redact.unescape import (
    ANY_ESCAPE,
    CSS,
    ESCAPES,
    LONG_ESCAPES,
    PUNYCODE,
    QUOTED_PRINTABLE,
    UTF_7,
    character,
    css_character,
    punycode_label,
    quoted_printable_character,
    utf_7_run,
)

LAYERS = 4
"""The number of nested encodings to decode."""

Decode = Callable[[str], Layer | None]
"""Returns a text with one encoding decoded; None if it has none of it."""

_ESCAPES = "escapes"
_LONG_ESCAPES = "long escapes"
_JOINS = "joins"
_SEEN = "what is seen"
_UNITS = "units"
_COMPRESSED = "compressed"

_SHORT_ESCAPE = re.compile(r"\\[^uxUN\"'/\\{]")
_CSS_SIGN = re.compile(r"\\0{0,4}[2-7][0-9A-Fa-f](?![0-9A-Fa-f]{4})")
_NO_QUOTED_PRINTABLE = re.compile(r"=(?![2-9A-Fa-f][0-9A-Fa-f]|0[09ADad]|[ \t]{0,8}\r?\n)")
"""An equals sign that begins no escape, or that of a control: most likely ``?page=12``."""
_MOST_JOINS = 2


def decodings(text: str, path: tuple[str, ...], *, brittle: bool) -> Iterator[tuple[str, Decode]]:
    """Yield the encodings that a text seems to have, which is what is left after those of a path.

    All kinds of escapes are decoded together. An escape of one kind may end right before a
    character that would begin an escape of another: so if the text has several kinds, they are
    also decoded without the short escapes of programs; and if a secret looks like escapes itself
    (``brittle``), each kind is also decoded alone. A text is joined when no escapes are left, or
    when no more layers follow.
    """
    signs = [sign for sign in ESCAPES if sign in text]
    unescaped = _ANY(text) if signs and allowed(path, _ESCAPES) else None
    if unescaped is not None:
        yield _ESCAPES, lambda _: unescaped
    if signs:
        if len(signs) > 1 and _SHORT_ESCAPE.search(text):
            yield _LONG_ESCAPES, _LONG
        if brittle:
            for sign in signs:
                yield sign, _ALONE[sign]
    if unescaped is None or "\0" in text or len(path) == LAYERS - 1:
        yield _JOINS, joined
        yield _SEEN, seen
    yield _UNITS, runs if _JOINS in path else units
    if not text.isascii():
        yield _COMPRESSED, unpacked
    if "\\" in text and _CSS_SIGN.search(text):
        yield "CSS", _CSS
    if "=" in text:
        yield "quoted-printable", _quoted_printable
    if "+" in text:
        yield "UTF-7", _UTF_7
    if "xn--" in text or "XN--" in text:
        yield "punycode", _PUNYCODE


@cache
def allowed(path: tuple[str, ...], name: str) -> bool:
    """Return whether an encoding is decoded in what is left after those of a path."""
    if name == _LONG_ESCAPES:
        return not path
    if path[:1] == (_LONG_ESCAPES,):
        return False
    if name in ESCAPES or (path and path[0] in ESCAPES):
        return len(path) < LAYERS - 1 and all(each in ESCAPES for each in (*path, name))
    if name in (_JOINS, _SEEN):
        joins = sum(each in (_JOINS, _SEEN) for each in path)
        return joins < _MOST_JOINS and path[-1:] not in ((_JOINS,), (_SEEN,))
    if name == _UNITS and path[-1:] == (_SEEN,):
        return False
    return name in (_ESCAPES, _UNITS, _COMPRESSED) or name not in path


def restricted(name: str) -> str:
    """Return which encodings only are decoded after this one; empty if all are."""
    if name == _LONG_ESCAPES:
        return name
    return "escapes alone" if name in ESCAPES else ""


def _quoted_printable(text: str) -> Layer | None:
    """Return the pieces of a text that may be quoted-printable, decoded; None if there are none.

    There, an equals sign always begins an escape. So any other ends a piece, and of a page with
    attributes and addresses next to nothing is left to look at.
    """
    pieces: list[tuple[int, Layer]] = []
    at = 0
    for piece in _NO_QUOTED_PRINTABLE.split(text):
        if "=" in piece:
            layer = Replaced(piece, QUOTED_PRINTABLE, quoted_printable_character)
            if layer.changed and layer.text:
                pieces.append((at, layer))
        at += len(piece) + 1
    return Pieces(pieces) if pieces else None


def _replacing(pattern: re.Pattern[str], decode: Callable[[str], str]) -> Decode:
    def decoded(text: str) -> Layer | None:
        layer = Replaced(text, pattern, decode)
        return layer if layer.changed else None

    return decoded


_ANY = _replacing(ANY_ESCAPE, character)
_LONG = _replacing(LONG_ESCAPES, character)
_ALONE = {sign: _replacing(pattern, character) for sign, pattern in ESCAPES.items()}
_CSS = _replacing(CSS, css_character)
_UTF_7 = _replacing(UTF_7, utf_7_run)
_PUNYCODE = _replacing(PUNYCODE, punycode_label)
