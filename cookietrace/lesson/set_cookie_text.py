"""The attributes of a Set-Cookie line as text, with what may be other cookies' values masked."""

from __future__ import annotations

from collections.abc import Callable
from operator import add
from typing import Final

from cookietrace.cookies.joined import ATTRIBUTES, split_joined
from cookietrace.lesson.mask import Mask, unmasked

_SET_ASIDE: Final = "masked-0000000000"
"""A word that stands for a value."""


def masked_attributes(attributes: str, mask: Mask) -> str:
    """Return what follows the first semicolon of a line, as wire text.

    The values of cookies that were joined to it are masked, and those of unknown attributes,
    which may be a part of the first cookie's value.
    """
    if mask is unmasked or "=" not in attributes:
        return attributes
    shown = []
    for line in split_joined(f"=;{attributes}"):
        first, *others = line.text.split(";")
        pieces = [_masked(first, mask), *(_masked(other, mask) for other in others)]
        shown.append(f"{line.glue}{';'.join(pieces)}")
    return "".join(shown).partition(";")[2]


def masked_line(line: str, mask: Mask) -> str:
    """Return a line as wire text with its value masked, and its attributes as above.

    A line without an equals sign is a value without a name.
    """
    if mask is unmasked:
        return line
    pair, semicolon, attributes = line.partition(";")
    name, equals, value = pair.partition("=") if "=" in pair else ("", "", pair)
    if value.strip():
        value = mask(value.strip())
    return f"{name}{equals}{value}{semicolon}{masked_attributes(attributes, mask)}"


def hidden_line(line: str, mask: Mask, hide: Callable[[str], str]) -> str:
    """Return a line masked, with what is secret in the rest of it hidden.

    Most lines of a capture differ in their values only, so ``hide``, which may remember texts, gets
    them with one word in place of each value.
    """
    if mask is unmasked:
        return hide(line)
    values: list[str] = []

    def set_aside(value: str) -> str:
        values.append(value)
        return _SET_ASIDE

    pieces = hide(masked_line(line, set_aside)).split(_SET_ASIDE)
    if len(pieces) != len(values) + 1:  # that word is in the line, or a secret is in the word
        return hide(masked_line(line, mask))
    return pieces[0] + "".join(map(add, map(mask, values), pieces[1:]))


def _masked(text: str, mask: Mask) -> str:
    name, equals, value = text.partition("=")
    if name.strip().lower() in ATTRIBUTES or not value.strip():
        return text
    return f"{name}{equals}{mask(value.strip())}"
