"""Parsed headers: the same as reading each header by itself, for any case, number and bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import http

from proxy_addon.flows.convert import first_header, wire_headers
from proxy_addon.flows.headers import LOOKED_UP, ParsedHeaders

NAMES = st.one_of(
    st.sampled_from(
        [
            b"Host",
            b"HOST",
            b"content-length",
            b"Content-Type",
            b"Set-Cookie",
            b"CookieTrace-Exchange",
            b"",
            b"\xc0-x",
        ]
    ),
    st.binary(max_size=4),
)
SECRET = "s3cr3t"
VALUES = st.one_of(st.sampled_from([b"", b"1", b"x1 s3cr3t", b"S3CR3T"]), st.binary(max_size=4))


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_parsed_headers_agree_with_single_lookups(raw: list[tuple[bytes, bytes]]) -> None:
    """Pairs, first values, repeated names, our own headers and the secret."""
    headers = http.Headers(raw)
    parsed = ParsedHeaders(headers.fields)
    assert parsed.raw is headers.fields
    assert parsed.pairs == wire_headers(headers)
    lowered = [name.lower() for name, _ in raw]
    for name in LOOKED_UP:
        assert parsed.first.get(name) == first_header(headers, name.encode())
        assert (name in parsed.repeated) == (lowered.count(name.encode()) > 1)
    assert parsed.has_own >= any(name.startswith(b"cookietrace-") for name in lowered)
    assert (SECRET in parsed.values) == any(SECRET.encode() in value for _, value in raw)
