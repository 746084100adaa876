"""Parses cookie and credential fields, so that only the values in them are replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cookietrace.cookies.joined import OLD_ATTRIBUTES, split_joined

Replace = Callable[[str], str]

_PIECE = re.compile(r"[^;]+")
_BLANKS = " \t"

_HOST = r"\.?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.?"
_PLACES = {
    "domain": re.compile(
        rf"(?:https?://)?(?![0-9A-Za-z.-]*[0-9][0-9A-Za-z-]{{15}})(?:{_HOST}|\[[0-9A-Fa-f:.]+\])"
        r"(?::\d{1,5})?/?"
    ),
    "path": re.compile(r"/.*", re.DOTALL),
}
"""What a Domain and a Path look like; a secret may be a part of either."""

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_FORMS = {
    "expires": re.compile(
        r"(?=[-.0-9]*\Z|[0-9]{4}-[0-9]{1,2}-[0-9]|(?i:.*(?:" + _MONTHS + r")|session\Z))"
        r"(?i:(?:mon|tue|wed|thu|fri|sat|sun|" + _MONTHS + r")"
        r"[a-z]{0,6}|gmt|utc|session|t|z|\d{1,4}|[ ,:.+-])*"
    ),
    "max-age": re.compile(r"-?\d{1,19}"),
    "samesite": re.compile(r"(?i:strict|lax|none)"),
    "priority": re.compile(r"(?i:low|medium|high)"),
    "version": re.compile(r'"?\d"?'),
    "port": re.compile(r'"?[\d, ]*"?'),
}
"""What the values of other attributes look like; these are never secret."""

_FLAGS = frozenset({"secure", "httponly", "partitioned", "discard", "sameparty"})
"""Attributes without a value."""


def cookie_pair(piece: str, value: Replace, name: Replace) -> str:
    """Return a pair of a Cookie field with its value replaced; spaces are kept.

    ``name`` replaces names: in some browsers, what a server sets without a name becomes one.
    """
    return _pair(_named(piece, name), value)


def cookie_names(field: str) -> Iterator[str]:
    """Yield the names of the cookies in a Cookie or Set-Cookie field that have a value too."""
    for piece in _PIECE.finditer(field):
        before, value, _ = _parts(piece[0])
        if value and before.strip(_BLANKS + "="):
            yield before.partition("=")[0].strip(_BLANKS)


def name_and_value(pair: str) -> tuple[str | None, str]:
    """Return what ``cookie_names`` and ``cookie_values`` find in one pair; no name is None."""
    before, value, _ = _parts(pair)
    if not before.strip(_BLANKS + "="):
        return None, value
    return before.partition("=")[0].strip(_BLANKS), value


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

    That is the value of the first pair, and those of the cookies that were joined to it; what
    stands where an unknown attribute would, since a value with a semicolon continues there; and
    what a known attribute has for a value, if it does not look like one.
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
                name = piece.partition("=")[0]
                if _is_opaque_name(name):
                    yield name.strip(_BLANKS)


def set_cookie_pair(pair: str, value: Replace) -> str:
    """Return what stands before the attributes of a Set-Cookie field, with its value replaced."""
    return _pair(pair, value)


def attributes(tail: str, value: Replace, text: Replace, whole: Replace) -> str:
    """Return the attributes of a Set-Cookie field with the secrets in them replaced.

    The names of known attributes are kept, and so are their values if they look like such values,
    and words that stand alone. ``text`` replaces secrets in what looks like a Path or Domain.
    Everything else may be a cookie that was joined to this one, or the rest of its value:
    ``whole`` replaces it if it is known in another spelling, otherwise ``value``.
    """
    return ";".join([_attribute(each, value, text, whole) for each in tail.split(";")])


def joined_values(text: str, value: Replace) -> str:
    """Return the text of an attribute's value with those of cookies joined to it replaced."""
    first, *others = _JOINED_KEPT.split(text)
    return "".join((first, *(_pair(other, value) for other in others)))


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
    replaced = "".join(_one_attribute(piece, value, text, whole) for piece in pieces)
    # What looks like a cookie that was joined may be the rest of a secret.
    return text(replaced) if pieces[1:] else replaced


def _one_attribute(attribute: str, value: Replace, text: Replace, whole: Replace) -> str:
    """Return an attribute that holds no other."""
    name, equals, content = attribute.partition("=")
    known = _name(name)
    bare = content.strip(_BLANKS)
    if known not in _KNOWN_ATTRIBUTES:
        if _is_opaque_name(name):
            stripped = name.strip(_BLANKS)
            name = name.replace(stripped, _other(whole(stripped), stripped, value))
            attribute = name + equals + content
        searched = text(attribute)
        if searched != attribute or _is_kept(attribute):
            return searched if searched != attribute else _pair(attribute, whole)
    elif not bare:
        return attribute
    elif (place := _PLACES.get(known)) is not None and place.fullmatch(bare):
        return name + _pair(equals + content, text)
    elif (form := _FORMS.get(known)) is not None and form.fullmatch(bare):
        return attribute
    if equals:
        return name + _pair(equals + content, lambda found: _other(whole(found), found, value))
    return _pair(attribute, lambda found: _other(whole(found), found, value))


def _other(replaced: str, found: str, value: Replace) -> str:
    """Return what was replaced, or else the token for it."""
    return replaced if replaced != found else value(found)


def _name(written: str) -> str:
    """Return the name of an attribute in lower case, without the comma that joined it."""
    return written.lstrip(_BLANKS + ",").rstrip(_BLANKS).lower()


def is_place(text: str) -> bool:
    """Return whether a text looks like a Domain or a Path."""
    return any(place.fullmatch(text) for place in _PLACES.values())


def _is_kept(attribute: str) -> bool:
    """Return whether an attribute cannot be a part of a cookie: it is well-formed, or a word."""
    name, equals, content = attribute.partition("=")
    known, bare = _name(name), content.strip(_BLANKS)
    if known in _KNOWN_ATTRIBUTES:
        form = _PLACES.get(known) or _FORMS.get(known)
        return not bare or (form is not None and form.fullmatch(bare) is not None)
    return not equals and _WORDS.fullmatch(known) is not None


def _is_opaque_name(written: str) -> bool:
    """Return whether what stands where an attribute's name would is no name, but a value."""
    name = _name(written)
    return len(name) >= 12 and _DIGIT.search(name) is not None and name not in _KNOWN_ATTRIBUTES


_JOINED = re.compile(r",[ \t]*(?=[^=,;\s\"']+=)")
_JOINED_KEPT = re.compile(r"(?=,[ \t]*[^=,;\s\"']+=)")
_WORDS = re.compile(r"[a-z_-]{0,16}(?:(?:: ?|,? )[a-z_-]{1,16}){0,3}")
"""Words that stand where an attribute would: most likely a misspelt attribute."""

_DIGIT = re.compile(r"[0-9]")

_KNOWN_ATTRIBUTES = _FLAGS | frozenset(_FORMS) | frozenset(_PLACES) | OLD_ATTRIBUTES
