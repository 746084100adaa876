"""Set-Cookie lines (5.6) and Cookie headers."""

from __future__ import annotations

from typing import Any

import pytest

from cookietrace.cookies import Code, SameSite, parse_cookie_header, parse_set_cookie
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


JOINED = [
    ("a=1; Path=/, b=2; HttpOnly", ("comma", ("b",), "own")),
    ("a=1; Path=/,b=2", ("comma", ("b",), "own")),
    ("a=1; Secure, .x.y=2; Path=/", ("comma", (".x.y",), "own")),
    ("a=1; SameSite=Lax, b=2; Max-Age=0", ("comma", ("b",), "other")),
    ("a=1; Expires=Wed, 05 Jun 2030 14:40:59 GMT, b=2; Path=/", ("comma", ("b",), "own")),
    ("a=1; Path=/, b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ("comma", ("b",), "other")),
    ("a=1; Domain=x.test, b=2, c=3; Path=/", ("comma", ("b", "c"), "own")),
    ("a=1, b=2", ("comma", ("b",), "own")),
    ("a=abc==, b=2; Path=/", ("comma", ("b",), "own")),
    ("a=1; Path=/; b=2; Path=/; Max-Age=5", ("semicolon", ("b",), "other")),
    (
        "a=1; path=/;b=; expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/",
        ("semicolon", ("b",), "other"),
    ),
    ("a=1\nb=2; Path=/", ("newline", ("b",), "own")),
    ("a=1; Path=/\r\nb=2\r\nc=3", ("newline", ("b", "c"), "own")),
]


@pytest.mark.parametrize(("line", "facts"), JOINED)
def test_lines_that_were_joined(line: str, facts: tuple[str, tuple[str, ...], str]) -> None:
    """The cookies after the first are named, and whose lifetime counts; nothing else is said."""
    parsed = parse_set_cookie(line)
    (warning,) = parsed.warnings
    assert warning.code is Code.LINES_JOINED
    assert tuple(value for _, value in warning.facts) == facts
    assert parsed.name == "a"


NOT_JOINED = [
    "a=1; Expires=Wed, 05 Jun 2030 14:40:59 GMT; Path=/",
    "a=1,b=2",
    "a=x=1, y=2",
    'a={"x": 1, "y=": 2}',
    "a=1; Path=/; Path=/x",
    "a=1; b=2; Path=/",
    "a=1; Version=1; Path=/; Comment=x; Version=1",
    "a=1; Path=/, HttpOnly, SameSite=Lax",
    "a=1; Path=/a,b; Path=/c",
    "a=1\x07b=2",
    "a=1\n b",
]


@pytest.mark.parametrize("line", NOT_JOINED)
def test_lines_that_only_look_joined(line: str) -> None:
    """Dates, values with commas, repeated and unknown attributes are no second cookie."""
    codes = {warning.code for warning in parse_set_cookie(line).warnings}
    assert Code.LINES_JOINED not in codes


MISTAKES = [
    ("Set-Cookie: a=b; Path=/", ("header-name", "")),
    ("cookie:a=b", ("header-name", "")),
    ('"a=1; Path=/"', ("quotes", "")),
    ('{"a":"b=c","d":1}', ("json", "")),
    ('{"a":"b";"d":1}', ("json", "")),
    ("sid: abc; Path=/", ("colon", "")),
    ('a={"x":1;"y":2}; Path=/', ("value-cut", "")),
    ('a="x; y"', ("value-cut", "")),
    ("a=1; HttpOnly=false", ("flag-value", "HttpOnly")),
    ("a=1; Secure=0", ("flag-value", "Secure")),
    ("a=1; Secure: true", ("attribute-colon", "Secure")),
    ("a=1; SameSite: Lax", ("attribute-colon", "SameSite")),
    ("a=1; Http-Only", ("misspelt", "HttpOnly")),
    ("a=1; same_site=Lax", ("misspelt", "SameSite")),
    ("a=1; MaxAge=5", ("misspelt", "Max-Age")),
    ("a=1; Path=/, HttpOnly", ("no-semicolon", "HttpOnly")),
    ("a=1; Secure, HttpOnly", ("no-semicolon", "HttpOnly")),
    ("a=1; SameSite=None Secure", ("no-semicolon", "Secure")),
    ("a=1; HttpOnly Secure", ("no-semicolon", "Secure")),
    ("a=1; Path=/ SameSite=Lax", ("no-semicolon", "SameSite")),
]


@pytest.mark.parametrize(("line", "facts"), MISTAKES)
def test_mistakes_that_programs_make(line: str, facts: tuple[str, str]) -> None:
    """Each mistake is named once, with the attribute that it is about."""
    (warning,) = parse_set_cookie(line).warnings
    assert warning.code is Code.LINE_MISWRITTEN
    assert tuple(value for _, value in warning.facts) == facts


NO_MISTAKES = [
    'a={"x":1}',
    'a="x"',
    "a=b:c",
    "http://x",
    "cookie_consent=yes",
    "Set-Cookie=1",
    "a=1; Secure=true; HttpOnly=1",
    "a=1; Path=/my path",
    "a=1; Path=/a,b",
    'a="',
]


@pytest.mark.parametrize("line", NO_MISTAKES)
def test_lines_without_mistakes(line: str) -> None:
    """Unusual lines that mean what they say raise no warning."""
    assert parse_set_cookie(line).warnings == ()
