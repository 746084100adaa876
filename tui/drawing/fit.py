"""Fits text into cells: wraps at words, cuts with an ellipsis, counts wide characters."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rich.cells import cell_len, get_character_cell_size

ELLIPSIS: Final = "…"
_BREAK_AFTER: Final = "=,;/&?"
_MAX_LENGTH: Final = 4_000
"""Longer texts are cut first, since no cell of a table can show more."""


def width_of(text: str) -> int:
    """Return how many cells a text takes; quick for ASCII, even with an ellipsis."""
    plain = text if text.isascii() else text.replace(ELLIPSIS, ".")
    return len(plain) if plain.isascii() and plain.isprintable() else cell_len(text)


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
    """Return ``text`` in at most ``width`` cells; it ends in ``…`` if something was cut."""
    if width <= 0:
        return ""
    text = text[:_MAX_LENGTH]
    if width_of(text) <= width:
        return text
    return text[: prefix_length(text, width - 1)].rstrip() + ELLIPSIS


@lru_cache(maxsize=16_384)
def fit(text: str, width: int, lines: int) -> tuple[str, ...]:
    """Return ``text`` as one to ``lines`` lines of at most ``width`` cells.

    Lines break at a space if the next word fits on a line; otherwise after a separator
    such as ``=`` or ``/``; otherwise at any space; otherwise wherever they are full. The
    last line ends in ``…`` if something was cut.
    """
    return _wrapped(text, width, lines)[0]


def _wrapped(text: str, width: int, lines: int) -> tuple[tuple[str, ...], bool]:
    """Return the lines, and whether every word is whole and nothing was cut."""
    if width <= 0:
        return ("",), not text
    rest = text[:_MAX_LENGTH]
    result: list[str] = []
    clean = True
    while rest and len(result) < lines - 1:
        end = prefix_length(rest, width)
        if end >= len(rest):
            break
        space = rest.rfind(" ", 0, end + 1)
        follower = rest.find(" ", space + 1)
        word = rest[space + 1 : follower if follower >= 0 else len(rest)]
        if space >= 1 and (width_of(word) <= width or space >= end // 2):
            result.append(rest[:space])
            rest = rest[space + 1 :].lstrip()
            continue
        clean = False
        at = max(rest.rfind(sign, 0, end) for sign in _BREAK_AFTER) + 1
        if at < max(2, end // 2):
            at = space if space >= 1 else end
        result.append(rest[:at].rstrip())
        rest = rest[at:].lstrip(" ")
    last = cut(rest, width)
    result.append(last)
    return tuple(result), clean and last == rest


@lru_cache(maxsize=16_384)
def needed(text: str, lines: int, limit: int) -> int:
    """Return the smallest width, up to ``limit``, at which ``lines`` lines show whole words."""
    total = width_of(text[:_MAX_LENGTH])
    if lines <= 1 or total == 0:
        return min(total, limit)
    width = max(1, -(-total // lines))
    while width < min(total, limit) and not _wrapped(text, width, lines)[1]:
        width += 1
    return min(width, limit)
