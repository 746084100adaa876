"""Header fields read once: what each part says of fields in any case, number and octets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import http

from proxy_addon.flows.convert import first_field, wire_headers
from proxy_addon.flows.fields import ASKED, Fields

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
def test_what_is_read_once_is_what_every_look_would_find(raw: list[tuple[bytes, bytes]]) -> None:
    """Pairs, first values, repeated names, our own fields and the secret."""
    headers = http.Headers(raw)
    fields = Fields(headers.fields)
    assert fields.raw is headers.fields
    assert fields.pairs == wire_headers(headers)
    lowered = [name.lower() for name, _ in raw]
    for name in ASKED:
        assert fields.first.get(name) == first_field(headers, name.encode())
        assert (name in fields.repeated) == (lowered.count(name.encode()) > 1)
    assert fields.has_ours >= any(name.startswith(b"cookietrace-") for name in lowered)
    assert fields.hold(SECRET) == any(SECRET.encode() in value for _, value in raw)
