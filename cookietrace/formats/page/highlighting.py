"""Syntax highlighting: one line of Python as keywords, strings, comments and the rest."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

import msgspec

_PIECES = re.compile(
    r"""(?P<comment>\#.*)
    |(?P<string>[rbfuRBFU]{0,2}(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    |(?P<word>[^\W\d]\w*)
    |(?P<rest>[^\w'"\#]+|.)""",
    re.VERBOSE,
)


class Piece(msgspec.Struct, frozen=True):
    """Consecutive characters of one kind."""

    kind: str
    """``keyword``, ``string``, ``comment``, or empty."""
    text: str


def highlighted(line: str) -> Iterator[Piece]:
    """Yield the pieces of a line; joined, their texts are the line, whatever it contains.

    Each line is read on its own, so a string that spans lines is not recognised.
    """
    plain = ""
    for match in _PIECES.finditer(line):
        kind, text = match.lastgroup or "", match[0]
        if kind == "word":
            kind = "keyword" if keyword.iskeyword(text) else "rest"
        if kind == "rest":
            plain += text
            continue
        if plain:
            yield Piece("", plain)
            plain = ""
        yield Piece(kind, text)
    if plain:
        yield Piece("", plain)
