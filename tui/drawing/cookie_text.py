"""Fits texts that name cookies into cells: breaks between cookies, and shortens values first.

The texts are display text, with cookies as ``'user'='Alice'`` or ``'user': 'Alice'``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from rich.cells import get_character_cell_size

from tui.drawing.fit import ELLIPSIS, cut, fit, prefix_length, width_of


class Squeeze(NamedTuple):
    """How much a text is squeezed into its lines."""

    cells: int = 0
    """How many cells a value may take; 0 is as many as it has."""
    splits: bool = False
    """True if a line may break between a name and its value."""


ROOMY: Final = Squeeze()
SQUEEZES: Final = (
    ROOMY,
    Squeeze(32),
    Squeeze(20),
    Squeeze(12),
    Squeeze(8),
    Squeeze(8, splits=True),
)
"""From the best case to the worst that is still easy to read."""

TIGHT: Final = Squeeze(3)
"""A value is an ellipsis, unless it is one character."""

_EVERY: Final = (*SQUEEZES, Squeeze(6), TIGHT)

_INFERRED: Final = "≈ '"
"""How a text begins that repeats the request's cookies, because no server reported a reading."""
_SAME: Final = "≈ same"
"""Its short form."""

_TURN = re.compile(r" \(\S+ request\)$")
"""The end of a request's row; what stands before it matters more."""

_NONE: Final = "None"
"""What stands for a value if there is none; never shortened, and never in quotes."""

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

    def parts(self, squeeze: Squeeze) -> list[str]:
        """Return the parts between which a line may break; a space ends what needs one."""
        is_none = self.value == _NONE
        whole = is_none or not squeeze.cells
        value = self.value if whole else short_value(self.value, squeeze.cells)
        if (squeeze.splits or (is_none and squeeze == TIGHT)) and value and self.lead:
            return [self.lead, f"{value}{self.tail} "]
        return [f"{self.lead}{value}{self.tail} "]


def short_value(value: str, cells: int) -> str:
    """Return a value, perhaps in quotes, shortened in the middle if it is wider than ``cells``."""
    if width_of(value) <= cells:
        return value
    quote = "'" if value[0] == value[-1] == "'" else ""
    inner = value[1:-1] if quote else value
    room = cells - 1 - 2 * len(quote)
    if room < 1:
        return ELLIPSIS
    cut_before = inner.endswith(ELLIPSIS)  # it was too long for a sentence
    at_end = 0 if cut_before else room // 3
    end = inner[len(inner) - _suffix_length(inner, at_end) :]
    return f"{quote}{inner[: prefix_length(inner, room - at_end)]}{ELLIPSIS}{end}{quote}"


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
        elif text.startswith(f"={_NONE}", end):
            lead, value = f"{lead}{text[start:end]}=", _NONE
            end += 1 + len(_NONE)
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


@lru_cache(maxsize=4_096)
def header_words(text: str) -> tuple[Word, ...]:
    """Split a header line of cookies, as on the wire, at its spaces; attributes are words."""
    words: list[Word] = []
    only_first = text.startswith("Set-Cookie:")
    for word in text[:_LONGEST].split(" "):
        name, sign, value = word.partition("=")
        bare = value.rstrip(";")
        if sign and not (only_first and any(known.is_cookie for known in words)):
            words.append(Word(name + sign, bare, value[len(bare) :], is_cookie=True))
        else:
            words.append(Word(word))
    return tuple(words)


