"""Which Set-Cookie line is meant by what a browser said."""

from __future__ import annotations

import pytest

from cookietrace.listening.lines import about_lines
from cookietrace.listening.said import CookieSaid
from tests.listening.logs import hops

GONE = "Max-Age=0"


@pytest.mark.parametrize(
    ("said", "lines", "meant"),
    [
        (["a", "b"], ["a=1", "b=1"], [0, 1]),
        (["a", None, "c"], ["a=1", "b=1; Domain=x", "c=1"], [0, 1, 2]),
        (["a", "a"], ["a=1", "a=2"], [0, 1]),
        (["a", "c"], ["a=1", f"b=; {GONE}", "c=1"], [0, 2]),
        ([None, "c"], ["a=\x01", f"b=; {GONE}", "c=1"], [0, 1 + 1]),
        ([None], [f"a=; {GONE}", f"b=; {GONE}"], [None]),
        (["a"], ["a=1", f"a=; {GONE}"], [0]),
        (["a"], [f"a=1; {GONE}", f"a=2; {GONE}"], [None]),
        (["b", "a"], ["a=1", "b=1"], [1, 0]),
        (["b", "a", "a"], ["a=1", "b=1", "a=2"], [1, None, None]),
        ([""], ["bare"], [0]),
        (["x"], ["y=1"], [None]),
        ([], [], []),
        (["\xc3\xa4"], ["\xc3\xa4=1"], [0]),
        (["\xef\xbf\xbd"], ["\xe4=1"], [0]),
    ],
)
def test_lines(said: list[str | None], lines: list[str], meant: list[int | None]) -> None:
    """A line is told if every way to divide them has the same one, and otherwise none."""
    stored = [CookieSaid(name, "h.test", "/", taken=name is not None) for name in said]
    found = about_lines(stored, lines, at=1e9)
    assert [one.line for one in found] == meant


def test_lines_of_a_page() -> None:
    """Of a real response: each line, but for one that deletes what is not there."""
    page = hops("page")[0]
    found = about_lines(page.stored or (), page.set_cookie_lines, page.ended_at)
    assert [one.line for one in found] == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11]


def test_thousands_of_lines() -> None:
    """Then no line is told rather than that it takes minutes."""
    lines = [f"a{number}=1" for number in range(2000)]
    stored = [CookieSaid("b", None, None, taken=True)] * 1999
    assert {one.line for one in about_lines(stored, lines, 0.0)} == {None}
