"""The user's own text above the lesson: paragraphs, headings and lists, and nothing else.

A line that begins with ``#`` is a heading, and lines that begin with ``-`` or ``*`` are a list.
An empty line ends a paragraph. Everything else is plain text: no markup, no links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from cookietrace.errors import FormatError
from cookietrace.safe_text import safe_lines

MOST_CHARACTERS = 20_000
"""The longest introduction. More would be a text of its own, not the start of a lesson."""

_HEADING = re.compile(r"#{1,6} +(?P<text>.*)")
_ITEM = re.compile(r"[-*] +(?P<text>.*)")


class BlockKind(StrEnum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"


class Block(msgspec.Struct, frozen=True):
    """One block of the introduction; display text."""

    kind: BlockKind
    texts: tuple[str, ...]
    """One text; of a list, one per item."""


def introduction(text: str) -> tuple[Block, ...]:
    """Return the blocks of a text.

    Raises ``FormatError`` if it is longer than ``MOST_CHARACTERS``.
    """
    if len(text) > MOST_CHARACTERS:
        raise FormatError(
            f"an introduction has up to {MOST_CHARACTERS:,} characters, and this one has "
            f"{len(text):,}: shorten it"
        )
    return tuple(_blocks(text.removeprefix("\ufeff")))


def _blocks(text: str) -> Iterator[Block]:
    kind, texts = BlockKind.PARAGRAPH, list[str]()
    for line in [*map(str.strip, safe_lines(text)), ""]:
        heading, item = _HEADING.fullmatch(line), _ITEM.fullmatch(line)
        if line and texts and not heading and not item:
            texts[-1] += f" {line}"
            continue
        if texts and not (item and kind is BlockKind.LIST):
            yield Block(kind, tuple(texts))
            texts = []
        if heading:
            yield Block(BlockKind.HEADING, (heading["text"],))
        elif item:
            kind = BlockKind.LIST
            texts.append(item["text"])
        elif line:
            kind = BlockKind.PARAGRAPH
            texts.append(line)
