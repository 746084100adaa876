"""The parts of a value: which count, where they are looked for, and which tokens they get."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from cookietrace.events import Request
from cookietrace.redact import PREFIX, Redactor, learned
from cookietrace.redact.parts import Kind, parts

KEY = b"k" * 32


def redactor(*values: str, url: str = "http://shop.test/") -> Redactor:
    """Return a redactor that knows these cookie values."""
    field = "; ".join(f"n{number}={value}" for number, value in enumerate(values))
    event = Request(
        exchange_id="e1",
        client_id="c1",
        at=1.0,
        method="GET",
        url=url,
        headers=(("Cookie", field),),
    )
    return learned([event], KEY)


def b64(text: str) -> str:
    """Return Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


HEADER, PAYLOAD = b64('{"alg":"HS256"}'), b64('{"sub":"ann-berg-7","n":1}')
TOKEN = f"{HEADER}.{PAYLOAD}.Zx9kQw3LmNpRtVbY1aSd"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", {}),
        ("one-opaque-value-1234", {}),
        ("Bearer Zx9kQw3Lm", {"Zx9kQw3Lm": Kind.ANYWHERE}),
        ("lang=English&theme=dark", {"English": Kind.WORD}),
        ("id:Zx9kQw|n:1", {"Zx9kQw": Kind.ANYWHERE}),
        ('{"name":"Ann Smith","id":4711471}', {"Ann Smith": Kind.WORD, "4711471": Kind.NUMBER}),
        ('{"a":{"b":["Zx9kQw3Lm"]}}', {"Zx9kQw3Lm": Kind.ANYWHERE}),
        ('{"cut":"Zx9kQw3Lm","n":', {"Zx9kQw3Lm": Kind.ANYWHERE}),
        ('{"theme":"default","short":"abc"}', {}),
        ('{"back":"https://shop.test/cart","to":"/account"}', {}),
        ("GA1.2.1234567890.1700000000", {"1234567890": Kind.NUMBER, "1700000000": Kind.NUMBER}),
        ("www.shop.example", {}),
        ("[" * 5000, {}),
    ],
)
def test_which_parts_count(value: str, expected: dict[str, Kind]) -> None:
    """Members, payloads and signatures; no names, addresses, or words of any page."""
    found = parts(value)
    assert found == expected
    assert parts(quote(value, safe="")).keys() >= expected.keys()


def test_the_parts_of_a_token() -> None:
    """The three parts as they are, and the members of what they say."""
    header, payload, signature = TOKEN.split(".")
    assert {header, payload, signature, "ann-berg-7"} <= parts(TOKEN).keys()


def test_equal_parts_have_equal_tokens() -> None:
    """Also in different values; and a part that is another cookie's value has its token."""
    known = redactor(TOKEN, json.dumps({"user": "ann-berg-7"}), "ann-berg-7")
    assert known.text("it is ann-berg-7.") == f"it is {known.value('ann-berg-7')}."
    assert redactor(TOKEN).text("ann-berg-7") == known.value("ann-berg-7")
    assert redactor(TOKEN).text(TOKEN) == known.value(TOKEN)


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("say English.", True),
        ('"English"', True),
        ("%20English%20", True),
        ("a<b>English</b>", True),
        ("EnglishMuffin", False),
        ("Old-English", False),
        ("in_english_only", False),
        ("number 4711471.", True),
        ("user-4711471", True),
        ("14711471", False),
    ],
)
def test_a_word_is_replaced_only_as_a_whole(text: str, replaced: bool) -> None:
    """A part that is a word or a number is left in a longer word or number."""
    known = redactor('{"lang":"English","id":4711471}')
    assert (PREFIX in known.text(text)) is replaced


@pytest.mark.parametrize("text", ["http://members.shop.test/", "members", "n0=1", "shop.test"])
def test_what_everyone_sees_is_no_part(text: str) -> None:
    """A host that was asked, its labels, and the names of cookies stay."""
    known = redactor('{"host":"members.shop.test","a":"members"}', url="http://members.shop.test/")
    assert known.text(text) == text


def test_what_a_page_is_made_of_stays() -> None:
    """Its markup, its programs and its styles are those of before."""
    page = (
        "<!doctype html><style>a::before{content:'\\201c'}</style>"
        "<script>switch(x){default:return '\\u003cb\\u003e'}</script>"
        "<p class='dark-mode-toggle'>A &amp; B</p><img src='data:image/gif;base64,R0lGODlhAQABAIAA"
        "AAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'>"
    )
    known = redactor(TOKEN, '{"theme":"default","mode":"dark-mode"}', "Zx9kQw3LmNpRtVbY1aSd")
    assert known.text(page) == page


def test_what_is_packed_is_replaced_as_a_whole() -> None:
    """Base64 with a value inside becomes the value's token, and the text around it stays."""
    known = redactor("Zx9kQw3Lm")
    packed = base64.b64encode(json.dumps({"id": "Zx9kQw3L\\u006d", "n": 1}).encode()).decode()
    doubled = base64.b64encode(packed.encode()).decode()
    assert known.text(f"a={doubled};b") == f"a={known.value('Zx9kQw3Lm')};b"


def test_the_case_of_letters() -> None:
    """A value is found in any case; two that differ in their case have two tokens."""
    known = redactor("Zx9kQw3Lm", "zX9kQw3Lm")
    assert known.text("ZX9KQW3LM").startswith(PREFIX)
    assert known.text("Zx9kQw3Lm") == known.value("Zx9kQw3Lm")
    assert known.text("zX9kQw3Lm") == known.value("zX9kQw3Lm") != known.value("Zx9kQw3Lm")
