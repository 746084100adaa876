"""Wire text, numbers and lists as display text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from cookietrace.cookies import Target
from cookietrace.lesson.mask import Mask
from cookietrace.safe_text import display, safe

_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)

SENTENCE_CELLS = 48
"""The most cells of a value that a sentence repeats."""

MOST = 6
"""How many items ``some`` names before it only counts the rest."""

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def ordinal(number: int) -> str:
    """Return ``first`` to ``tenth``, then ``11th``, ``12th``, ``21st`` and so on."""
    if 1 <= number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def shown(wire: str) -> str:
    """Return a wire string as display text."""
    return safe(display(wire))


def quoted(wire: str) -> str:
    r"""Return a wire string in single quotes, with ``'`` and ``\`` escaped."""
    return quoted_text(display(wire))


def quoted_text(text: str) -> str:
    r"""Return decoded text in single quotes, with ``'`` and ``\`` escaped, and made safe."""
    plain = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{safe(plain)}'"


def pair(name: str, value: str, mask: Mask) -> str:
    """Return ``'user'='Alice'`` for a cookie as on the wire."""
    return f"{quoted(name)}={quoted(mask(value))}"


def short_pair(name: str, value: str, mask: Mask) -> str:
    """Return ``'user'='Alice'`` for a sentence: a long value is cut, and its size is given."""
    return f"{quoted(name)}={short(value, mask)}"


def short(value: str, mask: Mask) -> str:
    """Return a value in quotes for a sentence: a long one is cut, and its size is given."""
    text = quoted(mask(value))
    if len(text) <= SENTENCE_CELLS:
        return text
    return f"{clip(text, SENTENCE_CELLS)}' ({len(value)} bytes)"


def mapping(pairs: Iterable[tuple[str, str]], mask: Mask) -> str:
    """Return ``{'user': 'Alice'}`` for cookies as on the wire, in order and with duplicates."""
    inner = ", ".join(f"{quoted(name)}: {quoted(mask(value))}" for name, value in pairs)
    return f"{{{inner}}}"


def listed(items: list[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def some(items: Iterable[str]) -> str:
    """Return ``a, b and c``; of a long list, the first ``MOST`` and the number of the rest."""
    every = list(items)
    if len(every) <= MOST + 1:
        return listed(every)
    return listed([*every[:MOST], f"{len(every) - MOST} more"])


def capitalized(text: str) -> str:
    """Return the text with its first character in upper case, and the rest as it was."""
    return text[:1].upper() + text[1:]


def authority(target: Target) -> str:
    """Return a URL's host, with the port unless it is the scheme's default."""
    return shown(target.origin.partition("://")[2])


def plural(count: int, noun: str) -> str:
    """Return ``1 cookie`` or ``2 cookies``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def how_often(verb: str, count: int) -> str:
    """Return ``never sent``, ``sent once`` or ``sent 3 times``."""
    if not count:
        return f"never {verb}"
    return f"{verb} once" if count == 1 else f"{verb} {count:,} times"


def times(count: int) -> str:
    """Return ``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def span(seconds: float) -> str:
    """Return a duration to the second: ``1 hour``, ``1 day 2 hours``."""
    left = max(0, round(seconds))
    parts = []
    for unit, length in _UNITS:
        count, left = divmod(left, length)
        if count:
            parts.append(plural(count, unit))
    if not left and not parts and seconds > 0:
        return "less than a second"
    if left or not parts:
        parts.append(plural(left, "second"))
    return " ".join(parts)


def size(count: int) -> str:
    """Return a number of bytes in the largest fitting unit: ``512 B``, ``4 KiB``, ``1.5 MiB``."""
    if count < 1024:
        return f"{count} B"
    amount = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        amount /= 1024
        if amount < 1024 or unit == "GiB":
            break
    return f"{amount:.1f}".removesuffix(".0") + f" {unit}"


def clip(text: str, cells: int) -> str:
    """Return the text cut to a width in terminal cells, ending in ``…`` if it was cut."""
    if len(text) * 2 <= cells:
        return text
    used = 0
    fits = 0
    for index, character in enumerate(text):
        used += _width(character)
        if used <= cells - 1:
            fits = index + 1
        if used > cells:
            return text[:fits] + "…"
    return text


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
