"""A line of Python in pieces: which of them are keywords, texts, comments or the rest."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

import msgspec

_PIECES = re.compile(
    r"""(?P<comment>\#.*)
    |(?P<text>[rbfuRBFU]{0,2}(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    |(?P<word>[^\W\d]\w*)
    |(?P<rest>[^\w'"\#]+|.)""",
    re.VERBOSE,
)


class Piece(msgspec.Struct, frozen=True):
    """A run of characters of one kind."""

    kind: str
    """``keyword``, ``text``, ``comment``, or empty."""
    text: str


def pieces(line: str) -> Iterator[Piece]:
    """Yield the pieces of a line; together they are the line, whatever it holds.

    Looks at one line alone, so a text over several lines goes uncoloured.
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
