"""The preview of a body: decoded, bounded, text where it is text."""

from __future__ import annotations

import base64
import gzip
import zlib
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
from proxy_addon.flows.headers import ParsedHeaders

HTML = "<p>Gr\u00fc\u00dfe \u2713</p>"


def fields(content_type: bytes | None, coding: bytes | None = None) -> http.Headers:
    """Return the fields that matter to a body."""
    headers = http.Headers()
    if content_type is not None:
        headers.fields += ((b"content-type", content_type),)
    if coding is not None:
        headers.fields += ((b"CONTENT-encoding", coding),)
    return headers


def preview(headers: http.Headers, *pieces: bytes, limit: int = DEFAULT_LIMIT) -> Body:
    """Return what becomes of a body that comes in pieces."""
    asked = first_header(headers, b"content-type"), first_header(headers, b"content-encoding")
    made = Preview(*asked, limit)
    for piece in pieces:
        made.feed(piece)
    return made.event("x", 1.0, "response")


@pytest.mark.parametrize(
    ("content_type", "octets", "text"),
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
def test_what_is_text(content_type: bytes | None, octets: bytes, text: str) -> None:
    """By its type and charset, as browsers read it; and by its look where it has no type."""
    body = preview(fields(content_type), octets)
    assert (body.content, body.base64, body.size, body.truncated) == (
        text,
        None,
        len(octets),
        False,
    )


@pytest.mark.parametrize(
    ("content_type", "octets"),
    [
        (b"image/png", b"\x89PNG"),
        (b"application/octet-stream", b"looks like text"),
        (None, b"\x00\x01binary"),
        (None, b"\xff\xfe\xfd"),
        (b"text/plain", b"a\x00b"),
        (b"multipart/form-data; boundary=x", b"--x\r\n\r\n\x89PNG\x01\r\n--x--"),
    ],
)
def test_what_is_not_text_is_base64(content_type: bytes | None, octets: bytes) -> None:
    """The octets themselves, losing nothing."""
    body = preview(fields(content_type), octets)
    assert body.content is None
    assert base64.b64decode(body.base64 or "") == octets


def deflate_raw(data: bytes) -> bytes:
    """Compress without the zlib header, as some servers do."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


CODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": lambda data: gzip.compress(data[:10]) + gzip.compress(data[10:]),
    "deflate": zlib.compress,
    "Deflate": deflate_raw,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
}


@pytest.mark.parametrize("coding", list(CODINGS))
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_content_codings_are_undone(coding: str, step: int) -> None:
    """In whatever pieces it comes, the preview is the start and the size that of the whole."""
    text = b"".join(b"%d\n" % number for number in range(3000))
    packed = CODINGS[coding](text)
    pieces = [packed[start : start + step] for start in range(0, len(packed), step)]
    body = preview(fields(b"text/plain", coding.encode()), *pieces, limit=1000)
    assert body.content == text[:1000].decode()
    assert (body.size, body.truncated) == (len(text), True)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_not_blown_up(coding: str) -> None:
    """A small body that claims to be huge is unpacked up to a bound, and said to be cut."""
    bomb = CODINGS[coding](bytes(64 * 1024 * 1024))
    body = preview(fields(b"text/plain", coding.encode()), bomb)
    assert DECODED_AT_MOST <= body.size <= 40 * 1024 * 1024
    assert body.truncated


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "compress", "gzip, br"])
def test_what_cannot_be_decoded_is_kept_as_it_came(coding: str) -> None:
    """A wrong or unknown coding: the octets, as base64, never taken for text."""
    body = preview(fields(b"text/plain", coding.encode()), b"this is not compressed at all")
    assert base64.b64decode(body.base64 or "") == b"this is not compressed at all"


def test_damage_in_the_middle_keeps_the_start() -> None:
    """What was decoded before the damage is shown, and said to be cut."""
    packed = gzip.compress(bytes(range(256)) * 4000 + b"x", 1)
    broken = packed[:2000] + b"\xff" * 50
    body = preview(fields(None, b"gzip"), broken[:1000], broken[1000:])
    assert body.truncated
    assert base64.b64decode(body.base64 or "").startswith(bytes(range(256)))


def test_a_cut_never_halves_a_character() -> None:
    """The limit falls into a character: the text ends before it."""
    body = preview(fields(b"text/plain"), "\u00e9".encode() * 100, limit=9)
    assert body.content == "\u00e9" * 4
    assert (body.size, body.truncated) == (200, True)


def test_nothing_kept_is_still_counted() -> None:
    """A limit of zero keeps sizes alone."""
    body = preview(fields(b"text/plain"), b"abc", limit=0)
    assert (body.content, body.size, body.truncated) == ("", 3, True)


@given(
    st.lists(st.binary(max_size=200), max_size=5),
    st.sampled_from([None, b"text/html", b"text/plain; charset=utf-16", b"a/b", b";charset=\xff"]),
    st.sampled_from([None, b"gzip", b"deflate", b"br", b"zstd", b"\xff"]),
)
def test_any_octets_make_a_body(
    pieces: list[bytes], content_type: bytes | None, coding: bytes | None
) -> None:
    """Whatever comes, the event can be written and read, and holds no more than the limit."""
    body = preview(fields(content_type, coding), *pieces, limit=50)
    assert decode(encode(body)) == body
    assert len(base64.b64decode(body.base64 or "")) <= 50
    assert len(body.content or "") <= 50


def both_ways(octets: bytes, content_type: bytes | None, coding: bytes | None) -> None:
    """Hold the short way for a body that was held to what the long way says."""
    headers = fields(content_type, coding)
    asked = first_header(headers, b"content-type"), first_header(headers, b"content-encoding")
    made = body_of(octets, ParsedHeaders(headers.fields), 50, "x", 1.0, "response")
    assert made == preview(headers, octets, limit=50)
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
    octets: bytes, content_type: bytes | None, coding: bytes | None
) -> None:
    """Whatever it is."""
    both_ways(octets, content_type, coding)


@pytest.mark.parametrize(
    "octets",
    [
        *(b"", b"x" * 49, b"x" * 50, b"x" * 51, "\u00e9".encode() * 25 + b"x"),
        *(b"\xef\xbb\xbf", b"\xef\xbb\xbfBOM", b"a\xef\xbb\xbfb", b"a\x00b", b"a\x01b"),
        *(b"\xed\xa0\x80", b"\x80", "\u732b".encode("utf-16"), "\u732b".encode("shift_jis")),
    ],
)
def test_so_it_does_at_the_edges(octets: bytes) -> None:
    """Around the limit, byte order marks, what is no text, and text that is not UTF-8."""
    for content_type, coding in product(TYPES, SOME_CODINGS):
        both_ways(octets, content_type, coding)
