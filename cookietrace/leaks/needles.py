"""What to look for: each secret, and the parts of it that mean something by themselves."""

from __future__ import annotations

import binascii
import json
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

SHORTEST = 6
"""The fewest characters of a secret, and of a part: less would be found everywhere."""

_DEPTH = 5
_MOST_PARTS = 300
"""The most parts of one secret."""
_LONGEST_SPLIT = 64 * 1024
"""Longer values are looked for as a whole only."""
_UNPACKED = 1024 * 1024

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_SPLIT = re.compile(r"--|[.:|&=,;\s~\"'{}\[\]]+")
_URL_ALPHABET = str.maketrans("-_", "+/")


class Needle(NamedTuple):
    """A text to look for, as latin-1 characters in lower case."""

    text: str
    secret: int
    """The index of the secret that it is, or is a part of."""
    whole: bool


def needles_of(secrets: list[str]) -> list[Needle]:
    """Return what to look for, without duplicates; a whole secret has priority over a part."""
    found: dict[str, Needle] = {}
    for index, secret in enumerate(secrets):
        for text in _spelled(secret):
            found.setdefault(text.lower(), Needle(text.lower(), index, whole=True))
    for index, secret in enumerate(secrets):
        for part in _parts(secret):
            for text in _spelled(part):
                if len(text) >= SHORTEST:
                    found.setdefault(text.lower(), Needle(text.lower(), index, whole=False))
    return list(found.values())


def _spelled(text: str) -> set[str]:
    """Return a text as UTF-8 and as latin-1, with spaces and with plus signs for them."""
    found = {text.encode("utf-8", "surrogateescape").decode("latin-1")}
    found.add(
        "".join(
            each if each < "\u0100" else each.encode("utf-8", "surrogateescape").decode("latin-1")
            for each in text
        )
    )
    return found | {each.replace(" ", "+") for each in found}


def _parts(secret: str) -> Iterator[str]:
    """Yield the parts of a secret, and those of its decoded forms."""
    if len(secret) > _LONGEST_SPLIT:
        return
    seen = {secret}
    fresh = [secret]
    for _ in range(_DEPTH):
        following: list[str] = []
        for text in fresh:
            for part in _below(text):
                if len(part) >= SHORTEST and part not in seen and len(seen) <= _MOST_PARTS:
                    seen.add(part)
                    following.append(part)
                    yield part
        fresh = following


def _below(text: str) -> Iterator[str]:
    """Yield the parts of a text, one level down."""
    if "%" in text:
        yield unquote_to_bytes(text).decode("latin-1")
    if "\\" in text:
        yield re.sub(r"\\(.)", r"\1", text)
    if members := list(_members(text)):
        yield from members
        return
    if _BASE64.fullmatch(text):
        yield from _decoded(text)
    pieces = [piece for piece in _SPLIT.split(text) if piece]
    if len(pieces) > 1 and text.isprintable():
        yield from pieces


def _decoded(text: str) -> Iterator[str]:
    """Yield what Base64 is, as it is and unpacked; what is no text only if it is long."""
    run = text.rstrip("=").translate(_URL_ALPHABET)
    if len(run) % 4 == 1:
        return
    data = binascii.a2b_base64(run + "=" * (-len(run) % 4))
    try:
        yield zlib.decompressobj(47).decompress(data, _UNPACKED).decode("latin-1")
        return
    except zlib.error:
        pass
    readable = data.decode("latin-1")
    if (readable.isprintable() and readable.isascii()) or len(data) >= 12:
        yield readable


def _members(text: str) -> Iterator[str]:
    """Yield the texts in JSON, at every level."""
    start = text[2:] if text.startswith(("j:", "s:")) else text
    if start[:1] not in "{[":
        return
    try:
        content = json.loads(start)
    except (ValueError, RecursionError):
        return
    fresh = [content]
    for _ in range(100_000):
        if not fresh:
            return
        value = fresh.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            fresh += value.values()
        elif isinstance(value, list):
            fresh += value
