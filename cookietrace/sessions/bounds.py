"""Reads the layers of a value, each within a limit: Base64, zlib, JSON."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from typing import Any, Final

LONGEST: Final = 64 * 1024
"""The longest value that is looked at, in characters. Browsers keep 4096 bytes."""

MOST_INFLATED: Final = 256 * 1024
"""The most bytes that a compressed value may unpack to."""

DEEPEST: Final = 64
"""The most levels of lists and objects in JSON."""

MOST_DIGITS: Final = 400
"""The most digits of one number in JSON: to read more takes long."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class UnreadableError(Exception):
    """A layer is not what it should be, or is over a limit; ``str(error)`` is a sentence."""


def unbase64(text: str) -> bytes:
    """Return what URL-safe Base64, with or without padding, stands for.

    Raises ``UnreadableError``.
    """
    if not _BASE64URL.fullmatch(text):
        raise UnreadableError("Part of the value is not Base64.")
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError) as error:
        raise UnreadableError("Part of the value is not Base64.") from error


def inflate(data: bytes) -> bytes:
    """Return what zlib compressed, if it is not too much; raises ``UnreadableError``."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(data, MOST_INFLATED)
    except zlib.error as error:
        raise UnreadableError("The contents are marked as compressed, but are not.") from error
    if not inflater.eof:
        raise UnreadableError(
            f"The contents unpack to more than {MOST_INFLATED:,} bytes, or are cut off."
        )
    return plain


def from_json(data: bytes) -> Any:
    """Return JSON as plain values; raises ``UnreadableError``, also if it is too deep."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError("The contents are not JSON.") from error
    depth = deepest = 0
    for mark in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if mark in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise UnreadableError(f"The contents are nested more than {DEEPEST} levels deep.")
    try:
        return json.loads(text, parse_int=_whole, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("The contents are not JSON.") from error


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
