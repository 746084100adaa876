"""Finds secrets that are known by their form: tokens, credentials, passwords in URLs, cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){1,3}")
_CREDENTIAL = re.compile(r"\b(?:bearer|basic)(?:[ :+]|%20|\.)+([A-Za-z0-9._~+/=-]{8,})")
_PRIVATE_KEY = re.compile(r"PRIVATE KEY-----([^-]{16,20000})-----END")
_PASSWORD = re.compile(r"(?<=://)[^/?#@:\s\"'<>\\]{0,64}:([^/?#@\s\"'<>\\]{3,})(?=@)")
_COOKIES = re.compile(r"cookie[\"'\]]{0,2}\s{0,4}[:=]\s{0,4}\[?[\"'`]?(?=[\w.-]{1,64}=)")
_COOKIE = re.compile(r"[\w.-]{1,64}=([^;,\s\"'`<>\\]*)(?:;[ ]?(?=[\w.-]{1,64}=))?", re.ASCII)

_DIGITS = re.compile(r"[A-Za-z]\d+(?=[A-Za-z])|\d[A-Za-z]+(?=\d)|\d{12}")
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")


class Formed(NamedTuple):
    """Where a secret is."""

    start: int
    end: int
    name: str
    """The name that it would have."""


def formed(text: str, lower: str) -> Iterator[Formed]:
    """Yield the secrets in a text; ``lower`` is the text in lower case. The time is linear."""
    if "eyJ" in text:
        for match in _TOKEN.finditer(text):
            yield Formed(*match.span(), "jwt")
    if "bearer" in lower or "basic" in lower:
        for match in _CREDENTIAL.finditer(lower):
            if is_random(text[match.start(1) : match.end(1)], quoted=True):
                yield Formed(*match.span(1), "authorization")
    if "PRIVATE KEY-----" in text:
        for match in _PRIVATE_KEY.finditer(text):
            yield Formed(*match.span(1), "private key")
    if "@" in text and "://" in text:
        for match in _PASSWORD.finditer(text):
            yield Formed(*match.span(1), "password")
    if "cookie" in lower:
        for match in _COOKIES.finditer(lower):
            at = match.end()
            while pair := _COOKIE.match(text, at):
                if is_random(pair[1], quoted=True):
                    yield Formed(*pair.span(1), "cookie")
                if pair.end() == pair.end(1):
                    break
                at = pair.end()


def is_random(value: str, *, quoted: bool = False) -> bool:
    """Return whether a value is no word or name of a program, but most likely a secret."""
    for piece in _SEPARATORS.split(value):
        if len(piece) < 8 or piece.isdigit():
            continue
        groups = len(_DIGITS.findall(piece))
        if groups >= (1 if quoted else 2):
            return True
        if groups and len(piece) >= 16 and not (piece.islower() or piece.isupper()):
            return True
    return False
