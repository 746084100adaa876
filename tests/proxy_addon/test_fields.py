"""Header fields read once: what each part says of fields in any case, number and octets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import http

from proxy_addon.convert import first_field, wire_headers
from proxy_addon.fields import Fields

NAMES = st.one_of(
    st.sampled_from([b"Host", b"HOST", b"Set-Cookie", b"CookieTrace-Exchange", b"", b"\xc0-x"]),
    st.binary(max_size=4),
)
SECRET = "s3cr3t"
VALUES = st.one_of(st.sampled_from([b"", b"1", b"x1 s3cr3t", b"S3CR3T"]), st.binary(max_size=4))


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_what_is_read_once_is_what_every_look_would_find(raw: list[tuple[bytes, bytes]]) -> None:
    """Pairs, first values, repeated names, our own fields and the secret."""
    headers = http.Headers(raw)
    fields = Fields(headers.fields, SECRET)
    assert fields.raw is headers.fields
    assert fields.pairs == wire_headers(headers)
    lowered = [name.lower() for name, _ in raw]
    for name in {b"host", b"set-cookie", b"absent", *lowered}:
        text = name.decode("latin-1")
        if text.isascii():
            assert fields.first.get(text) == first_field(headers, name)
            assert (text in fields.repeated) == (lowered.count(name) > 1)
    assert fields.has_ours >= any(name.startswith(b"cookietrace-") for name in lowered)
    assert fields.has_secret == any(SECRET.encode() in value for _, value in raw)
