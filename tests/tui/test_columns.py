"""Sharing the width of a table between its columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.drawing.table_layout import Cells, Column, Measure, share_out

SIX = tuple(
    Column(title, minimum) for title, minimum in zip("abcdef", (4, 24, 9, 7, 9, 9), strict=True)
)


@given(
    st.lists(st.integers(0, 200), min_size=6, max_size=6),
    st.integers(62, 300),
)
def test_uses_exactly_the_width_there_is(needs: list[int], room: int) -> None:
    """If the minimums fit, the widths add up to the available width."""
    widths = share_out(SIX, needs, needs, room)
    assert sum(widths) == room


def test_the_widest_shrinks_first() -> None:
    """A narrow column keeps what it needs while a wide one can shrink."""
    assert share_out(SIX, (4, 90, 9, 7, 9, 9), (4, 90, 9, 7, 9, 9), 72)[1:] == (34, 9, 7, 9, 9)


def test_weight_keeps_width() -> None:
    """Of two columns that need everything, the one with more weight gets more."""
    two = (Column("a", 4, weight=2.0), Column("b", 4, weight=1.0))
    assert share_out(two, (100, 100), (100, 100), 30) == (20, 10)


def test_too_narrow_for_every_minimum() -> None:
    """However narrow the table is, every column keeps a few cells."""
    assert share_out(SIX, (50,) * 6, (50,) * 6, 12) == (4, 4, 4, 4, 4, 4)


def test_rows_take_one_line_if_everything_fits() -> None:
    """Rows take two lines only if one line would leave something out."""
    measure = Measure((Column("Name", 4), Column("Value", 4)), lines=None)
    measure.add(Cells(("user", "Alice"), ("", "")))
    assert measure.layout(40).row_lines == 1
    measure.add(Cells(("user", "a long value of several words"), ("", "")))
    assert measure.layout(30).row_lines == 2
    assert measure.layout(60).row_lines == 1


def test_headings_wrap_before_rows_do() -> None:
    """A title wider than its column takes a second line; the rows keep theirs."""
    measure = Measure((Column("Read Cookie 'user'", 4), Column("Other", 4)), lines=None)
    measure.add(Cells(("Alice", "x"), ("", "")))
    layout = measure.layout(20)
    assert (layout.heading_lines, layout.row_lines) == (2, 1)


COOKIES = (
    Column("Action", 10, weight=2.0, cookies=True, ends=True),
    Column("Cookies", 9, cookies=True),
    Column("Content", 9, enough=10),
)
SHORT = "POST /callback (fifth request)", "{'a': '1'}", "Welcome"
LONG = "GET /", "{'session': 'eyJ1c2VyIjoiYWxpY2UifQ.Z3x9'}", "Welcome back, Alice"
MANY = "GET /", "{'session': 'eyJ1c2VyIjoiYWxpY2Ui', 'csrf': 'x8f21', 'lang': 'en'}", "Hi"
IF = "Client stores cookie 'sid'='9f2c71', if requested with credentials", "{}", "N/A"


@pytest.mark.parametrize(
    ("rows", "room", "lines", "widths"),
    [
        ([SHORT], 60, 1, (30, 10, 15)),
        ([SHORT, LONG], 100, 1, (30, 42, 23)),
        ([SHORT, LONG], 74, 1, (14, 42, 13)),
        ([SHORT, LONG], 52, 1, (14, 21, 12)),
        ([SHORT, LONG], 46, 2, (9, 21, 11)),
        ([SHORT, MANY], 62, 2, (15, 35, 7)),
        ([IF], 50, 2, (31, 7, 7)),
        ([IF], 36, 3, (17, 7, 7)),
    ],
)
def test_values_give_way_before_rows_take_another_line(
    rows: list[tuple[str, str, str]], room: int, lines: int, widths: tuple[int, ...]
) -> None:
    """Columns follow their rows; a condition is never cut, and rows become as tall as it needs."""
    measure = Measure(COOKIES, lines=None)
    for texts in rows:
        measure.add(Cells(texts, ("", "", "")))
    layout = measure.layout(room)
    assert (layout.row_lines, layout.widths) == (lines, widths)


def test_rows_may_be_taller_while_all_of_them_are_visible() -> None:
    """With room for a third line, it is taken before cookies are left out."""
    measure = Measure(COOKIES, lines=None)
    measure.add(Cells(MANY, ("", "", "")))
    assert [measure.layout(40, most=most).row_lines for most in (2, 3)] == [2, 3]


def test_a_fixed_number_of_lines_is_kept() -> None:
    """If the user chose how many lines a row has, nothing else decides."""
    for lines in (1, 2, 3):
        measure = Measure(COOKIES, lines=lines)
        measure.add(Cells(IF, ("", "", "")))
        assert measure.layout(40).row_lines == lines
