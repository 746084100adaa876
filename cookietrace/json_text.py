r"""JSON for people's terminals: what could act on one is written as ``\uXXXX``.

msgspec escapes the C0 controls alone, as JSON requires. A terminal also obeys C1 controls (U+009B
begins an escape sequence), and programs that read line by line may split at U+0085, U+2028 and
U+2029. Inside a JSON string the escape stands for the same character, so nothing is lost.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()

_ACTIVE = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]")
"""DEL, the C1 controls and the line separators, in UTF-8."""

_ESCAPES = tuple(
    (chr(code).encode(), b"\\u%04x" % code) for code in (*range(0x7F, 0xA0), 0x2028, 0x2029)
)


def inert(encoded: bytes) -> bytes:
    r"""Return a JSON text with DEL, C1 controls and line separators as ``\uXXXX``.

    It decodes to the same value. The text has to be valid JSON in UTF-8; there these characters
    are in strings only.
    """
    if encoded.isascii() and b"\x7f" not in encoded:
        return encoded
    if _ACTIVE.search(encoded):
        for character, escape in _ESCAPES:  # a tenth of what a replacing regular expression costs
            encoded = encoded.replace(character, escape)
    return encoded


def json_bytes(value: object) -> bytes:
    """Return any value that msgspec can encode as JSON that is inert on a terminal."""
    return inert(_encoder.encode(value))


def json_lines(values: list[Any]) -> bytes:
    """Return such values in the same way, each with a line end after it."""
    return inert(_encoder.encode_lines(values))
