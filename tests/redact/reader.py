"""Reads an output as a determined reader would: decodes all that can be decoded, in any order.

This shares nothing with the code that redacts.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import json
import quopri
import re
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import unquote

import brotli  # type: ignore[import-untyped]
import zstandard

_MARK = re.compile(r"zq(\d{3})[ke]", re.IGNORECASE)
_DEPTH = 4
_MOST = 400
"""The number of readings of one string that are looked at."""

_ESCAPE = re.compile(
    r"\\u\{([0-9a-fA-F]{1,8})\}|\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\x([0-9a-fA-F]{2})"
    r"|\\([0-7]{2,3})|\\N\{([A-Z ]+)\}|\\(\n)|\\(.)|%u([0-9a-fA-F]{4})"
)
_TAG = re.compile(
    r"<!--.*?-->|<(script|style)\b.*?</\1>|<!\[CDATA\[|\]\]>"
    r"|<[/!?a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL,
)
_HEX = re.compile(r"(?:(?:0x|\\x|%)?[0-9a-fA-F]{2}[:, -]{0,2}){5,}[0-9a-fA-F]{2}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_BASE32 = re.compile(r"[A-Z2-7]{10,}|[a-z2-7]{10,}")
_NUMBERS = re.compile(r"\d{2,3}(?:, ?\d{2,3}){5,}")
_SCRIPT = re.compile(r'^<script type="application/json"[^>]*>(.*)</script>$')
_UTF_7 = re.compile(r"\+[A-Za-z0-9+/]+-?")


def survivors(text: str) -> set[int]:
    """Return the numbers of the rows of which a mark can be read in a text."""
    found: set[int] = set()
    for line in _lines(text):
        found |= _read(line)
    return found


def _lines(text: str) -> Iterator[str]:
    """Yield a text's lines, the strings in them if they are JSON, and all of it without tags."""
    for line in text.splitlines():
        line = _SCRIPT.sub(r"\1", line).rstrip(",")
        if line[:1] in "{[" and (strings := _json(line)) is not None:
            yield from strings
        else:
            yield line
    yield from _strings_of(text)


def _strings_of(text: str) -> Iterator[str]:
    strings = _json(text)
    if strings is not None:
        yield from strings


def _json(text: str) -> list[str] | None:
    try:
        return list(strings(json.loads(text)))
    except ValueError:
        return None


