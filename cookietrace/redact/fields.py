"""Parses cookie and credential fields, so that only the values in them are replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Replace = Callable[[str], str]

_PIECE = re.compile(r"[^;]+")
_BLANKS = " \t"

_KEPT_ATTRIBUTES = {
    "expires": re.compile(r"[A-Za-z]{3,9}, ?\d\d?[ -][A-Za-z]{3}[ -]\d{2,4} \d\d:\d\d:\d\d GMT"),
    "max-age": re.compile(r"-?\d{1,19}"),
    "samesite": re.compile(r"(?i:strict|lax|none)"),
    "priority": re.compile(r"(?i:low|medium|high)"),
}
"""Attributes whose values are never secret if they are well-formed."""


def cookie_header(field: str, value: Replace) -> str:
    """Return a Cookie field with each value replaced; names, order and spaces are kept."""
    return _PIECE.sub(lambda piece: _pair(piece[0], value), field)


def cookie_values(field: str) -> Iterator[str]:
    """Yield the values of a Cookie field, or of the pair at the start of a Set-Cookie field."""
    for piece in _PIECE.finditer(field):
        value = _parts(piece[0])[1]
        if value:
            yield value


def set_cookie(field: str, value: Replace, text: Replace, whole: Replace) -> str:
    """Return a Set-Cookie field with its value replaced.

    The names of known attributes are kept, and so are well-formed Expires, Max-Age,
    SameSite and Priority. ``text`` replaces secrets in Path and Domain. ``whole`` replaces
    them everywhere else, including values that are too short to search for.
    """
    pair, *attributes = field.split(";")
    return ";".join((_pair(pair, value), *(_attribute(each, text, whole) for each in attributes)))


def credentials(field: str, replace: Replace) -> str:
    """Return an Authorization field with everything after its scheme replaced."""
    secret = credentials_of(field)
    start = field.rindex(secret)
    return field[:start] + replace(secret) + field[start + len(secret) :]


def credentials_of(field: str) -> str:
    """Return an Authorization field without its scheme; all of it if it has no scheme."""
    scheme, _, rest = field.strip(_BLANKS).partition(" ")
    return rest.lstrip(_BLANKS) or scheme


def _parts(piece: str) -> tuple[str, str, str]:
    """Return the text before the value of a cookie pair, the value, and the spaces after it."""
    name, equals, rest = piece.partition("=")
    before, value = (name + equals, rest) if equals else ("", name)
    bare = value.lstrip(_BLANKS)
    before += value[: len(value) - len(bare)]
    value = bare.rstrip(_BLANKS)
    return before, value, bare[len(value) :]


def _pair(piece: str, replace: Replace) -> str:
    """Return a cookie pair with its value replaced; an empty value stays empty."""
    before, value, after = _parts(piece)
    return before + replace(value) + after if value else piece


def _attribute(attribute: str, text: Replace, whole: Replace) -> str:
    """Return an attribute; keep a known name, and a value that cannot be a secret."""
    name, equals, value = attribute.partition("=")
    known = name.strip(_BLANKS).lower()
    if known not in _KNOWN_ATTRIBUTES:
        searched = text(attribute)
        return searched if searched != attribute else _pair(attribute, whole)
    kept = _KEPT_ATTRIBUTES.get(known)
    if not equals or (kept is not None and kept.fullmatch(value.strip(_BLANKS))):
        return attribute
    return name + _pair(equals + value, whole if kept is not None else text)


_KNOWN_ATTRIBUTES = frozenset({"domain", "httponly", "partitioned", "path", "secure"}) | set(
    _KEPT_ATTRIBUTES
)
