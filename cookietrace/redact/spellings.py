"""The ways in which one cookie value may be written elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from cookietrace.redact.unescape import Unescaped
from cookietrace.safe_text import display

_LAYERS = 2
"""How many encodings inside each other are taken off a value."""


def readings(value: str) -> tuple[str, ...]:
    """Return a value and what an app may make of it, the value itself first, no two alike.

    As text where its octets are UTF-8, without the quotes of a quoted string,
    percent-decoded, and (for a text) as its octets in latin-1.
    """
    found = {value: None}
    fresh = [value]
    for _ in range(_LAYERS):
        fresh = [other for known in fresh for other in _decoded(known) if other not in found]
        found.update(dict.fromkeys(fresh))
    for known in tuple(found):
        found[display(known)] = None
        if not known.isascii():
            found[known.encode("utf-8", "surrogatepass").decode("latin-1")] = None
    found.pop("", None)
    return tuple(found)


def _decoded(value: str) -> Iterator[str]:
    """Yield the value without one layer of encoding, for each kind that it may have."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        yield value[1:-1]
        yield Unescaped(value[1:-1]).text
    if "%" in value and value.isascii():
        octets = unquote_to_bytes(value)
        yield octets.decode("latin-1")
    if "+" in value and value.isascii():
        yield unquote_to_bytes(value.replace("+", " ")).decode("latin-1")


def bare_forms(value: str) -> tuple[str, ...]:
    """Return a value as it reads when escapes are taken off a text that it stands in.

    A value may look as if it held escapes itself: taking them off the text takes
    those off, too, and a plus sign may have become a blank.
    """
    found = [value]
    for _ in range(_LAYERS + 1):
        bare = Unescaped(found[-1])
        if not bare.changed:
            break
        found.append(bare.text)
    found += [form.replace("+", " ") for form in found if " " in form and "+" in form]
    return tuple(found)


def base64_spellings(value: str) -> Iterator[str]:
    """Yield the part of a value's Base64 forms that does not depend on what stands around it.

    Three alignments, in the standard and the URL alphabet; without the characters
    at the edges that also encode a neighbour.
    """
    try:
        octets = value.encode("latin-1")
    except UnicodeEncodeError:
        octets = value.encode("utf-8", "surrogatepass")
    for before in range(3):
        whole = base64.b64encode(bytes(before) + octets)
        first = -(-before * 8 // 6)
        last = (before + len(octets)) * 8 // 6
        core = whole[first:last].decode("ascii")
        yield core
        if "+" in core or "/" in core:
            yield core.translate({ord("+"): "-", ord("/"): "_"})
