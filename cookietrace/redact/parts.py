"""The parts of a cookie's value that mean something on their own.

A signed value has a payload and a signature, a token has claims, JSON has members. An app may show
any of them. What is found is bounded, whatever the value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from enum import Enum
from urllib.parse import unquote_to_bytes

from cookietrace.redact.packed import as_bytes, readable

SHORTEST = 6
"""Shorter parts are not looked for: they would be found everywhere."""

_MOST = 64
"""The most parts of one value."""

_DEPTH = 6
_LONGEST = 16 * 1024

_PREFIX = re.compile(
    r"(?:(?:Bearer|Basic|Token|JWT)[ +]+|[sj]:|v\d{1,3}[.:|$])(?=.)", re.IGNORECASE
)
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//|/")
_SIGNED = re.compile(r"[A-Za-z0-9+/=_.:|$-]+")
_PHP = re.compile(r's:\d{1,5}:"([^"]*)"')
_WORD = re.compile(r"[^\W\d_]+(?:[-_ .'][^\W\d_]+)*")
_NUMBER = re.compile(r"[0-9]+")
_PIECES = re.compile(r"--|[.:|$]")
_MEMBERS = re.compile(r"[&;|,\n]")
_BLANKS = " \t\r\n\"'"

_PLAIN = frozenset(
    (
        *("anonymous", "boolean", "button", "charset", "cookie", "cookies", "default", "disabled"),
        *("document", "enabled", "function", "hidden", "import", "number", "object", "option"),
        *("password", "private", "public", "return", "script", "secure", "session", "strict"),
        *("string", "submit", "switch", "undefined", "window"),
    )
)
"""Words of any page, which no one needs to hide."""


class Kind(Enum):
    """Where a part is looked for."""

    ANYWHERE = "anywhere"
    WORD = "word"
    """Only where no letter, digit, hyphen or underscore touches it."""
    NUMBER = "number"
    """Only where no digit touches it."""


def parts(value: str) -> dict[str, Kind]:
    """Return the parts of a value that are worth hiding, without the value itself.

    Each has at least six characters. Names of members are no parts, and addresses neither.
    """
    found: dict[str, Kind] = {}
    seen = {value}
    fresh = [value[:_LONGEST]]
    for _ in range(_DEPTH):
        following: list[str] = []
        for text in fresh:
            for rule in _BARE_RULES if _BARE.fullmatch(text) else _RULES:
                for part, counts in rule(text):
                    if part in seen or len(part) < SHORTEST or len(seen) > _MOST:
                        continue
                    seen.add(part)
                    following.append(part)
                    if counts and (kind := _kind(part)) is not None:
                        found[part] = kind
        fresh = following
    return found


def _kind(part: str) -> Kind | None:
    """Return where a part is looked for; None if it is no secret."""
    if _NUMBER.fullmatch(part):
        return Kind.NUMBER
    if _is_word(part):
        return None if part.lower() in _PLAIN else Kind.WORD
    if _URL.match(part) and not any(len(each) >= 24 for each in re.split(r"\W", part)):
        return None
    return Kind.ANYWHERE


def _is_word(part: str) -> bool:
    """Return whether a part is made of words, with nothing like a random letter."""
    if not _WORD.fullmatch(part):
        return False
    words = re.split(r"[-_ .']", part)
    return all(word[1:].islower() or word.isupper() or len(word) == 1 for word in words)


Found = Iterator[tuple[str, bool]]
"""Texts to look into, and whether they count as parts."""


def _readings(text: str) -> Found:
    """Undo percent-encoding and quotes."""
    if "%" in text and text.isascii():
        yield unquote_to_bytes(text).decode("latin-1"), False
    if len(text) > 2 and text[0] == text[-1] == '"':
        yield re.sub(r"\\(.)", r"\1", text[1:-1]), False


def _prefixed(text: str) -> Found:
    """Take off ``Bearer``, ``s:``, ``v1.`` and the like."""
    match = _PREFIX.match(text)
    if match is not None:
        yield text[match.end() :], True


def _json(text: str) -> Found:
    """Take the members of JSON, but not their names."""
    if text.lstrip()[:1] not in ("{", "["):
        return
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = re.findall(r':\s*"((?:[^"\\]|\\.)*+)"', text)
    todo = [content]
    while todo:
        member = todo.pop()
        if isinstance(member, dict):
            todo += member.values()
        elif isinstance(member, list):
            todo += member
        elif isinstance(member, str):
            yield member, True
        elif isinstance(member, int | float) and not isinstance(member, bool):
            yield str(member), True


def _php(text: str) -> Found:
    """Take the strings of a serialised PHP value."""
    for match in _PHP.finditer(text):
        yield match[1], True


def _signed(text: str) -> Found:
    """Take the payload and the signature, which are encoded: no words with dots between them."""
    if not _SIGNED.fullmatch(text):
        return
    pieces = _PIECES.split(text)
    if len(pieces) < 2 or not any(_is_opaque(piece, 16) for piece in pieces):
        if any(_is_opaque(piece, 8) and piece.isdigit() for piece in pieces):
            yield from ((piece, True) for piece in pieces if len(piece) >= 8 and piece.isdigit())
        return
    for mark in ("--", ":", "."):
        before, found, after = text.rpartition(mark)
        if found:
            yield before.lstrip(".") if mark != "." else before, True
            yield after, True
    for piece in pieces:
        if _is_opaque(piece, SHORTEST):
            yield piece, True
    first = text.split(":", 1)[0] if ":" in text else text
    if first.startswith("."):
        yield first, True


def _is_opaque(piece: str, length: int) -> bool:
    """Return whether a piece is no word: it has digits, or letters of both cases."""
    bare = piece.rstrip("=")
    return len(bare) >= length and not _is_word(bare)


def _members(text: str) -> Found:
    """Take the members of what looks like a query, or of a list of pairs."""
    if text[:1] in ("{", "["):
        return
    query = text.partition("?")[2] if _URL.match(text) else text
    pieces = _MEMBERS.split(query)
    if len(pieces) == 1 and not re.match(r"[A-Za-z0-9_.\[\]-]{1,40}=[^=]", query):
        return
    for piece in pieces:
        name, equals, value = piece.partition("=")
        if not equals and re.match(r"\w{1,40}:", piece):
            name, equals, value = piece.partition(":")
        yield (value if equals else name).strip(_BLANKS), True


def _encoded(text: str) -> Found:
    """Decode Base64 and hexadecimal."""
    packed = text[1:] if text.startswith(".") else text
    data = as_bytes(packed)
    if data and (content := readable(data)):
        yield content.strip("\0"), True


_RULES: tuple[Callable[[str], Found], ...] = (
    _readings, _prefixed, _json, _php, _signed, _members, _encoded,
)  # fmt: skip

_BARE = re.compile(rf"[A-Za-z0-9]{{0,{_LONGEST - 1}}}")
_BARE_RULES = (_encoded,)
"""The rules that may find something in a text of letters and digits."""
