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

from cookietrace.leaks.layer import Change, Decode, Known, Layer, joined, substituted

_LONGEST_UNPACKED = 4 * 1024 * 1024
"""The most characters that one packed piece is unpacked to."""
_MOST_PACKED = 200
"""The most packed pieces that are unpacked in one text."""
_MOST_UNPACKED = 16 * 1024 * 1024
"""The most characters that they are unpacked to together."""

_LONGEST_BROTLI = 65_536
"""The most bytes of brotli that are unpacked: it has no mark, so most bytes are something else."""
_BROTLI_SLICE = 8
"""How many of them at once: they may stand for 16 MiB (RFC 7932, 9.2), which come at once."""

_NO_TAGS = "text without tags"
_JOINED = "joined lines or strings"

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
    *,
    again: int = 0,
    first: bool = False,
    last: tuple[str, ...] = (_NO_TAGS, _JOINED),
) -> Decode:
    """Return a decoder that replaces each match in a text that has one of the signs.

    It decodes a text once, and ``again`` as many times; if ``first``, before anything else; not
    after what is ``last``, since the other order finds as much.
    """
    compiled = re.compile(pattern, re.DOTALL)

    def changes(text: str) -> Iterator[Change]:
        for match in compiled.finditer(text):
            yield Change(match.start(), match.end(), decode(match))

    def decoder(layer: Layer, known: Known) -> Iterator[Layer | None]:
        if layer.steps and (first or layer.steps[-1] in last):
            return
        if again >= layer.steps.count(spelling) and any(each in layer.text for each in sign):
            yield substituted(layer, spelling, changes(layer.text), known.reach)

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


def _without_tags(layer: Layer, known: Known) -> Iterator[Layer | None]:
    if "<" in layer.text and not {_NO_TAGS, _JOINED}.intersection(layer.steps):
        yield substituted(layer, _NO_TAGS, _tags(layer.text), known.reach)


# --- runs

_HEX_NOISE = re.compile(r"0x|\\x|[^0-9a-fA-F]")
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\0\t\r\n"
_URL_ALPHABET = str.maketrans("-_", "+/")


def _is_readable(data: bytes) -> bool:
    return len(data.translate(None, _PRINTABLE)) * 10 <= len(data) * 4


def _runs(
    spelling: str, pattern: str, decode: Callable[[str], Iterator[bytes]], flags: int = 0
) -> Decode:
    """Return a decoder of runs that stand in a text; noise is kept apart from text."""
    compiled = re.compile(pattern, flags)

    def found(text: str, known: Known) -> Iterator[tuple[int, bytes]]:
        fresh: set[int] = set()
        for match in compiled.finditer(text):
            run = hash((spelling, match[0]))
            if run not in known.runs:
                fresh.add(run)
                for data in decode(match[0]):
                    yield match.start(), data
        known.runs |= fresh

    def decoder(layer: Layer, known: Known) -> Iterator[Layer | None]:
        readable: list[tuple[int, str]] = []
        noise: list[tuple[int, str]] = []
        packed = size = 0
        for start, data in found(layer.text, known):
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


