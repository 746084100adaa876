"""Which format a value has: each one is asked in turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from cookietrace.sessions.bounds import LONGEST
from cookietrace.sessions.decoded import Decoded, Keys
from cookietrace.sessions.django_values import django_value
from cookietrace.sessions.itsdangerous_values import itsdangerous_value
from cookietrace.sessions.jwt_values import jwt_value

Reader = Callable[[str, Keys, str], "Decoded | None"]
"""Takes a value, the keys and the cookie's name."""

FORMATS: tuple[Reader, ...] = (
    lambda value, keys, _name: jwt_value(value, keys),
    lambda value, keys, _name: itsdangerous_value(value, keys),
    django_value,
)
"""Every format, the one that is recognised with most certainty first."""

_LEAD = re.compile(r"(Set-Cookie|Cookie|Authorization):\s*", re.IGNORECASE)
_SCHEME = re.compile(r"(?:Bearer|JWT|Token)\s+", re.IGNORECASE)
_NAMED = re.compile(r"([^\s=;,\"]{1,256})=(.*)", re.DOTALL)

_NO_KEYS = Keys()


def decode(value: str, keys: Keys = _NO_KEYS, name: str = "") -> Decoded | None:
    """Return what a cookie's value holds, None if it is in no format that is known.

    ``name`` is the cookie's, empty if it is not known. Never raises, whatever the value is.
    """
    if not 16 <= len(value) <= LONGEST:
        return None
    for text in _readings(value):
        for reader in FORMATS:
            found = reader(text, keys, name)
            if found is not None:
                return found
    return None


def values_in(text: str) -> list[tuple[str, str]]:
    """Return names and values in what a user pasted: a value, a pair, or a header line.

    There is at least one. A name is empty if there is none. Of a Set-Cookie header, only the
    cookie counts; of anything else, each pair.
    """
    text = text.strip()
    lead = _LEAD.match(text)
    bare = _SCHEME.sub("", text[lead.end() :] if lead is not None else text, count=1)
    if decode(bare) is not None:
        return [("", bare)]
    if _NAMED.fullmatch(bare) is None:
        return [("", bare)]
    only_first = lead is not None and lead[1].lower() == "set-cookie"
    parts = bare.split(";", 1)[:1] if only_first else bare.split(";")
    matches = (_NAMED.fullmatch(part.strip()) for part in parts)
    return [(match[1], match[2].strip()) for match in matches if match is not None]


def _readings(value: str) -> Iterator[str]:
    """Yield a value as it is, and without quotes, scheme and percent-encoding."""
    yield value
    plain = value
    if len(plain) > 2 and plain[0] == plain[-1] == '"':
        plain = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8) & 0xFF), plain[1:-1])
        plain = re.sub(r"\\(.)", r"\1", plain)
    plain = _SCHEME.sub("", plain, count=1)
    if "%" in plain:
        plain = unquote(plain, errors="replace")
    if plain != value:
        yield plain