@lru_cache(maxsize=16_384)
def width_for(text: str, lines: int, squeeze: Squeeze, limit: int) -> int:
    """Return the smallest width, up to ``limit``, at which a text fits if squeezed so much.

    Nothing is cut then but values.
    """
    if squeeze != ROOMY:
        text = _SAME if text.startswith(_INFERRED) else _TURN.sub("", text)
    parts = _parts(words_of(text), squeeze)
    if not parts:
        return 0
    widths = [width_of(part.rstrip()) for part in parts]
    total = width_of("".join(parts)) - 1
    width = max(*widths, -(-total // lines)) if lines > 1 else total
    while width < min(total, limit) and len(_filled(parts, width)) > lines:
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
        found = fit(text, width, lines)
        return found if found[-1][-1:] != ELLIPSIS else fit(_TURN.sub("", text), width, lines)
    if text.startswith(_INFERRED):
        return _squeezed(words, width, lines, whole=True) or (cut(_SAME, width),)
    return _squeezed(words, width, lines)


@lru_cache(maxsize=4_096)
def arranged_header(text: str, width: int, lines: int) -> tuple[str, ...]:
    """Return a header line of cookies, as on the wire, as ``arranged`` does."""
    words = header_words(text)
    if width <= 0 or not any(word.is_cookie for word in words):
        return fit(text, width, lines)
    shortest = "".join(_parts(words, TIGHT)).rstrip()
    if lines == 1 and not words[-1].is_cookie and width_of(shortest) > width:
        return (cut("".join(_parts(words, Squeeze(12))), width),)
    return _squeezed(words, width, lines)


def _squeezed(
    words: Sequence[Word], width: int, lines: int, *, whole: bool = False
) -> tuple[str, ...]:
    """Return words as lines, squeezed as little as necessary; if ``whole``, all or nothing."""
    for shorter in _counted(words, width * lines):
        for squeeze in _EVERY:
            if squeeze.splits and (whole or shorter is not words):
                continue
            found = _filled(_parts(shorter, squeeze), width)
            if len(found) <= lines and all(width_of(line) <= width for line in found):
                return found
        if whole:
            return ()
    for shorter in _counted(words, width * lines):
        found = tuple(_broken(_parts(shorter, TIGHT), width))
        if len(found) <= lines:
            return found
    last = cut(" ".join(found[lines - 1 :]), width)
    return (*found[: lines - 1], re.sub(f"[,; ]*{ELLIPSIS}+$", ELLIPSIS, last))


def keeps_its_end(text: str, width: int, lines: int) -> bool:
    """Return whether what follows the last cookie, such as a condition, is not cut."""
    words = words_of(text)
    if not words or words[-1].is_cookie or not any(word.is_cookie for word in words):
        return True
    return arranged(text, width, lines)[-1].endswith(words[-1].lead)


def _parts(words: Sequence[Word], squeeze: Squeeze) -> list[str]:
    return [part for word in words for part in word.parts(squeeze)]


def _counted(words: Sequence[Word], room: int) -> Iterator[Sequence[Word]]:
    """Yield the words, then without the last cookie but with a count, and so on to the first.

    What stands before a cookie goes with it; what follows the last one stays. Texts that need
    more cells than ``room`` are left out, except the shortest.
    """
    ends = [index + 1 for index, word in enumerate(words) if word.is_cookie]
    last, after = words[ends[-1] - 1], words[ends[-1] :]
    lengths = list(accumulate(width_of("".join(word.parts(TIGHT))) for word in words))
    for left_out in range(len(ends)):
        end = ends[-1 - left_out]
        if left_out == len(ends) - 1 or lengths[end - 1] <= room + 1:
            if not left_out:
                yield words
                continue
            kept = words[end - 1]
            kept = kept._replace(tail=kept.tail.rstrip(",;"))
            yield (*words[: end - 1], kept, Word(f"+{left_out} more{last.tail}"), *after)


def _filled(parts: Sequence[str], width: int) -> tuple[str, ...]:
    """Fill lines with whole parts; one that is too wide has a line of its own."""
    lines: list[str] = []
    room = 0
    for part in parts:
        cells = width_of(part) - part.endswith(" ")
        if lines and cells <= room:
            lines[-1] += part
        else:
            lines.append(part)
            room = width
        room -= width_of(part)
    return tuple([line.rstrip() for line in lines])


def _broken(parts: Sequence[str], width: int) -> Iterator[str]:
    """Fill lines with parts; break one that is too wide after a sign, or else cut it."""
    for line in _filled(parts, width):
        if width_of(line) <= width:
            yield line
        elif line[0] in "'{" or "='" in line:
            yield cut(line, width)
        else:
            yield from fit(line, width, 8)
