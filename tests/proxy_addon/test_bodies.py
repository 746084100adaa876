"""The preview of a body: decoded, bounded, and text if it is text."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable
from itertools import product

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import http

from cookietrace.events import Body, decode, encode
from proxy_addon.flows.bodies import DECODED_AT_MOST, DEFAULT_LIMIT, Preview, body_of
from proxy_addon.flows.convert import first_header
from proxy_addon.flows.decoding import decoder_for
from proxy_addon.flows.headers import ParsedHeaders

HTML = "<p>Gr\u00fc\u00dfe \u2713</p>"


def make_headers(content_type: bytes | None, coding: bytes | None = None) -> http.Headers:
    """Return the headers that matter for a body."""
    headers = http.Headers()
    if content_type is not None:
        headers.fields += ((b"content-type", content_type),)
    if coding is not None:
        headers.fields += ((b"CONTENT-encoding", coding),)
    return headers


def preview(headers: http.Headers, *pieces: bytes, limit: int = DEFAULT_LIMIT) -> Body:
    """Return the event for a body that arrives in pieces."""
    asked = first_header(headers, b"content-type"), first_header(headers, b"content-encoding")
    made = Preview(*asked, limit)
    for piece in pieces:
        made.feed(piece)
    return made.event("x", 1.0, "response")


@pytest.mark.parametrize(
    ("content_type", "data", "text"),
    [
        (b"text/html; charset=utf-8", HTML.encode(), HTML),
        (b"text/html", HTML.encode(), HTML),
        (b"text/html", "Gr\u00fc\u00dfe \u20ac".encode("cp1252"), "Gr\u00fc\u00dfe \u20ac"),
        (b"text/html; charset=ISO-8859-1", b"\x80", "\u20ac"),
        (b'text/plain; charset="Shift_JIS"', "\u732b".encode("shift_jis"), "\u732b"),
        (b"text/plain; charset=utf-8", b"\xef\xbb\xbfBOM", "BOM"),
        (b"text/plain; charset=unicode_escape", rb"\ud800", r"\ud800"),
        (b"text/plain; charset=utf-7", b"+2AA-", "+2AA-"),
        (b"text/plain; charset=no-such", b"x", "x"),
        (b"application/json", b'{"a": 1}', '{"a": 1}'),
        (b"application/problem+json", b"{}", "{}"),
        (b"image/svg+xml", b"<svg/>", "<svg/>"),
        (b"APPLICATION/X-WWW-FORM-URLENCODED", b"a=1", "a=1"),
        (
            b"multipart/form-data; boundary=x",
            b"--x\r\n\r\ntext\r\n--x--",
            "--x\r\n\r\ntext\r\n--x--",
        ),
        (None, b"just text\n", "just text\n"),
        (b"image/png", b"", ""),
    ],
)
def test_what_is_text(content_type: bytes | None, data: bytes, text: str) -> None:
    """Decided by type and charset, as in browsers; by content if there is no type."""
    body = preview(make_headers(content_type), data)
    assert (body.content, body.base64, body.size, body.truncated) == (
        text,
        None,
        len(data),
        False,
    )


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        (b"image/png", b"\x89PNG"),
        (b"application/octet-stream", b"looks like text"),
        (None, b"\x00\x01binary"),
        (None, b"\xff\xfe\xfd"),
        (b"text/plain", b"a\x00b"),
        (b"multipart/form-data; boundary=x", b"--x\r\n\r\n\x89PNG\x01\r\n--x--"),
    ],
)
def test_what_is_not_text_is_base64(content_type: bytes | None, data: bytes) -> None:
    """The bytes are kept without loss."""
    body = preview(make_headers(content_type), data)
    assert body.content is None
    assert base64.b64decode(body.base64 or "") == data


def deflate_raw(data: bytes) -> bytes:
    """Compress without the zlib header, as some servers do."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": lambda data: gzip.compress(data[:10]) + gzip.compress(data[10:]),
    "deflate": zlib.compress,
    "Deflate": deflate_raw,
    "br": lambda data: brotli.compress(data, quality=3),
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
}


@pytest.mark.parametrize("coding", list(CODINGS))
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_content_codings_are_undone(coding: str, step: int) -> None:
    """However it is split, the preview is the decoded start, and the size that of the whole."""
    text = b"".join(b"%d\n" % number for number in range(3000))
    packed = CODINGS[coding](text)
    pieces = [packed[start : start + step] for start in range(0, len(packed), step)]
    body = preview(make_headers(b"text/plain", coding.encode()), *pieces, limit=1000)
    assert body.content == text[:1000].decode()
    assert (body.size, body.truncated) == (len(text), True)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_compression_bomb_is_decoded_up_to_a_limit(coding: str) -> None:
    """A small body that decodes to a huge one is decoded up to a limit, and marked as truncated."""
    bomb = CODINGS[coding](bytes(24 * 1024 * 1024))
    body = preview(make_headers(b"text/plain", coding.encode()), bomb)
    assert DECODED_AT_MOST <= body.size <= 20 * 1024 * 1024
    assert body.truncated


