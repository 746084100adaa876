"""Finds what stands for other text as a whole: Base64, Base32, hexadecimal, compressed bytes."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache

import brotli  # type: ignore[import-untyped]
import zstandard

from cookietrace.redact.layer import Unit, Units

_MOST = 1024 * 1024
"""How many bytes of compressed data are unpacked at most."""

_ATTEMPTS = 16
"""How many places in one text are unpacked at most."""

_ZSTD_SLICE = 256
_BROTLI_SLICE = 8
"""How many bytes are unpacked at once: all that they stand for comes at once as well, for four of
zstd up to 128 KiB (RFC 8878, 3.1.1.2), for a few of brotli up to 16 MiB (RFC 7932, 9.2)."""

_SHORT = 100

_RUN = re.compile(
    r"[A-Za-z0-9+/_-]{10,}+"
    r"(?:={0,2}[ \t]?\r?\n[ \t]?[A-Za-z0-9+/]{2,}+(?![A-Za-z0-9 .,:;_-]))*+={0,2}"
)
_LEAST = b"a" * 10
_MARKS = bytes(ord("a" if re.match(r"[A-Za-z0-9+/_-]", chr(code)) else " ") for code in range(256))
"""An ``a`` for each byte that may be a part of a run."""
_WORDS = re.compile(r"[a-z/_-]+")
"""Most long runs, and the encoding of next to nothing."""
_HEX_PAIRS = re.compile(
    r"[0-9A-Fa-f][0-9A-Fa-f](?:[0-9A-Fa-f]{2})?"
    r"(?:[:, \-\\][ x]?(?:0x)?[0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2})?){4,}"
)
_NUMBERS = re.compile(r"[0-9][0-9]{1,2}(?:, ?[0-9]{2,3}){5,}")
_SEPARATORS = re.compile(r"0x|[^0-9A-Fa-f]")
_HEX = re.compile(r"[0-9A-Fa-f]{12,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+")
_BASE32 = re.compile(r"[A-Z2-7]{10,}+|[a-z2-7]{10,}+")
_BLANKS = re.compile(r"[\s=]+")
_TO_STANDARD = str.maketrans("-_", "+/")
_READABLE = bytes((*range(0x20, 0x7F), *b"\0\t\r\n"))
_BEGINNINGS = re.compile(rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|\x78[\x01\x5e\x9c\xda]")
_LAST = {1: 1, 3: 1, 6: 1}
"""How many characters of Base32 encode nothing, by what is left after groups of eight."""


def units(text: str) -> Units | None:
    """Return what the encoded runs of a text stand for; None if there are none.

    Only what is readable once it is decoded counts. Takes time linear in the text's length.
    """
    found = list(_runs(text))
    found += [
        Unit(*match.span(), content)
        for match in _HEX_PAIRS.finditer(text)
        for content, *_ in dict.fromkeys(_from_hex(_SEPARATORS.sub("", match[0])))
    ]
    found += [
        Unit(*match.span(), content)
        for match in _NUMBERS.finditer(text)
        for content in _readings(_from_numbers(match[0]))
    ]
    return Units(found) if found else None


def runs(text: str) -> Units | None:
    """Return what the runs of Base64, Base32 and hexadecimal digits in a text stand for."""
    found = list(_runs(text))
    return Units(found) if found else None


def _runs(text: str) -> Iterator[Unit]:
    for match in _matches(text):
        run = match[0]
        contents = _remembered(run) if len(run) <= _SHORT else dict.fromkeys(_decoded(run))
        for content, first, bits in contents:
            yield Unit(*match.span(), content, first, bits)


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Yield what ``_RUN`` matches; what is too short for it costs next to nothing."""
    marks = text.encode("latin-1", "replace").translate(_MARKS)
    at = marks.find(_LEAST)
    while at >= 0:
        match = _RUN.match(text, at)
        if match is not None:
            yield match
            at = match.end()
        else:
            at += 1
        at = marks.find(_LEAST, at)


@lru_cache(maxsize=16 * 1024)
def _remembered(run: str) -> tuple[_Reading, ...]:
    """Return each reading of a run. Most runs are words of a program, met again and again."""
    return tuple(dict.fromkeys(_decoded(run)))


def unpacked(text: str) -> Units | None:
    """Return what the compressed bytes in a text (bytes as latin-1) stand for, if there are any.

    Compressed data may begin with a known mark anywhere, or without one where the text does.
    """
    if text.isascii():
        return None
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        return None
    found = [Unit(start, len(text), content) for start, content in _unpacked(data)]
    return Units(found) if found else None


@lru_cache(maxsize=64)
def as_bytes(value: str) -> bytes:
    """Return the bytes that a value in hexadecimal or Base64 stands for; empty if it is neither."""
    bare = value.rstrip("=")
    if _HEX.fullmatch(bare) and len(bare) % 2 == 0:
        return bytes.fromhex(bare)
    if len(bare) >= 16 and _BASE64.fullmatch(bare):
        return _from_base64(bare)
    return b""