def _hex(run: str) -> Iterator[bytes]:
    digits = _HEX_NOISE.sub("", run)
    for first in (0, 1):
        part = digits[first:]
        yield bytes.fromhex(part[: len(part) // 2 * 2])


def _base64(run: str) -> Iterator[bytes]:
    run = run.translate(_URL_ALPHABET)
    for first in range(4):
        part = run[first:]
        part = part[: len(part) - 1] if len(part) % 4 == 1 else part
        if len(part) >= 8:
            yield binascii.a2b_base64(part + "=" * (-len(part) % 4))


def _base32(run: str) -> Iterator[bytes]:
    run = run.upper()
    run = run[: len(run) - {1: 1, 3: 1, 6: 1}.get(len(run) % 8, 0)]
    yield base64.b32decode(run + "=" * (-len(run) % 8))


def _numbers(run: str) -> Iterator[bytes]:
    yield bytes(int(number) & 0xFF for number in run.split(","))


def _punycode(run: str) -> Iterator[bytes]:
    label = run[4:]
    yield label.rpartition("-")[0].encode("latin-1")
    try:
        yield label.encode("ascii").decode("punycode").encode("utf-8", "surrogatepass")
    except (UnicodeError, ValueError, OverflowError):
        return


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
    stream, content = brotli.Decompressor(), bytearray()
    for start in range(0, min(len(data), _LONGEST_BROTLI), _BROTLI_SLICE):
        content += stream.process(data[start : start + _BROTLI_SLICE])
        if len(content) > _LONGEST_UNPACKED:
            break
    return bytes(content[:_LONGEST_UNPACKED])


def _zstd(data: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(data) as reader:
        return reader.read(_LONGEST_UNPACKED)


def _packed(layer: Layer, known: Known) -> Iterator[Layer | None]:
    """Yield what is packed in a text that is bytes."""
    del known
    if layer.text.isascii() or layer.steps:
        return
    data = layer.text.encode("latin-1")
    guess = layer.outer is None and not _is_readable(data[:4096])
    runs = [(0, text) for text in _unpacked(data, guess=guess)]
    yield joined(layer, "packed bytes", runs)


# --- the table

_JOINS = (
    r"\r?\n(?:\r?\n)?(?:(?:id|event|retry):[^\r\n]{0,200}\r?\n)*(?:data:)?[ \t]*"
    "|\xc2\xad|\xe2\x80[\x8b-\x8f]|\xef\xbb\xbf|[\xad\x00\t]+"
    r"|(?P<quote>[\"'`])\s{0,8}[+,.]\s{0,8}(?P=quote)"
)

_ESCAPES = (_BACKSLASH, _PERCENT, _REFERENCE)

DECODERS: tuple[Decode, ...] = (
    _by_pattern("escapes", "%\\&", "|".join(_ESCAPES), again=3),
    _by_pattern("percent-encoding", "%", _PERCENT, first=True),
    _by_pattern("character references", "&", _REFERENCE, first=True),
    _by_pattern("backslash escapes", "\\%", _BACKSLASH, first=True),
    _by_pattern("UTF-16 or UTF-32", "\0", r"\x00+", lambda _: "", first=True),
    _without_tags,
    _by_pattern(_JOINED, "\n\0\t\xad\"'`\xe2\xef", _JOINS, lambda _: "", last=()),
    _by_pattern("joined chunks", "\r", r"(?:\r\n)?\b[0-9a-fA-F]{1,6}\r\n", lambda _: ""),
    _by_pattern("quoted-printable", "=", r"=(?P<hex>[0-9A-Fa-f]{2})|=(?P<soft>[ \t]{0,8}\r?\n)"),
    _by_pattern(
        "CSS escapes",
        "\\",
        r"\\(?P<css>[0-9A-Fa-f]{1,6})[ \t\r\n]?|\\(?P<other>[^0-9A-Fa-f])",
    ),
    _by_pattern("doubled quotes", '"', r'(?P<other>")"', first=True),
    _by_pattern("UTF-7", "+", r"\+([A-Za-z0-9+/]{3,})-?", _utf_7, first=True),
    _runs("hexadecimal", r"(?:(?:0x|\\x|%)?[0-9a-fA-F]{2}[:, -]{0,2}){6,}+[0-9a-fA-F]?", _hex),
    _runs("Base64", r"[A-Za-z0-9+/_-]{8,}", _base64),
    _runs("Base32", r"(?<![A-Za-z0-9])(?:[A-Z2-7]{10,}|[a-z2-7]{10,})", _base32),
    _runs("character numbers", r"\d{2,3}(?:, ?\d{2,3}){5,}", _numbers),
    _runs("punycode", r"xn--[a-z0-9-]{6,63}", _punycode, re.IGNORECASE),
    _packed,
)
"""Every kind of encoding, the usual ones first."""
