"""Fitting text into boxes of cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.drawing.fit import cut, fit, needed


@pytest.mark.parametrize(
    ("text", "width", "lines", "expected"),
    [
        ("Hello None", 20, 1, ("Hello None",)),
        ("Hello None", 6, 1, ("Hello…",)),
        ("Hello None", 6, 2, ("Hello", "None")),
        ("Set 'user'='Alice'", 14, 2, ("Set", "'user'='Alice'")),
        ("Set 'user'='Alice'", 9, 3, ("Set", "'user'=", "'Alice'")),
        ("abcdefghij", 4, 2, ("abcd", "efg…")),
        ("", 4, 2, ("",)),
        ("日本語テキスト", 6, 1, ("日本…",)),
        ("anything", 0, 2, ("",)),
    ],
)
def test_breaks_at_words_and_marks_what_is_left_out(
    text: str, width: int, lines: int, expected: tuple[str, ...]
) -> None:
    """Lines break at words, then at punctuation; an ellipsis marks what is left out."""
    assert fit(text, width, lines) == expected


@given(st.text(max_size=60), st.integers(1, 30), st.integers(1, 4))
def test_never_leaves_its_box(text: str, width: int, lines: int) -> None:
    """No line is wider than the box, and there are no more lines than it has."""
    result = fit(text, width, lines)
    assert 1 <= len(result) <= lines
    assert all(cell_len(line) <= width for line in result)


@given(
    st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=60),
    st.integers(1, 3),
)
def test_what_is_needed_shows_everything(text: str, lines: int) -> None:
    """In the width that a text needs, nothing of it is left out."""
    assert "".join(fit(text, needed(text, lines, 120), lines)) == text


@given(st.text(max_size=30), st.integers(0, 20))
def test_cut_fits(text: str, width: int) -> None:
    """A cut text is never wider than asked for."""
    assert cell_len(cut(text, width)) <= width
