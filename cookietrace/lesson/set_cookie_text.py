"""The attributes of a Set-Cookie line as text, with what may be other cookies' values masked."""

from __future__ import annotations

from cookietrace.cookies.joined import ATTRIBUTES, split_joined
from cookietrace.lesson.mask import Mask, unmasked


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


def _masked(text: str, mask: Mask) -> str:
    name, equals, value = text.partition("=")
    if name.strip().lower() in ATTRIBUTES or not value.strip():
        return text
    return f"{name}{equals}{mask(value.strip())}"
