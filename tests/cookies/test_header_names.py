"""Header names in any spelling."""

from __future__ import annotations

import pytest

from cookietrace.cookies.request import header_names
from cookietrace.cookies.request.header_names import HeaderNames

ROWS = [
    ("Cookie", "Cookie"),
    ("cookie", "Cookie"),
    ("COOKIE", "Cookie"),
    ("Cookies", None),
    ("x" * 1_000_000, None),
    ("", None),
    ("Origin", "Origin"),
]


@pytest.mark.parametrize("repeat", [1, 2])
def test_any_spelling(repeat: int) -> None:
    """A name that matters is told in its usual spelling, met before or not; others are None."""
    names = HeaderNames(("Cookie", "Origin"))
    for _ in range(repeat):
        assert [(written, names[written]) for written, _ in ROWS] == ROWS


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither long names nor many of them fill the memory."""
    monkeypatch.setattr(header_names, "_MOST_SPELLINGS", 8)
    names = HeaderNames(("Cookie",))
    for number in range(100):
        assert names[f"x{number}"] is None
        assert len(names) <= 8
    assert names["y" * 50] is None
    assert "y" * 50 not in names
