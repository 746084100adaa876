"""Lists of hosts that are not sent to a proxy."""

from __future__ import annotations

import pytest

from cookietrace.cookies import parse_target
from cookietrace.doctor.bypass import bypassing, split


@pytest.mark.parametrize(
    ("url", "text", "entry"),
    [
        ("http://a.test/", "b.test, a.test", "a.test"),
        ("http://x.a.test/", "a.test", "a.test"),
        ("http://x.a.test/", ".a.test", ".a.test"),
        ("http://x.a.test/", "*.a.test", "*.a.test"),
        ("http://xa.test/", "a.test", None),
        ("http://a.test:81/", "a.test:80", None),
        ("http://a.test:81/", "A.TEST.:81", "A.TEST.:81"),
        ("http://10.1.2.3/", "10.0.0.0/8", "10.0.0.0/8"),
        ("http://11.1.2.3/", "10.0.0.0/8", None),
        ("http://a.test/", "10.0.0.0/8 a.test/8", None),
        ("http://localhost:3000/", "127.0.0.0/8", "127.0.0.0/8"),
        ("http://[::1]:3000/", "::1", "::1"),
        ("http://[::1]:3000/", "[::1]:3000", "[::1]:3000"),
        ("http://[fe80::1]/", "fe80::/10", "fe80::/10"),
        ("http://192.168.1.7/", "192.168.*", "192.168.*"),
        ("http://box/", "<local>", "<local>"),
        ("http://box.test/", "<local>", None),
        ("http://localhost/", "<-loopback>", None),
        ("http://a.test/", "*", "*"),
        ("http://a.test/", ", . ;", None),
    ],
)
def test_which_entry_counts(url: str, text: str, entry: str | None) -> None:
    """An entry counts as one of the programs in wide use takes it."""
    assert bypassing(parse_target(url), split(text)) == entry
