"""Text into a box of cells: wrapped at words, cut with an ellipsis, wide characters counted."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rich.cells import cell_len, get_character_cell_size

ELLIPSIS: Final = "…"
_PARTING: Final = "=,;/&?"
_LONGEST_LOOK: Final = 4_000
"""No cell shows more characters than this, so no more are ever measured."""


def prefix_length(text: str, width: int) -> int:
    """Return how many characters of ``text`` fit in ``width`` cells."""
    if text.isascii():
        return min(len(text), width)
    used = 0
    for index, character in enumerate(text):
        used += get_character_cell_size(character)
        if used > width:
            return index
    return len(text)


def cut(text: str, width: int) -> str:
    """Return ``text`` in at most ``width`` cells, ending in ``…`` where some of it is left out."""
    if width <= 0:
        return ""
    text = text[:_LONGEST_LOOK]
    if cell_len(text) <= width:
        return text
    return text[: prefix_length(text, width - 1)].rstrip() + ELLIPSIS


@lru_cache(maxsize=16_384)
def fit(text: str, width: int, lines: int) -> tuple[str, ...]:
    """Return ``text`` as one to ``lines`` lines of at most ``width`` cells.

    Lines break at a space where the word after it fits a line, else after a
    sign that parts values, else at any space, else wherever they are full; the
    last line ends in ``…`` where text is left out.
    """
    return _wrapped(text, width, lines)[0]


def _wrapped(text: str, width: int, lines: int) -> tuple[tuple[str, ...], bool]:
    """Return the lines, and whether no word was broken and nothing left out."""
    if width <= 0:
        return ("",), not text
    rest = text[:_LONGEST_LOOK]
    result: list[str] = []
    clean = True
    while rest and len(result) < lines - 1:
        end = prefix_length(rest, width)
        if end >= len(rest):
            break
        space = rest.rfind(" ", 0, end + 1)
        follower = rest.find(" ", space + 1)
        word = rest[space + 1 : follower if follower >= 0 else len(rest)]
        if space >= 1 and (cell_len(word) <= width or space >= end // 2):
            result.append(rest[:space])
            rest = rest[space + 1 :].lstrip()
            continue
        clean = False
        at = max(rest.rfind(sign, 0, end) for sign in _PARTING) + 1
        if at < max(2, end // 2):
            at = space if space >= 1 else end
        result.append(rest[:at].rstrip())
        rest = rest[at:].lstrip(" ")
    last = cut(rest, width)
    result.append(last)
    return tuple(result), clean and last == rest


@lru_cache(maxsize=16_384)
def needed(text: str, lines: int, limit: int) -> int:
    """Return the smallest width, up to ``limit``, in which ``lines`` lines hold whole words."""
    total = cell_len(text[:_LONGEST_LOOK])
    if lines <= 1 or total == 0:
        return min(total, limit)
    width = max(1, -(-total // lines))
    while width < min(total, limit) and not _wrapped(text, width, lines)[1]:
        width += 1
    return min(width, limit)
