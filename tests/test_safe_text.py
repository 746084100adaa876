"""Untrusted text on a terminal: nothing active or invisible, plain text unchanged."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.safe_text import display, safe, safe_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Grüße, 世界 — ok ≈ 🍪", "Grüße, 世界 — ok ≈ 🍪"),
        ("a\x1b[31mred", "a\\x1b[31mred"),
        ("tab\tline\nback\rbell\x07", "tab\\tline\\nback\\rbell\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("\x7f\x00", "\\x7f\\x00"),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("soft\xadhyphen", "soft\\xadhyphen"),
        ("line\u2028end\u2029", "line\\u2028end\\u2029"),
        ("\U000e0041tag", "\\U000e0041tag"),
        ("filler\u3164\u115f", "filler\\u3164\\u115f"),
        ("heart❤\ufe0f", "heart❤\\ufe0f"),
        ("\ud800", "\\ud800"),
        ("\ue000", "\\ue000"),
        ("C:\\path", "C:\\path"),
        ("e\u0301 a\u0323\u0302", "e\u0301 a\u0323\u0302"),
        ("z" + "\u0301" * 4, "z" + "\u0301" * 4),
        ("z" + "\u0301" * 6 + "o", "z" + "\u0301" * 4 + "\\u0301\\u0301o"),
        ("z\u0301\u20dd\u0489\u0334\u0360", "z\u0301\u20dd\u0489\u0334\\u0360"),
        ("\u0301first", "\\u0301first"),
        ("\u1112\u1161\u11ab", "\u1112\u1161\u11ab"),
        ("\u1112" + "\u1161" * 5, "\u1112" + "\u1161" * 4 + "\\u1161"),
        ("\u11a8", "\\u11a8"),
        ("हिन्दी ไม่ שָׁלוֹם", "हिन्दी ไม่ שָׁלוֹם"),
        ("👩\u200d💻", "👩\\u200d💻"),
        ("🏴\U000e0067\U000e007f", "🏴\\U000e0067\\U000e007f"),
        ("1\ufe0f\u20e3", "1\\ufe0f\u20e3"),
        ("[bold]markup[/]", "[bold]markup[/]"),
    ],
)
def test_active_and_invisible_characters_are_escaped(text: str, shown: str) -> None:
    """Controls, bidirectional marks and zero-width characters become escapes."""
    assert safe(text) == shown


@given(st.text())
def test_nothing_dangerous_is_left(text: str) -> None:
    """Whatever the text, no control or format character is left, and it is idempotent."""
    shown = safe(text)
    assert not {unicodedata.category(character) for character in shown} & {
        "Cc",
        "Cf",
        "Cs",
        "Zl",
        "Zp",
    }
    assert safe(shown) == shown


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        ("plain", "plain"),
        ("Gr\xc3\xbc\xc3\x9fe", "Grüße"),
        ("Gr\xfc\xdfe", "Grüße"),
        ("\xff\xfe", "ÿþ"),
        ("already 世界", "already 世界"),
    ],
)
def test_wire_text_is_decoded_as_utf_8_if_valid(wire: str, text: str) -> None:
    """UTF-8 bytes become their characters; anything else stays latin-1."""
    assert display(wire) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_utf_8_always_comes_back(text: str) -> None:
    """Text sent as UTF-8 is displayed as that text."""
    assert display(text.encode().decode("latin-1")) == text


def test_lines_are_split_and_each_one_safe() -> None:
    """Every kind of line end splits, and tabs become spaces."""
    assert safe_lines("a\tb\r\nc\x1b\rd\n") == ["a   b", "c\\x1b", "d", ""]
