"""The encodings in which a secret may stand in a file: one row of a table for each kind."""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator

import brotli  # type: ignore[import-untyped]
import zstandard

from cookietrace.leaks.layer import Change, Decode, Layer, joined, substituted

_LONGEST_UNPACKED = 4 * 1024 * 1024
"""The most characters that one packed piece is unpacked to."""
_MOST_PACKED = 200
"""The most packed pieces that are unpacked in one text."""
_MOST_UNPACKED = 16 * 1024 * 1024
"""The most characters that they are unpacked to together."""

_PERCENT = r"%(?P<percent>[0-9A-Fa-f]{2})"
_BACKSLASH = (
    r"\\u\{0*(?P<braces>[0-9A-Fa-f]{1,6})\}|(?:\\u|%u)(?P<four>[0-9A-Fa-f]{4})"
    r"|\\U(?P<eight>[0-9A-Fa-f]{8})|\\x(?P<two>[0-9A-Fa-f]{2})|\\(?P<octal>[0-3]?[0-7]{1,2})"
    r"|\\N\{(?P<named>[A-Z][A-Z -]{1,60})\}|\\(?P<continued>\r?\n)|\\(?P<other>.)"
)
_REFERENCE = (
    r"&\#0*(?P<decimal>[0-9]{1,7});?|&\#[xX]0*(?P<hex>[0-9A-Fa-f]{1,6});?"
    r"|(?P<reference>&[A-Za-z][A-Za-z0-9]{1,31};?)"
)
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _character(number: int) -> str:
    """Return a character as latin-1 if it is in there, and otherwise as the bytes of UTF-8."""
    if number < 0x100:
        return chr(number)
    return chr(min(number, 0x10FFFF)).encode("utf-8", "surrogatepass").decode("latin-1")


def _bytes(text: str) -> str:
    return "".join(each if each < "\u0100" else _character(ord(each)) for each in text)


def _unescaped(match: re.Match[str]) -> str:
    kind, found = match.lastgroup, match[match.lastgroup or 0]
    if kind in ("percent", "braces", "four", "eight", "two", "hex", "css"):
        return _character(int(found, 16))
    if kind == "octal":
        return chr(int(found, 8))
    if kind == "decimal":
        return _character(int(found))
    if kind == "reference":
        return _bytes(html.unescape(found))
    if kind == "named":
        try:
            return _bytes(unicodedata.lookup(found))
        except KeyError:
            return match[0]
    return _CONTROLS.get(found, found) if kind == "other" else ""


def _by_pattern(
    spelling: str,
    sign: str,
    pattern: str,
    decode: Callable[[re.Match[str]], str] = _unescaped,
) -> Decode:
    """Return a decoder that replaces each match in a text that has one of the signs."""
    compiled = re.compile(pattern, re.DOTALL)

    def changes(text: str) -> Iterator[Change]:
        for match in compiled.finditer(text):
            yield Change(match.start(), match.end(), decode(match))

    def decoder(layer: Layer, reach: int) -> Iterator[Layer | None]:
        if any(each in layer.text for each in sign):
            yield substituted(layer, spelling, changes(layer.text), reach)

    return decoder


# --- tags

_TAG = re.compile(
    r"<!--|<(?P<raw>script|style)\b|<!\[CDATA\[|\]\]>"
    r"|<[/!?A-Za-z](?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>",
    re.IGNORECASE,
)


def _tags(text: str) -> Iterator[Change]:
    """Yield the tags and comments, and scripts and styles with what is in them."""
    lower = ""
    missing: set[str] = set()
    end = 0
    for match in _TAG.finditer(text):
        start = match.start()
        if start < end:
            continue
        closing = (
            "-->" if match[0] == "<!--" else f"</{match['raw'].lower()}" if match["raw"] else ""
        )
        end = match.end()
        if closing and closing not in missing:
            lower = lower or text.lower()
            found = lower.find(closing, end)
            if found < 0:
                missing.add(closing)
            else:
                end = found + len(closing)
                end = text.find(">", end) + 1 if match["raw"] else end
        yield Change(start, max(end, match.end()), "")


