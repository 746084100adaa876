"""Wire text, numbers and lists as display text."""

from __future__ import annotations

import pytest

from cookietrace.lesson.display_text import (
    MOST,
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
    some,
    span,
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
    """Small ordinals are words, larger ones are numbers with the right ending."""
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
    """Wire text is quoted, decoded and made safe."""
    assert quoted(wire) == text


def test_mapping_keeps_order_and_duplicates() -> None:
    """Cookies become a mapping in header order, including duplicates."""
    assert (
        mapping([("b", "1"), ("a", "2"), ("b", "3")], unmasked) == "{'b': '1', 'a': '2', 'b': '3'}"
    )
    assert mapping([], unmasked) == "{}"


def test_masked_values_show_equality_only() -> None:
    """Equal values have equal masks, different ones differ, and no value is visible."""
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
    """Texts are cut to terminal cells, not to characters."""
    assert clip(text, cells) == cut


@pytest.mark.parametrize(
    ("count", "text"),
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
def test_size(count: int, text: str) -> None:
    """Sizes use the largest fitting unit."""
    assert size(count) == text


def test_lists_and_plurals() -> None:
    """Lists end in ``and``; only 1 is singular."""
    assert [listed(list("abc"[:count])) for count in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert (plural(1, "cookie"), plural(0, "cookie")) == ("1 cookie", "0 cookies")
    assert plural(12_345, "cookie") == "12,345 cookies"


def test_sentences_cut_long_values_and_say_so() -> None:
    """A sentence shows the start of a long value with its size; a short one stays whole."""
    assert short_pair("a", "1", unmasked) == "'a'='1'"
    text = short_pair("a", "x" * 4000, unmasked)
    assert text.startswith("'a'='xxxx")
    assert text.endswith("x…' (4000 bytes)")
    assert len(text) < 80


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "never sent"), (1, "sent once"), (2, "sent 2 times"), (1200, "sent 1,200 times")],
)
def test_how_often(count: int, text: str) -> None:
    """A verb with a count."""
    assert how_often("sent", count) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1.0, "0 seconds"),
        (0.0, "0 seconds"),
        (0.3, "less than a second"),
        (1.0, "1 second"),
        (60.0, "1 minute"),
        (93_784.0, "1 day 2 hours 3 minutes 4 seconds"),
    ],
)
def test_span(seconds: float, words: str) -> None:
    """A duration uses every unit it needs, and a tiny one is never shown as zero."""
    assert span(seconds) == words


@pytest.mark.parametrize("count", [1, 2, MOST + 1])
def test_a_short_list_names_all(count: int) -> None:
    """One item over the limit is named too, since counting it would be no shorter."""
    text = some(f"n{number}" for number in range(count))
    assert all(f"n{number}" in text for number in range(count))


def test_a_long_list_counts_the_rest() -> None:
    """The first are named, and the others counted."""
    assert some(f"n{number}" for number in range(MOST + 2)).endswith(f"n{MOST - 1} and 2 more")
