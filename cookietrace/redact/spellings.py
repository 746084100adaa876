"""The ways in which a cookie value may be written elsewhere."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from cookietrace.redact.unescape import Unescaped
from cookietrace.safe_text import display

_LAYERS = 2
"""The number of nested encodings to decode in a value."""


def readings(value: str) -> tuple[str, ...]:
    """Return the value and what an app may read it as, without duplicates, the value first.

    Readings are: UTF-8 text, without the quotes of a quoted string, percent-decoded, and
    (for text) its bytes as latin-1.
    """
    if value.isascii() and not ("%" in value or "+" in value or value[:1] == '"'):
        return (value,) if value else ()
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
    """Yield the value with one layer of encoding decoded, for each kind of encoding."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        yield value[1:-1]
        yield Unescaped(value[1:-1]).text
    if "%" in value and value.isascii():
        yield unquote_to_bytes(value).decode("latin-1")
    if "+" in value and value.isascii():
        yield unquote_to_bytes(value.replace("+", " ")).decode("latin-1")


def bare_forms(value: str) -> tuple[str, ...]:
    """Return the forms of a value that appear when the text around it is decoded.

    A value may contain what looks like escapes. Decoding the text decodes those too, and
    may turn a plus sign into a space.
    """
    if not ("%" in value or "\\" in value or "&" in value or "+" in value):
        return (value,)
    found = [value]
    for _ in range(_LAYERS + 1):
        bare = Unescaped(found[-1])
        if not bare.changed:
            break
        found.append(bare.text)
    found += [form.replace("+", " ") for form in found if " " in form and "+" in form]
    return tuple(found)


def base64_spellings(value: str) -> Iterator[str]:
    """Yield the part of a value's Base64 forms that does not depend on the bytes around it.

    There are three alignments, in the standard and the URL alphabet. The characters at the
    edges, which also encode a neighbour, are left out.
    """
    try:
        encoded = value.encode("latin-1")
    except UnicodeEncodeError:
        encoded = value.encode("utf-8", "surrogatepass")
    for before in range(3):
        whole = binascii.b2a_base64(bytes(before) + encoded, newline=False)
        first = -(-before * 8 // 6)
        last = (before + len(encoded)) * 8 // 6
        core = whole[first:last].decode("ascii")
        yield core
        if "+" in core or "/" in core:
            yield core.replace("+", "-").replace("/", "_")