def _without_tags(layer: Layer, reach: int) -> Iterator[Layer | None]:
    if "<" in layer.text:
        yield substituted(layer, "text without tags", _tags(layer.text), reach)


# --- runs

_HEX = re.compile(r"(?:(?:0x|\\x|%)?[0-9a-fA-F]{2}[:, -]{0,2}){5,}[0-9a-fA-F]{2}")
_HEX_NOISE = re.compile(r"0x|\\x|[^0-9a-fA-F]")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_BASE32 = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z2-7]{10,}|[a-z2-7]{10,})")
_NUMBERS = re.compile(r"\d{2,3}(?:, ?\d{2,3}){5,}")
_PUNYCODE = re.compile(r"xn--([a-z0-9-]{6,63})", re.IGNORECASE)
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\0\t\r\n"
_URL_ALPHABET = str.maketrans("-_", "+/")


def _is_readable(data: bytes) -> bool:
    return len(data.translate(None, _PRINTABLE)) * 10 <= len(data) * 4


def _runs(spelling: str, decode: Callable[[str], Iterator[tuple[int, bytes]]]) -> Decode:
    """Return a decoder of runs that stand in a text; noise is kept apart from text."""

    def decoder(layer: Layer, reach: int) -> Iterator[Layer | None]:
        del reach
        readable: list[tuple[int, str]] = []
        noise: list[tuple[int, str]] = []
        packed = size = 0
        for start, data in decode(layer.text):
            text = data.decode("latin-1")
            if _is_readable(data):
                readable.append((start, text))
                continue
            noise.append((start, text))
            if packed < _MOST_PACKED and size < _MOST_UNPACKED:
                for unpacked in _unpacked(data, guess=len(data) >= 24):
                    packed += 1
                    size += len(unpacked)
                    readable.append((start, unpacked))
        yield joined(layer, spelling, readable)
        yield joined(layer, spelling, noise, leaf=True)

    return decoder


