"""Set-Cookie lines (5.6) and Cookie headers."""

from __future__ import annotations

from typing import Any

import pytest

from cookietrace.cookies import SameSite, parse_cookie_header, parse_set_cookie
from cookietrace.cookies.cookie import Priority

PAIRS = [
    ("a=b", ("a", "b")),
    (" a\t=  b c \t; x", ("a", "b c")),
    ("a", ("", "a")),
    ("=a", ("", "a")),
    ("a==b=", ("a", "=b=")),
    ("=a=b", ("", "a=b")),
    ('a="b;c"', ("a", '"b')),
    ("", ("", "")),
    (";", ("", "")),
    ("=", ("", "")),
    ("a=caf\xc3\xa9", ("a", "caf\xc3\xa9")),
    ("a=%41", ("a", "%41")),
]


@pytest.mark.parametrize(("line", "pair"), PAIRS)
def test_name_and_value(line: str, pair: tuple[str, str]) -> None:
    """The pair ends at the first semicolon, is split at the first equals sign, and is trimmed."""
    parsed = parse_set_cookie(line)
    assert (parsed.name, parsed.value) == pair
    assert parsed.reasons == ()


ATTRIBUTES: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    (";;; ;", {}),
    ("Secure", {"secure": True}),
    ("sEcUrE=false; httponly=0", {"secure": True, "http_only": True}),
    ("Domain=Shop.Test", {"domain": "shop.test"}),
    ("Domain=.shop.test", {"domain": "shop.test"}),
    ("Domain=..shop.test", {"domain": ".shop.test"}),
    ("Domain=.", {"domain": "", "dot_domain": True}),
    ("Domain=.; Domain=a", {"domain": "a", "dot_domain": False}),
    ("Domain=a; Domain=", {"domain": ""}),
    ("Path=/a b", {"path": "/a b", "has_path": True}),
    ("Path=a", {"path": None, "has_path": True}),
    ("Path=/a; Path", {"path": None, "has_path": True}),
    ("Max-Age=10", {"max_age": 10, "chromium_max_age": 10}),
    ("Max-Age=-1", {"max_age": -1, "chromium_max_age": -1}),
    ("Max-Age=+1", {"max_age": None, "chromium_max_age": 1}),
    ("Max-Age=10; Max-Age=x", {"max_age": 10, "chromium_max_age": None}),
    ("Max-Age=" + "9" * 1000, {"max_age": 10**12}),
    ("Max-Age=-" + "9" * 1000, {"max_age": -(10**12)}),
    ("Max-Age=1.5", {"max_age": None}),
    ("Max-Age=-", {"max_age": None}),
    ("Max-Age", {"max_age": None}),
    ("Expires=1 Jan 1970 0:0:9", {"expires": 9.0, "chromium_expires": 9.0}),
    ("Expires=1 Jan 1970 0:0:9; Expires=x", {"expires": 9.0, "chromium_expires": None}),
    ("SameSite=sTrict", {"same_site": SameSite.STRICT, "has_same_site": True}),
    ("SameSite=LAX", {"same_site": SameSite.LAX}),
    ("SameSite=none", {"same_site": SameSite.NONE}),
    ("SameSite=None; SameSite=x", {"same_site": SameSite.DEFAULT, "has_same_site": True}),
    ("Partitioned", {"partitioned": True}),
    ("Priority=high", {"priority": Priority.HIGH}),
    ("Priority=x", {"priority": Priority.MEDIUM}),
    ("Path=/" + "p" * 1023, {"path": "/" + "p" * 1023}),
    ("Path=/; Path=/" + "p" * 1024, {"path": "/"}),
    ("Path=/" + "p" * 300 + "; Secure", {"path": "/" + "p" * 300, "secure": True}),
]


@pytest.mark.parametrize(("text", "expected"), ATTRIBUTES, ids=lambda value: str(value)[:40])
def test_attributes(text: str, expected: dict[str, Any]) -> None:
    """Each attribute follows its own section; the last of a kind counts, too long ones do not."""
    attributes = parse_set_cookie("a=b;" + text).attributes
    assert {name: getattr(attributes, name) for name in expected} == expected


