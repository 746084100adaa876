"""Canonical hosts (5.1.2): different spellings of one host have one form."""

from __future__ import annotations

import pytest

from cookietrace.cookies import canonical_host, is_ip, is_loopback


def wire(text: str) -> str:
    """Return the UTF-8 bytes of text, decoded as latin-1."""
    return text.encode().decode("latin-1")


HOSTS = [
    ("shop.test", "shop.test"),
    ("SHOP.Test", "shop.test"),
    ("shop.test.", "shop.test."),
    ("my_shop.test", "my_shop.test"),
    ("a..test", "a..test"),
    ("", None),
    (".", None),
    ("a b.test", None),
    ("a%41.test", None),
    ("a/b", None),
    ("127.0.0.1", "127.0.0.1"),
    ("127.1", "127.0.0.1"),
    ("0x7f.0.0.1", "127.0.0.1"),
    ("0x", "0.0.0.0"),
    ("0177.0.0.1", "127.0.0.1"),
    ("2130706433", "127.0.0.1"),
    ("127.0.0.1.", "127.0.0.1"),
    ("127.0.0.256", "127.0.0.256"),
    ("256.0.0.1", "256.0.0.1"),
    ("08.0.0.1", "08.0.0.1"),
    ("1.2.3.4.5", "1.2.3.4.5"),
    ("www.fancy.192.168.0.10", "www.fancy.192.168.0.10"),
    ("9" * 40, "9" * 40),
    ("[::1]", "[::1]"),
    ("[0:0:0:0:0:0:0:1]", "[::1]"),
    ("[::FFFF:1.2.3.4]", "[::ffff:102:304]"),
    ("[2001:DB8:0:0:1:0:0:1]", "[2001:db8::1:0:0:1]"),
    ("[2001:0:0:1:0:0:0:1]", "[2001:0:0:1::1]"),
    ("[1:0:3:4:5:6:7:8]", "[1:0:3:4:5:6:7:8]"),
    ("[fe80::]", "[fe80::]"),
    ("[::]", "[::]"),
    ("[::1", None),
    ("[fe80::1%25eth0]", None),
    ("[zz]", None),
    ("[" + "0" * 80 + "]", None),
    (wire("bücher.test"), "xn--bcher-kva.test"),
    (wire("BÜCHER.test"), "xn--bcher-kva.test"),
    (wire("straße.test"), "xn--strae-oqa.test"),
    (wire("STRAẞE.test"), "xn--strae-oqa.test"),
    (wire("ｓｈｏｐ。test"), "shop.test"),
    (wire("sh\u00adop.test"), "shop.test"),
    (wire("\u0301a.test"), None),
    (wire("a\u2028.test"), None),
    (wire("\u202ea.test"), None),
    ("b\xff.test", None),
    ("b\u20ac.test", None),
    ("xn--bcher-kva.test", "xn--bcher-kva.test"),
    ("XN--BCHER-KVA.test", "xn--bcher-kva.test"),
    ("xn--a.test", None),
    ("xn--999999999.test", None),
    ("xn--.test", None),
    ("xn--\x7f", None),
    ("xn--bcher-kv\u00e9", None),
    ("xn--" + "a" * 300, None),
    ("a" * 70 + ".test", "a" * 70 + ".test"),
    ("a." * 200 + "test", "a." * 200 + "test"),
]


@pytest.mark.parametrize(("host", "canonical"), HOSTS)
def test_a_host_has_one_canonical_form_or_none(host: str, canonical: str | None) -> None:
    """ASCII is lower-cased, IDNA is mapped, addresses are normalised, and other text has none."""
    assert canonical_host(host) == canonical


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("[::1]", True),
        ("::1", True),
        ("shop.test", False),
        ("www.192.168.0.10", False),
        ("a7", False),
        ("[x]", False),
        ("", False),
        ("1" * 300, False),
    ],
)
def test_is_ip(host: str, expected: bool) -> None:
    """Only a complete address counts, not a name that looks similar."""
    assert is_ip(host) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("localhost.", True),
        ("app.localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.9", True),
        ("127.evil.test", False),
        ("[::1]", True),
        ("notlocalhost", False),
        ("10.0.0.1", False),
        (None, False),
    ],
)
def test_is_loopback(host: str | None, expected: bool) -> None:
    """Localhost and its subdomains, 127.0.0.0/8 and [::1]."""
    assert is_loopback(host) is expected