@lru_cache(maxsize=64)
def readable(data: bytes) -> str:
    """Return bytes as text, unpacked if they are compressed; empty if they are no text."""
    if _BEGINNINGS.match(data):
        for _, content in _unpacked(data):
            return content
    if len(data) < 4 or len(data.translate(None, _READABLE)) * 4 > len(data):
        return ""
    return data.decode("latin-1")


_Reading = tuple[str, int, int]
"""A text, where in its run it begins, and how many bits of it one character of the run encodes.

If they are not in step (the run has line breaks, or is compressed), both numbers are 0.
"""


def _decoded(run: str) -> Iterator[_Reading]:
    """Yield each reading of a run that can be read."""
    if _WORDS.fullmatch(run):
        return
    bare = _BLANKS.sub("", run)
    found = _of_bare(run, bare)
    if run.startswith(bare):
        yield from found
    else:
        yield from ((text, 0, 0) for text, *_ in found)


def _of_bare(run: str, bare: str) -> Iterator[_Reading]:
    if _HEX.fullmatch(bare):
        yield from _from_hex(bare)
    elif "=" not in run[:-2]:
        for match in _HEX.finditer(run):
            yield from _from_hex(match[0], match.start())
        for match in _BASE32.finditer(bare):
            yield from _in_step(_from_base32(match[0].upper()), match.start(), 5)
    yield from _in_step(_from_base64(bare), 0, 6)
    for mark in ("/", "--", "_"):
        if mark in bare:
            first = 0
            for piece in bare.split(mark):
                if 10 <= len(piece) < len(bare):
                    yield from _in_step(_from_base64(piece), first, 6)
                first += len(piece) + len(mark)


def _in_step(data: bytes, first: int, bits: int) -> Iterator[_Reading]:
    for text in _readings(data):
        yield (text, 0, 0) if _BEGINNINGS.match(data) else (text, first, bits)


def _readings(data: bytes) -> Iterator[str]:
    text = readable(data)
    if text:
        yield text


def _from_hex(digits: str, first: int = 0) -> Iterator[_Reading]:
    """Yield what digits stand for; another digit may stand before them."""
    for start in (0, 1):
        end = len(digits) - (len(digits) - start) % 2
        yield from _in_step(bytes.fromhex(digits[start:end]), first + start, 4)


def _from_numbers(run: str) -> bytes:
    """Return what a list of character codes stands for."""
    numbers = [int(each) for each in run.split(",")]
    return bytes(numbers) if max(numbers) < 256 else b""


def _from_base64(run: str) -> bytes:
    run = run.translate(_TO_STANDARD)
    if len(run) % 4 == 1:
        run = run[:-1]
    try:
        return base64.b64decode(run + "=" * (-len(run) % 4))
    except binascii.Error:
        return b""


def _from_base32(run: str) -> bytes:
    run = run[: len(run) - _LAST.get(len(run) % 8, 0)]
    try:
        return base64.b32decode(run + "=" * (-len(run) % 8))
    except binascii.Error:
        return b""


def _unpacked(data: bytes) -> Iterator[tuple[int, str]]:
    """Yield the places of compressed data, and the data."""
    places = [match.start() for match in _BEGINNINGS.finditer(data)][:_ATTEMPTS]
    if 0 not in places and len(data.translate(None, _READABLE)) * 8 > len(data):
        places.insert(0, 0)
    for start in places:
        part = data[start:] if start else data
        for unpack in _UNPACKERS:
            try:
                content = unpack(part)
            except (zlib.error, brotli.error, zstandard.ZstdError):
                continue
            if len(content) >= 6:
                yield start, content.decode("latin-1")
                break


def _inflated(window: int) -> Callable[[bytes], bytes]:
    return lambda data: zlib.decompressobj(window).decompress(data, _MOST)


def _sliced(decode: Callable[[bytes], bytes], data: bytes, size: int) -> bytes:
    """Return what a decoder makes of data, up to the limit and the first damage."""
    content = bytearray()
    for at in range(0, len(data), size):
        try:
            content += decode(data[at : at + size])
        except (brotli.error, zstandard.ZstdError):
            break
        if len(content) > _MOST:
            break
    return bytes(content[:_MOST])


_UNPACKERS: tuple[Callable[[bytes], bytes], ...] = (
    _inflated(zlib.MAX_WBITS + 32),
    lambda data: _sliced(
        zstandard.ZstdDecompressor().decompressobj().decompress, data, _ZSTD_SLICE
    ),
    _inflated(-zlib.MAX_WBITS),
    lambda data: _sliced(brotli.Decompressor().process, data, _BROTLI_SLICE),
)