BOMB = bytes.fromhex(
    "cfffff7ff82700e2b14020f7fe9ffffffff04f00c4610180eefd3fffffffe19f0088"
    "c32200ddfb7ffeffffc33f0110870500baf7fffcffff877f02200e0b0074efff07"
)
"""80 MiB of zeros, as brotli's slowest quality packs them."""


def test_a_bomb_of_many_blocks_is_decoded_block_by_block() -> None:
    """Each block of brotli may stand for 16 MiB in 13 bytes: no two are decoded at once."""
    decode = decoder_for("br")
    assert decode is not None
    sizes = [len(piece) for piece in decode(BOMB)]
    assert sum(sizes) == 80 * 1024 * 1024
    assert max(sizes) <= 16 * 1024 * 1024


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "compress", "gzip, br"])
def test_what_cannot_be_decoded_is_kept_as_received(coding: str) -> None:
    """With a wrong or unknown coding the bytes are kept as base64, never as text."""
    body = preview(make_headers(b"text/plain", coding.encode()), b"this is not compressed at all")
    assert base64.b64decode(body.base64 or "") == b"this is not compressed at all"


def test_damage_in_the_middle_keeps_the_start() -> None:
    """What was decoded before the damage is kept, and marked as truncated."""
    packed = gzip.compress(bytes(range(256)) * 4000 + b"x", 1)
    broken = packed[:2000] + b"\xff" * 50
    body = preview(make_headers(None, b"gzip"), broken[:1000], broken[1000:])
    assert body.truncated
    assert base64.b64decode(body.base64 or "").startswith(bytes(range(256)))


def test_a_cut_never_halves_a_character() -> None:
    """If the limit is inside a character, the text ends before it."""
    body = preview(make_headers(b"text/plain"), "\u00e9".encode() * 100, limit=9)
    assert body.content == "\u00e9" * 4
    assert (body.size, body.truncated) == (200, True)


def test_nothing_kept_is_still_counted() -> None:
    """A limit of zero keeps only sizes."""
    body = preview(make_headers(b"text/plain"), b"abc", limit=0)
    assert (body.content, body.size, body.truncated) == ("", 3, True)


@given(
    st.lists(st.binary(max_size=200), max_size=5),
    st.sampled_from([None, b"text/html", b"text/plain; charset=utf-16", b"a/b", b";charset=\xff"]),
    st.sampled_from([None, b"gzip", b"deflate", b"br", b"zstd", b"\xff"]),
)
def test_any_bytes_make_a_body(
    pieces: list[bytes], content_type: bytes | None, coding: bytes | None
) -> None:
    """Any bytes make an event that can be encoded, and that holds no more than the limit."""
    body = preview(make_headers(content_type, coding), *pieces, limit=50)
    assert decode(encode(body)) == body
    assert len(base64.b64decode(body.base64 or "")) <= 50
    assert len(body.content or "") <= 50


def check_both_ways(data: bytes, content_type: bytes | None, coding: bytes | None) -> None:
    """Check that the shortcut for whole bodies gives the same event as a ``Preview``."""
    headers = make_headers(content_type, coding)
    asked = first_header(headers, b"content-type"), first_header(headers, b"content-encoding")
    made = body_of(data, ParsedHeaders(headers.fields), 50, "x", 1.0, "response")
    assert made == preview(headers, data, limit=50)
    absent = Preview(*asked, 50).event("x", 1.0, "response", whole=False)
    assert body_of(None, ParsedHeaders(headers.fields), 50, "x", 1.0, "response") == absent


TYPES = [
    *(None, b"text/html", b'application/json; charset="UTF-8"', b"text/plain; charset=utf-16"),
    *(b"text/plain; charset=shift_jis", b"text/plain; charset=iso-8859-1", b"a/b"),
    b";charset=\xff",
]
SOME_CODINGS = [None, b"", b"gzip", b"identity", b"\xff"]


@given(
    st.one_of(st.binary(max_size=100), st.text().map(lambda text: text.encode())),
    st.sampled_from(TYPES),
    st.sampled_from(SOME_CODINGS),
)
def test_a_whole_body_makes_the_same_event_as_its_pieces(
    data: bytes, content_type: bytes | None, coding: bytes | None
) -> None:
    """For any bytes, types and codings."""
    check_both_ways(data, content_type, coding)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"x" * 49, b"x" * 50, b"x" * 51, "\u00e9".encode() * 25 + b"x"),
        *(b"\xef\xbb\xbf", b"\xef\xbb\xbfBOM", b"a\xef\xbb\xbfb", b"a\x00b", b"a\x01b"),
        *(b"\xed\xa0\x80", b"\x80", "\u732b".encode("utf-16"), "\u732b".encode("shift_jis")),
    ],
)
def test_a_whole_body_makes_the_same_event_at_the_edges(data: bytes) -> None:
    """Around the limit, with byte order marks, binary data, and text that is not UTF-8."""
    for content_type, coding in product(TYPES, SOME_CODINGS):
        check_both_ways(data, content_type, coding)
