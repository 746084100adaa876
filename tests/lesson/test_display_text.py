"""The phrases shared by rows, details and prose."""

from __future__ import annotations

import pytest

from cookietrace.lesson.display_text import (
    clip,
    how_often,
    listed,
    mapping,
    ordinal,
    pair,
    plural,
    quoted,
    short_pair,
    size,
)
from cookietrace.lesson.mask import masked, unmasked


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (1, "first"),
        (10, "tenth"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (22, "22nd"),
        (103, "103rd"),
        (111, "111th"),
    ],
)
def test_ordinal(number: int, word: str) -> None:
    """Ordinals as English has them."""
    assert ordinal(number) == word


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        ("Alice", "'Alice'"),
        ("it's", "'it\\'s'"),
        ("a\\b", "'a\\\\b'"),
        ("\x1b[31m", "'\\x1b[31m'"),
        ("[bold]", "'[bold]'"),
        ("\xc3\xa9", "'é'"),
        ("\xe9", "'é'"),
    ],
)
def test_quoted(wire: str, text: str) -> None:
    """Wire text is quoted, decoded and harmless."""
    assert quoted(wire) == text


def test_mapping_keeps_order_and_duplicates() -> None:
    """Cookies read as a mapping, in header order, duplicates and all."""
    assert (
        mapping([("b", "1"), ("a", "2"), ("b", "3")], unmasked) == "{'b': '1', 'a': '2', 'b': '3'}"
    )
    assert mapping([], unmasked) == "{}"


def test_masked_values_show_equality_only() -> None:
    """Equal values mask alike, different ones differently, and no value shows."""
    assert masked("secret-1") == masked("secret-1") != masked("secret-2")
    assert "secret" not in pair("sid", "secret-1", masked)
    assert masked("") == ""


@pytest.mark.parametrize(
    ("text", "cells", "cut"),
    [
        ("short", 10, "short"),
        ("exactly10!", 10, "exactly10!"),
        ("eleven char", 10, "eleven ch…"),
        ("日本語テキスト", 14, "日本語テキスト"),
        ("日本語テキスト", 10, "日本語テ…"),
        ("e\u0301" * 5, 5, "e\u0301" * 5),
    ],
)
def test_clip(text: str, cells: int, cut: str) -> None:
    """Texts are cut by terminal cells, not by characters."""
    assert clip(text, cells) == cut


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (4 << 20, "4 MiB"),
        (3 << 30, "3 GiB"),
        (5000 << 30, "5000 GiB"),
    ],
)
def test_size(octets: int, text: str) -> None:
    """Sizes in the unit a person would choose."""
    assert size(octets) == text


def test_lists_and_plurals() -> None:
    """Lists end in ``and``; one is not many."""
    assert [listed(list("abc"[:count])) for count in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert (plural(1, "cookie"), plural(0, "cookie")) == ("1 cookie", "0 cookies")
    assert plural(12_345, "cookie") == "12,345 cookies"


def test_sentences_cut_long_values_and_say_so() -> None:
    """A sentence repeats the start of a long value, with its size; a short one stays whole."""
    assert short_pair("a", "1", unmasked) == "'a'='1'"
    told = short_pair("a", "x" * 4000, unmasked)
    assert told.startswith("'a'='xxxx")
    assert told.endswith("x…' (4000 octets)")
    assert len(told) < 80


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "never sent"), (1, "sent once"), (2, "sent 2 times"), (1200, "sent 1,200 times")],
)
def test_how_often(count: int, text: str) -> None:
    """A verb, with how often it was done."""
    assert how_often("sent", count) == text
