"""Fits texts that name cookies into cells: breaks between cookies, and shortens values first.

The texts are display text, with cookies as ``'user'='Alice'`` or ``'user': 'Alice'``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from rich.cells import cell_len, get_character_cell_size

from tui.drawing.fit import ELLIPSIS, cut, fit, prefix_length

VALUE_CELLS: Final = (0, 32, 20, 12, 8)
"""How many cells a value may take, from the best case to the worst; 0 is as many as it has."""

LEAST_VALUE_CELLS: Final = 3
"""With so few cells, a value is an ellipsis unless it is one character."""

_EVERY: Final = (*VALUE_CELLS, 6, LEAST_VALUE_CELLS)

_INFERRED: Final = "≈ '"
"""How a text begins that repeats the request's cookies, because no server reported a reading."""
_SAME: Final = "≈ same"
"""Its short form."""

_OPENING = re.compile(r"(?:^|(?<=[ {(=]))'")
_TO_CLOSING = re.compile(r"(?:[^'\\]|\\.)*'")
_LONGEST: Final = 100_000
"""Of longer texts only so much is read."""


class Word(NamedTuple):
    """What stays on one line if possible: a word, or a cookie with its value."""

    lead: str
    """Everything before the value: for a cookie, its name and the sign after it."""
    value: str = ""
    tail: str = ""
    """What follows the value without a space."""
    is_cookie: bool = False

    def text(self, cells: int) -> str:
        """Return the word with its value in at most ``cells`` cells; 0 is without a limit."""
        return f"{self.lead}{short_value(self.value, cells) if cells else self.value}{self.tail}"


def short_value(value: str, cells: int) -> str:
    """Return a quoted value, shortened in the middle if it is wider than ``cells``."""
    if cell_len(value) <= cells:
        return value
    room = cells - 3
    if room < 1:
        return ELLIPSIS
    inner = value[1:-1]
    end = inner[len(inner) - _suffix_length(inner, room // 3) :]
    return f"'{inner[: prefix_length(inner, room - room // 3)]}{ELLIPSIS}{end}'"


def _suffix_length(text: str, width: int) -> int:
    """Return how many characters at the end of a text fit in ``width`` cells."""
    used = 0
    for count, character in enumerate(reversed(text)):
        used += get_character_cell_size(character)
        if used > width:
            return count
    return len(text)


@lru_cache(maxsize=4_096)
def words_of(text: str) -> tuple[Word, ...]:
    """Split a text at the spaces outside of quotes."""
    return tuple(_words(text[:_LONGEST]))


def _words(text: str) -> Iterator[Word]:
    at = 0
    while (found := _quoted(text, at)) is not None:
        start, end = found
        *before, lead = text[at:start].split(" ")
        yield from (Word(word) for word in before if word)
        value = ""
        if text.startswith(("='", ": '"), end) and (second := _quoted(text, end)) is not None:
            lead, value = lead + text[start : second[0]], text[slice(*second)]
            end = second[1]
        elif before[-1:] == ["with"]:
            value = text[start:end]
        else:
            lead += text[start:end]
        space = text.find(" ", end)
        at = space if space >= 0 else len(text)
        yield Word(lead, value, text[end:at], is_cookie=True)
    yield from (Word(word) for word in text[at:].split(" ") if word)


def _quoted(text: str, at: int) -> tuple[int, int] | None:
    """Return where the next text in quotes begins and ends; None if there is none."""
    opening = _OPENING.search(text, at)
    closing = _TO_CLOSING.match(text, opening.end()) if opening is not None else None
    return (opening.start(), closing.end()) if opening is not None and closing else None


@lru_cache(maxsize=16_384)
def width_for(text: str, lines: int, cells: int, limit: int) -> int:
    """Return the smallest width, up to ``limit``, at which nothing is cut and no cookie broken.

    A value may take ``cells`` cells; 0 is without a limit.
    """
    if cells and text.startswith(_INFERRED):
        text = _SAME
    texts = [word.text(cells) for word in words_of(text)]
    widths = [cell_len(each) for each in texts]
    if not widths:
        return 0
    total = sum(widths) + len(widths) - 1
    width = max(*widths, -(-total // lines)) if lines > 1 else total
    while width < min(total, limit) and len(_filled(texts, width)) > lines:
        width += 1
    return min(width, limit)


@lru_cache(maxsize=16_384)
def arranged(text: str, width: int, lines: int) -> tuple[str, ...]:
    """Return a text as one to ``lines`` lines of at most ``width`` cells.

    Lines break between words and between cookies. If there is too little room, values become
    shorter, as little as necessary; then the last cookies are counted instead of named. A text
    that only repeats the request's cookies is cut to ``≈ same``.
    """
    words = words_of(text)
    if width <= 0 or not any(word.is_cookie for word in words):
        return fit(text, width, lines)
    for shorter in _counted(words, width * lines):
        for cells in _EVERY:
            texts = [word.text(cells) for word in shorter]
            found = _filled(texts, width)
            if len(found) <= lines and all(cell_len(line) <= width for line in found):
                return found
        if text.startswith(_INFERRED):
            return (cut(_SAME, width),)
    for shorter in _counted(words, width * lines):
        found = tuple(_broken([word.text(LEAST_VALUE_CELLS) for word in shorter], width))
        if len(found) <= lines:
            return found
    last = cut(" ".join(found[lines - 1 :]), width)
    return (*found[: lines - 1], re.sub(f"[,; ]*{ELLIPSIS}+$", ELLIPSIS, last))


def _counted(words: Sequence[Word], room: int) -> Iterator[Sequence[Word]]:
    """Yield the words, then without the last cookie but with a count, and so on to the first.

    What stands before a cookie goes with it; what follows the last one stays. Texts that need
    more cells than ``room`` are left out, except the shortest.
    """
    ends = [index + 1 for index, word in enumerate(words) if word.is_cookie]
    last, after = words[ends[-1] - 1], words[ends[-1] :]
    lengths = list(accumulate(cell_len(word.text(LEAST_VALUE_CELLS)) + 1 for word in words))
    for left_out in range(len(ends)):
        end = ends[-1 - left_out]
        if left_out == len(ends) - 1 or lengths[end - 1] <= room + 1:
            if not left_out:
                yield words
                continue
            kept = words[end - 1]
            kept = kept._replace(tail=kept.tail.rstrip(",;"))
            yield (*words[: end - 1], kept, Word(f"+{left_out} more{last.tail}"), *after)


def _filled(texts: Sequence[str], width: int) -> tuple[str, ...]:
    """Fill lines with whole words; one that is too wide has a line of its own."""
    lines: list[str] = []
    room = 0
    for text in texts:
        cells = cell_len(text)
        if lines and cells < room:
            lines[-1] += f" {text}"
            room -= cells + 1
        else:
            lines.append(text)
            room = width - cells
    return tuple(lines)


def _broken(texts: Sequence[str], width: int) -> Iterator[str]:
    """Fill lines with words; break one that is too wide after a sign, or else cut it."""
    for line in _filled(texts, width):
        if cell_len(line) <= width:
            yield line
        elif line[0] in "'{" or "='" in line:
            yield cut(line, width)
        else:
            yield from fit(line, width, 8)