def test_a_parsed_cookie_exposes_its_attributes() -> None:
    """The most used attributes are also properties of the parsed cookie."""
    parsed = parse_set_cookie("a=b; Path=/x; Domain=d; Max-Age=1; Expires=1 Jan 70 0:0:9; Secure")
    assert (parsed.path, parsed.domain, parsed.max_age, parsed.expires) == ("/x", "d", 1, 9.0)
    assert (parsed.secure, parsed.http_only, parsed.same_site) == (True, False, SameSite.DEFAULT)


WARNINGS = [
    ("Foo=1; bar; Foo=2", ["attribute-unknown", "attribute-unknown"]),
    ("=x", ["attribute-unknown"]),
    ("Path=/; Path=/; Path=/", ["attribute-duplicate"]),
    ("Path=/" + "p" * 1024, ["attribute-too-long"]),
    ("Expires=x", ["expires-unparsable"]),
    ("Max-Age=x", ["max-age-unparsable"]),
    ("Max-Age=+1", ["max-age-unparsable"]),
    ("SameSite=x", ["same-site-unrecognised"]),
    ("Path=x; Secure; HttpOnly; Partitioned; Priority=Low; SameSite=Lax", []),
]


@pytest.mark.parametrize(("text", "codes"), WARNINGS, ids=lambda value: str(value)[:40])
def test_ineffective_attributes_get_a_warning(text: str, codes: list[str]) -> None:
    """Every attribute that has no effect, or not the intended one, is reported once."""
    parsed = parse_set_cookie("a=b;" + text)
    assert [warning.code.value for warning in parsed.warnings] == codes


REFUSED = [
    ("a=\x00", ["control-character"]),
    ("a=b; Path=/\x1f", ["control-character"]),
    ("a=\x7f", ["control-character"]),
    ("a=b\r\nX: y", ["control-character"]),
    ("a=" + "v" * 4095, []),
    ("a=" + "v" * 4096, ["name-value-too-large"]),
    ("a" * 4097, ["name-value-too-large"]),
    ("\x01=" + "v" * 4096, ["control-character", "name-value-too-large"]),
    ("a\tb=c\x80\x9f\xa0\xad", []),
]


@pytest.mark.parametrize(("line", "codes"), REFUSED, ids=lambda value: str(value)[:20])
def test_a_whole_line_is_refused(line: str, codes: list[str]) -> None:
    """5.6 steps 1 and 5: every reason is reported, and name and value are still parsed."""
    parsed = parse_set_cookie(line)
    assert [reason.code.value for reason in parsed.reasons] == codes
    assert parsed.name or parsed.value


@pytest.mark.parametrize(
    ("line", "position"),
    [
        ("a=b", 0),
        ("\ta\t=\tb\t;\tPath\t=\t/\t", 0),
        ("a\tb=c", 2),
        ("a=b \t c", 5),
        ("a=b; Foo\tx", 9),
        ("a=\t\tb; x=y\t\tz", 11),
        ("a=b=\tc", 5),
    ],
)
def test_an_inner_tab_is_found(line: str, position: int) -> None:
    """The position of a tab that is not stripped is recorded, because some profiles refuse it."""
    assert parse_set_cookie(line).inner_tab == position


@pytest.mark.parametrize(
    ("header", "pairs"),
    [
        ("a=1; b=2", (("a", "1"), ("b", "2"))),
        ("a=1;b=2;", (("a", "1"), ("b", "2"))),
        ("x; =y", (("", "x"), ("", "y"))),
        ("a=b=c", (("a", "b=c"),)),
        (' a = "1" ', (("a", '"1"'),)),
        ("", ()),
        (" ; ;\t", ()),
    ],
)
def test_a_cookie_header_is_parsed_into_pairs(
    header: str, pairs: tuple[tuple[str, str], ...]
) -> None:
    """The order and duplicates are kept, and quotes and escapes are not interpreted."""
    assert parse_cookie_header(header) == pairs
