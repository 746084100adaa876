"""Makes untrusted text safe for a terminal: active and invisible characters become escapes.

Anything from the wire may hold escape sequences, line feeds, bidirectional overrides and
zero-width characters. ``safe`` leaves none of them active. It does not escape markup: pass
widgets ``Text`` or ``Content``, never a string that is parsed.
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

_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Controls (C0, C1), format characters (bidi, zero-width), surrogates, private use, separators."""


class _Escapes(dict[int, str]):
    """A ``str.translate`` table that is filled with each new character."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if unicodedata.category(character) in _ESCAPED_CATEGORIES or _INVISIBLE.match(character):
            shown = _NAMED.get(character) or _escape(code)
        else:
            shown = character
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
    ``\u202e``). Never raises, and is idempotent.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_escapes)


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
