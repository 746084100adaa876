"""Makes untrusted text safe for a terminal: active and invisible characters become escapes.

Anything from the wire may hold escape sequences, line feeds, bidirectional overrides and
zero-width characters, and so many combining marks that they cover the lines around them. ``safe``
leaves none of them active. It does not escape markup: pass widgets ``Text`` or ``Content``, never
a string that is parsed.
"""

from __future__ import annotations

import re
import unicodedata

_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}

# Invisible or blank, although Unicode classifies them as letters and marks:
# Hangul fillers, combining grapheme joiner, Khmer inherent vowels, Mongolian and
# general variation selectors.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)

_MOST_MARKS = 4
"""How many combining marks a character may have: more than any language writes on one."""

_MARKS = frozenset({"Mn", "Me"})
"""The categories of marks that take no place of their own."""

_JAMO = re.compile("[\u1161-\u11ff\ud7b0-\ud7fb]")
"""Hangul vowels and final consonants, which terminals draw into the syllable before them."""

_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Controls (C0, C1), format characters (bidi, zero-width), surrogates, private use, separators."""


class _Escapes(dict[int, str]):
    """A ``str.translate`` table that is filled with each new character."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: set[str] = set()
        """The combining marks met so far; they are not escaped by themselves."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if unicodedata.category(character) in _ESCAPED_CATEGORIES or _INVISIBLE.match(character):
            shown = _NAMED.get(character) or _escape(code)
        else:
            shown = character
            if unicodedata.category(character) in _MARKS or _JAMO.match(character):
                self.marks.add(character)
        self[code] = shown
        return shown


def _escape(code: int) -> str:
    """Return the escape that Python writes for a character."""
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


_escapes = _Escapes()


def safe(text: str) -> str:
    r"""Return the text as one line without active or invisible characters.

    C0 and C1 controls, DEL, bidirectional and other format characters, zero-width
    characters, line separators and surrogates become visible escapes (``\n``, ``\x1b``,
    ``\u202e``), and so do combining marks without a character before them, or beyond the fourth on
    one. Never raises, and is idempotent.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = text.translate(_escapes)
    return shown if _escapes.marks.isdisjoint(shown) else _with_few_marks(shown)


def _with_few_marks(text: str) -> str:
    """Return a text with at most ``_MOST_MARKS`` marks on a character, none at its beginning."""
    shown: list[str] = []
    room = 0
    for character in text:
        if character not in _escapes.marks:
            shown.append(character)
            room = _MOST_MARKS
        elif room:
            shown.append(character)
            room -= 1
        else:
            shown.append(_escape(ord(character)))
    return "".join(shown)


def safe_lines(text: str) -> list[str]:
    """Return the lines of a text, each of them safe, with tabs expanded to spaces."""
    return [safe(line.expandtabs(4)) for line in re.split(r"\r\n|\n|\r", text)]


def display(wire: str) -> str:
    """Return a wire string (bytes decoded as latin-1) as the text it most likely is.

    Valid UTF-8 is decoded as such; anything else stays latin-1. The result is not safe
    yet: pass it to ``safe``. Never raises.
    """
    if wire.isascii():
        return wire
    try:
        return wire.encode("latin-1").decode()
    except UnicodeError:
        return wire
