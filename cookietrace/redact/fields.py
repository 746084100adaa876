"""Parses cookie and credential fields, so that only the values in them are replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cookietrace.cookies.joined import OLD_ATTRIBUTES, split_joined

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


def cookie_header(field: str, value: Replace, name: Replace) -> str:
    """Return a Cookie field with each value replaced; order and spaces are kept.

    ``name`` replaces names: in some browsers, what a server sets without a name becomes one.
    """
    return _PIECE.sub(lambda piece: _pair(_named(piece[0], name), value), field)


def cookie_names(field: str) -> Iterator[str]:
    """Yield the names of the cookies in a Cookie or Set-Cookie field that have a value too."""
    for piece in _PIECE.finditer(field):
        before, value, _ = _parts(piece[0])
        if value and before.strip(_BLANKS + "="):
            yield before.partition("=")[0].strip(_BLANKS)


def bare_value(field: str) -> str:
    """Return the value of a Set-Cookie field without an equals sign; empty for any other."""
    pair = field.partition(";")[0].strip(_BLANKS)
    return "" if "=" in pair else pair


def cookie_values(field: str) -> Iterator[str]:
    """Yield the values of a Cookie field, or of the pair at the start of a Set-Cookie field."""
    for piece in _PIECE.finditer(field):
        value = _parts(piece[0])[1]
        if value:
            yield value


def set_cookie_values(field: str) -> Iterator[str]:
    """Yield what may be a cookie's value in a Set-Cookie field.

    That is the value of the first pair, and those of the cookies that were joined to it; and
    what stands where an unknown attribute would, since a value with a semicolon goes on there.
    """
    pair, *attributes = field.split(";")
    yield from cookie_values(pair)
    if "," in field or "\n" in field:  # without them, each joined pair is one of the attributes
        for line in split_joined(field)[1:]:
            yield from cookie_values(line.text.partition(";")[0])
    for attribute in attributes:
        for piece in _JOINED.split(attribute):
            if not _is_kept(piece):
                yield from cookie_values(piece)


def set_cookie(field: str, value: Replace, text: Replace, whole: Replace) -> str:
    """Return a Set-Cookie field with its value replaced.

    The names of known attributes are kept, and so are well-formed Expires, Max-Age,
    SameSite and Priority, and words that stand alone. ``text`` replaces secrets in Path and
    Domain, and ``whole`` in the other known attributes, including values that are too short to
    search for. Everything else may be a cookie that was joined to this one, or the rest of its
    value: ``value`` replaces it.
    """
    pair, *attributes = field.split(";")
    return ";".join(
        (_pair(pair, value), *(_attribute(each, value, text, whole) for each in attributes))
    )


def joined_values(text: str, value: Replace) -> str:
    """Return the text of an attribute's value with those of cookies joined to it replaced."""
    first, *others = _JOINED_KEPT.split(text)
    return "".join((first, *(_pair(other, value) for other in others)))


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


def _named(piece: str, replace: Replace) -> str:
    """Return a cookie pair with its name replaced."""
    name, equals, value = piece.partition("=")
    bare = name.strip(_BLANKS)
    return name.replace(bare, replace(bare)) + equals + value if equals and bare else piece


def _pair(piece: str, replace: Replace) -> str:
    """Return a cookie pair with its value replaced; an empty value stays empty."""
    before, value, after = _parts(piece)
    return before + replace(value) + after if value else piece


def _attribute(attribute: str, value: Replace, text: Replace, whole: Replace) -> str:
    """Return an attribute; keep a known name, and a value that cannot be a secret."""
    if "," not in attribute:
        return _one_attribute(attribute, value, text, whole)
    pieces = _JOINED_KEPT.split(attribute)
    return "".join(_one_attribute(piece, value, text, whole) for piece in pieces)


def _one_attribute(attribute: str, value: Replace, text: Replace, whole: Replace) -> str:
    """Return an attribute that holds no other."""
    name, equals, content = attribute.partition("=")
    known = _name(name)
    if known not in _KNOWN_ATTRIBUTES:
        searched = text(attribute)
        if searched != attribute or _is_kept(attribute):
            return searched if searched != attribute else _pair(attribute, whole)
        return _pair(attribute, lambda found: _other(whole(found), found, value))
    kept = _KEPT_ATTRIBUTES.get(known)
    if not equals or (kept is not None and kept.fullmatch(content.strip(_BLANKS))):
        return attribute
    return name + _pair(equals + content, whole if kept is not None else text)


def _other(replaced: str, found: str, value: Replace) -> str:
    """Return what was replaced, or else the token for it."""
    return replaced if replaced != found else value(found)


def _name(written: str) -> str:
    """Return the name of an attribute in lower case, without the comma that joined it."""
    return written.lstrip(_BLANKS + ",").rstrip(_BLANKS).lower()


def _is_kept(attribute: str) -> bool:
    """Return whether an attribute cannot be a part of a cookie: it is known, or just a word."""
    name, equals, _ = attribute.partition("=")
    known = _name(name)
    if known in _KNOWN_ATTRIBUTES or known in OLD_ATTRIBUTES:
        return True
    return not equals and _WORDS.fullmatch(known) is not None


_JOINED = re.compile(r",[ \t]*(?=[^=,;\s\"']+=)")
_JOINED_KEPT = re.compile(r"(?=,[ \t]*[^=,;\s\"']+=)")
_WORDS = re.compile(r"[a-z_-]{0,16}(?:(?:: ?|,? )[a-z_-]{1,16}){0,3}")
"""Words that stand where an attribute would: most likely a misspelt attribute."""

_KNOWN_ATTRIBUTES = frozenset({"domain", "httponly", "partitioned", "path", "secure"}) | set(
    _KEPT_ATTRIBUTES
)