def strings(value: object) -> Iterator[str]:
    """Yield every string in decoded JSON, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, content in value.items():
            yield name
            yield from strings(content)
    elif isinstance(value, list):
        for content in value:
            yield from strings(content)


@cache
def _read(text: str) -> frozenset[int]:
    """Return the rows of which a mark can be read in one string."""
    found: set[int] = set()
    seen = {text}
    fresh = [text]
    for _ in range(_DEPTH + 1):
        for each in fresh:
            found.update(int(mark[1]) for mark in _MARK.finditer(each))
        following: list[str] = []
        for each in fresh:
            for decode in _DECODERS:
                for other in decode(each):
                    if len(other) >= 6 and other not in seen and len(seen) < _MOST:
                        seen.add(other)
                        following.append(other)
        fresh = following
    return frozenset(found)


def _html(text: str) -> Iterator[str]:
    if "&" in text:
        yield html.unescape(text)


def _percent(text: str) -> Iterator[str]:
    if "%" in text:
        yield unquote(text, "latin-1")


def _backslashes(text: str) -> Iterator[str]:
    if "\\" in text or "%u" in text:
        yield _ESCAPE.sub(_escaped, text)
        yield re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda found: _chr(int(found[1], 16)), text)


def _escaped(match: re.Match[str]) -> str:
    if match[5]:
        return chr(int(match[5], 8) & 0xFF)
    if match[6]:
        return "_" if match[6] == "LOW LINE" else match[0]
    if match[7]:
        return ""
    if match[8]:
        return {"n": "\n", "r": "\r", "t": "\t"}.get(match[8], match[8])
    return _chr(int(match[1] or match[2] or match[3] or match[4] or match[9], 16))


def _chr(number: int) -> str:
    return chr(number) if number <= 0x10FFFF else "?"


def _tags(text: str) -> Iterator[str]:
    if "<" in text:
        yield _TAG.sub("", text)
        yield re.sub(r"<head>.*?</head>|<[^<>]*>", "", text)


def _joins(text: str) -> Iterator[str]:
    if "\n" in text or "\r" in text:
        yield re.sub(r"\r?\n(?:\r?\n)?(?:(?:id|event):.*\r?\n)*(?:data:)? ?", "", text)
        yield re.sub(r"(?:\r?\n)?\b[0-9a-f]+\r\n", "", text)
        yield re.sub(r"\s+", "", text)
    if "\0" in text:
        yield text.replace("\0", "")
    if not text.isascii() or "\t" in text:
        yield re.sub("[\xad\u200b-\u200d\ufeff\t]", "", text)
    if "\\t" in text or "\\n" in text or "\\x" in text or "\\u" in text:
        yield re.sub(r"\\[tnr]|\\xad|\\u200b|\\x00", "", text)
    if "'" in text or '"' in text:
        yield re.sub(r"""(["'])\s*[+,]\s*\1""", "", text)


def _quoted_printable(text: str) -> Iterator[str]:
    if "=" in text and text.isascii():
        yield quopri.decodestring(text.encode()).decode("latin-1")


def _hex(text: str) -> Iterator[str]:
    for match in _HEX.finditer(text):
        digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", match[0])
        for start in (0, 1):
            part = digits[start:]
            yield from _bytes(bytes.fromhex(part[: len(part) // 2 * 2]))


def _base64(text: str) -> Iterator[str]:
    for match in _BASE64.finditer(text):
        run = match[0].replace("-", "+").replace("_", "/")
        after = [at + 1 for at, character in enumerate(run) if character == "/"]
        for start in {0, 1, 2, 3, *after[:20]}:
            part = run[start:]
            part = part[: len(part) - 1] if len(part) % 4 == 1 else part
            yield from _bytes(base64.b64decode(part + "=" * (-len(part) % 4)))


def _base32(text: str) -> Iterator[str]:
    for match in _BASE32.finditer(text):
        run = match[0].upper()
        run = run[: len(run) - {1: 1, 3: 1, 6: 1}.get(len(run) % 8, 0)]
        try:
            yield from _bytes(base64.b32decode(run + "=" * (-len(run) % 8)))
        except binascii.Error:
            continue


def _numbers(text: str) -> Iterator[str]:
    for match in _NUMBERS.finditer(text):
        yield "".join(chr(int(number)) for number in match[0].split(","))


def _utf_7(text: str) -> Iterator[str]:
    if "+" in text:
        yield _UTF_7.sub(_utf_7_run, text)


def _utf_7_run(match: re.Match[str]) -> str:
    run = match[0].strip("+-")
    run = run[: len(run) - 1] if len(run) % 4 == 1 else run
    try:
        return base64.b64decode(run + "=" * (-len(run) % 4)).decode("utf-16-be", "replace")
    except binascii.Error:
        return match[0]


def _punycode(text: str) -> Iterator[str]:
    for match in re.finditer(r"xn--([a-z0-9-]+)", text, re.IGNORECASE):
        try:
            yield codecs.decode(match[1].encode(), "punycode")
        except (UnicodeError, ValueError):
            continue


def _packed(text: str) -> Iterator[str]:
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        return
    for start in {0, *(match.start() for match in re.finditer(rb"\x1f\x8b\x08", data))}:
        yield from _unpacked(data[start:])


def _bytes(data: bytes) -> Iterator[str]:
    text = data.decode("latin-1")
    readable = sum(1 for each in text if " " <= each <= "~" or each in "\0\r\n\t")
    if readable * 10 >= len(text) * 6 or _MARK.search(text):
        yield text
    yield from _unpacked(data)


def _unpacked(data: bytes) -> Iterator[str]:
    attempts: tuple[Callable[[bytes], bytes], ...] = (
        lambda data: zlib.decompressobj(47).decompress(data, 100_000),
        lambda data: zlib.decompressobj(-15).decompress(data, 100_000),
        lambda data: bytes(brotli.Decompressor().process(data[:20_000])),
        lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data[:20_000]),
    )
    if len(data) < 8 or data.isascii():
        return
    for attempt in attempts:
        try:
            unpacked = attempt(data)
        except (zlib.error, brotli.error, zstandard.ZstdError):
            continue
        if len(unpacked) >= 6:
            yield unpacked.decode("latin-1")


_DECODERS: tuple[Callable[[str], Iterator[str]], ...] = (
    _html, _percent, _backslashes, _tags, _joins, _quoted_printable, _hex, _base64, _base32,
    _numbers, _utf_7, _punycode, _packed,
)  # fmt: skip