def _hex(text: str) -> Iterator[tuple[int, bytes]]:
    for match in _HEX.finditer(text):
        digits = _HEX_NOISE.sub("", match[0])
        for first in (0, 1):
            part = digits[first:]
            yield match.start(), bytes.fromhex(part[: len(part) // 2 * 2])


def _base64(text: str) -> Iterator[tuple[int, bytes]]:
    for match in _BASE64.finditer(text):
        run = match[0].translate(_URL_ALPHABET)
        for first in range(4):
            part = run[first:]
            part = part[: len(part) - 1] if len(part) % 4 == 1 else part
            if len(part) >= 8:
                yield match.start(), binascii.a2b_base64(part + "=" * (-len(part) % 4))


def _base32(text: str) -> Iterator[tuple[int, bytes]]:
    for match in _BASE32.finditer(text):
        run = match[0].upper()
        run = run[: len(run) - {1: 1, 3: 1, 6: 1}.get(len(run) % 8, 0)]
        yield match.start(), base64.b32decode(run + "=" * (-len(run) % 8))


def _numbers(text: str) -> Iterator[tuple[int, bytes]]:
    for match in _NUMBERS.finditer(text):
        yield match.start(), bytes(int(number) & 0xFF for number in match[0].split(","))


def _punycode(text: str) -> Iterator[tuple[int, bytes]]:
    for match in _PUNYCODE.finditer(text):
        label = match[1]
        yield match.start(), label.rpartition("-")[0].encode("latin-1")
        try:
            yield match.start(), label.encode("ascii").decode("punycode").encode()
        except (UnicodeError, ValueError, OverflowError):
            continue


def _utf_7(match: re.Match[str]) -> str:
    run = match[1]
    run = run[: len(run) - 1] if len(run) % 4 == 1 else run
    return _bytes(binascii.a2b_base64(run + "=" * (-len(run) % 4)).decode("utf-16-be", "replace"))


# --- packed bytes

_MAGIC = re.compile(rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd")


def _unpacked(data: bytes, *, guess: bool) -> Iterator[str]:
    """Yield what bytes are once unpacked; ``guess`` tries what has no mark at its start too."""
    starts = {match.start() for match in _MAGIC.finditer(data[:1_000_000])}
    if data[:1] == b"\x78" and len(data) > 1 and int.from_bytes(data[:2], "big") % 31 == 0:
        starts.add(0)
    size = 0
    for start in sorted(starts)[:_MOST_PACKED]:
        for unpacked in _attempt(_inflate if data[start] != 0x28 else _zstd, data[start:]):
            size += len(unpacked)
            yield unpacked
        if size > _MOST_UNPACKED:
            return
    if guess and not starts:
        yield from _attempt(_raw_deflate, data)
        yield from _attempt(_brotli, data)


def _attempt(unpack: Callable[[bytes], bytes], data: bytes) -> Iterator[str]:
    try:
        unpacked = unpack(data)
    except (zlib.error, brotli.error, zstandard.ZstdError):
        return
    if len(unpacked) >= 6:
        yield unpacked.decode("latin-1")


def _inflate(data: bytes) -> bytes:
    return zlib.decompressobj(47).decompress(data, _LONGEST_UNPACKED)


def _raw_deflate(data: bytes) -> bytes:
    return zlib.decompressobj(-15).decompress(data, _LONGEST_UNPACKED)


def _brotli(data: bytes) -> bytes:
    return bytes(brotli.Decompressor().process(data[:65_536]))[:_LONGEST_UNPACKED]


def _zstd(data: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(data) as reader:
        return reader.read(_LONGEST_UNPACKED)


def _packed(layer: Layer, reach: int) -> Iterator[Layer | None]:
    """Yield what is packed in a text that is bytes."""
    del reach
    if layer.text.isascii():
        return
    data = layer.text.encode("latin-1")
    guess = layer.outer is None and not _is_readable(data[:4096])
    runs = [(0, text) for text in _unpacked(data, guess=guess)]
    yield joined(layer, "packed bytes", runs)


# --- the table

_JOINS = (
    r"\r?\n(?:\r?\n)?(?:(?:id|event|retry):[^\r\n]{0,200}\r?\n)*(?:data:)?[ \t]*"
    "|\xc2\xad|\xe2\x80[\x8b-\x8f]|\xef\xbb\xbf|[\xad\x00\t]"
    r"|(?P<quote>[\"'`])\s{0,8}[+,.]\s{0,8}(?P=quote)"
)

_ESCAPES = (_BACKSLASH, _PERCENT, _REFERENCE)

DECODERS: tuple[Decode, ...] = (
    _by_pattern("escapes", "%\\&", "|".join(_ESCAPES)),
    _by_pattern("percent-encoding", "%", _PERCENT),
    _by_pattern("character references", "&", _REFERENCE),
    _by_pattern("backslash escapes", "\\%", _BACKSLASH),
    _without_tags,
    _by_pattern("joined lines or strings", "\n\0\t\xad\"'`\xe2\xef", _JOINS, lambda _: ""),
    _by_pattern("joined chunks", "\r", r"(?:\r\n)?\b[0-9a-fA-F]{1,6}\r\n", lambda _: ""),
    _by_pattern(
        "quoted-printable",
        "=",
        r"=(?P<hex>[0-9A-Fa-f]{2})|=(?P<soft>[ \t]{0,8}\r?\n)",
    ),
    _by_pattern(
        "CSS escapes", "\\", r"\\(?P<css>[0-9A-Fa-f]{1,6})[ \t\r\n]?|\\(?P<other>[^0-9A-Fa-f])"
    ),
    _by_pattern("doubled quotes", '"', r'(?P<other>")"'),
    _by_pattern("UTF-7", "+", r"\+([A-Za-z0-9+/]{3,})-?", _utf_7),
    _runs("hexadecimal", _hex),
    _runs("Base64", _base64),
    _runs("Base32", _base32),
    _runs("character numbers", _numbers),
    _runs("punycode", _punycode),
    _packed,
)
"""Every kind of encoding, the usual ones first."""
