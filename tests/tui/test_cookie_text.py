"""Fitting texts that name cookies into cells."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cookietrace.lesson.display_text import mapping, pair
from cookietrace.lesson.mask import unmasked
from tui.drawing.cookie_text import (
    ROOMY,
    SQUEEZES,
    Squeeze,
    arranged,
    keeps_its_end,
    short_value,
    width_for,
)

JAR = "{'theme': 'dark', 'oauth_state': 'Zk3uQ9xT7mWb1nYc'}"
STORES = "Client stores cookies 'sid'='9f2c71aa0b3d' and 'lang'='en', if requested with credentials"


@pytest.mark.parametrize(
    ("text", "width", "lines", "expected"),
    [
        (JAR, 60, 1, (JAR,)),
        (JAR, 40, 2, ("{'theme': 'dark',", "'oauth_state': 'Zk3uQ9xT7mWb1nYc'}")),
        (JAR, 44, 1, ("{'theme': 'dark', 'oauth_state': 'Zk3u…c'}",)),
        (JAR, 38, 1, ("{'theme': …, 'oauth_state': …}",)),
        (JAR, 28, 1, ("{'theme': 'dark' +1 more}",)),
        (JAR, 12, 2, ("{'theme': …", "+1 more}")),
        (JAR, 9, 2, ("{'theme'…", "+1 more}")),
        ("{'user': 'Alice'}", 9, 2, ("{'user':", "'Alice'}")),
        ("Set 'a'='1'; Set 'b'='2'", 12, 2, ("Set 'a'='1';", "Set 'b'='2'")),
        ("Set 'a'='1'; Set 'b'='2'", 12, 1, ("Set 'a'='1'…",)),
        ("≈ 'theme'='dark', 'lang'='en'", 12, 2, ("≈ 'theme'=…,", "'lang'=…")),
        ("≈ 'theme'='dark', 'lang'='en'", 8, 2, ("≈ same",)),
        ("'oauth_state'=None", 18, 1, ("'oauth_state'=None",)),
        ("'oauth_state'=None", 14, 2, ("'oauth_state'=", "None")),
        ("'oauth_state'=None", 10, 2, ("'oauth_st…", "None")),
        ("'user'='Alice', 'lang'=None", 12, 2, ("'user'=…,", "'lang'=None")),
        (
            STORES,
            44,
            2,
            (
                "Client stores cookies 'sid'='9f2c71…b3d' and",
                "'lang'='en', if requested with credentials",
            ),
        ),
        (
            STORES,
            40,
            2,
            ("Client stores cookies 'sid'=… and", "'lang'=…, if requested with credentials"),
        ),
        ("POST /callback (fifth request)", 30, 1, ("POST /callback (fifth request)",)),
        ("POST /callback (fifth request)", 20, 1, ("POST /callback",)),
        ("POST /callback (fifth request)", 16, 2, ("POST /callback", "(fifth request)")),
        ("GET /it's/o'clock (first request)", 18, 2, ("GET /it's/o'clock", "(first request)")),
        ("replaces 'a'='1' with 'a long value'", 30, 1, ("replaces 'a'='1' with 'a lo…e'",)),
        ("", 4, 2, ("",)),
        ("N/A", 0, 2, ("",)),
    ],
)
def test_names_are_whole_and_values_give_way(
    text: str, width: int, lines: int, expected: tuple[str, ...]
) -> None:
    """Lines break between cookies; values are shortened, then cookies are counted."""
    assert arranged(text, width, lines) == expected


@pytest.mark.parametrize(
    ("value", "cells", "expected"),
    [
        ("'Alice'", 8, "'Alice'"),
        ("'Zk3uQ9xT7mWb1nYc'", 12, "'Zk3uQ9…nYc'"),
        ("'Zk3uQ9xT7mWb1nYc'", 3, "…"),
        ("'日本語日本語'", 9, "'日本…語'"),
        ("'eyJ1c2VyIjoi…'", 8, "'eyJ1c…'"),
    ],
)
def test_a_long_value_loses_its_middle(value: str, cells: int, expected: str) -> None:
    """Its ends stay, so that two values can be compared; what was cut before is cut further."""
    assert short_value(value, cells) == expected
    assert cell_len(expected) <= max(cells, 3)


COOKIES = st.lists(st.tuples(st.text(max_size=12), st.text(max_size=30)), max_size=8)


@given(COOKIES, st.integers(1, 60), st.integers(1, 3), st.booleans())
def test_never_leaves_its_box(
    cookies: list[tuple[str, str]], width: int, lines: int, as_mapping: bool
) -> None:
    """No line is wider than the box, and there are no more lines than it has."""
    wire = [tuple(part.encode().decode("latin-1") for part in each) for each in cookies]
    text = (
        mapping([(name, value) for name, value in wire], unmasked)
        if as_mapping
        else "Set " + "; Set ".join(pair(name, value, unmasked) for name, value in wire)
    )
    result = arranged(text, width, lines)
    assert 1 <= len(result) <= lines
    assert all(cell_len(line) <= width for line in result)


NAMES = st.lists(st.text("abc_-", min_size=1, max_size=9), min_size=1, max_size=6)


@given(NAMES, st.integers(1, 3), st.sampled_from(SQUEEZES))
def test_in_the_width_for_a_text_every_name_is_whole(
    names: list[str], lines: int, squeeze: Squeeze
) -> None:
    """In the width that a text needs, each cookie is named; without a squeeze nothing is cut."""
    text = mapping([(name, "v" * 3 * len(name)) for name in names], unmasked)
    shown = " ".join(arranged(text, width_for(text, lines, squeeze, 1_000), lines))
    assert re.findall(r"'[abc_-]+'(?=:)", shown) == [f"'{name}'" for name in names]
    if squeeze == ROOMY:
        assert shown == text


@pytest.mark.parametrize(("width", "kept"), [(90, True), (46, True), (38, True), (30, False)])
def test_a_condition_is_noticed_if_it_is_cut(width: int, kept: bool) -> None:
    """What follows the last cookie is either there to its end, or known to be cut."""
    assert keeps_its_end(STORES, width, 2) is kept
    assert kept is arranged(STORES, width, 2)[-1].endswith("with credentials")


def test_a_request_with_very_many_cookies() -> None:
    """All cookies that do not fit are counted."""
    text = mapping([(f"n{number}", "v") for number in range(3_000)], unmasked)
    assert arranged(text, 30, 2) == ("{'n0': 'v', 'n1': 'v',", "'n2': 'v' +2997 more}")
