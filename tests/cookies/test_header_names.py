"""Header names in any spelling."""

from __future__ import annotations

from cookietrace.cookies.header_names import HeaderNames


def test_every_spelling_is_recognised() -> None:
    """The first time and again."""
    names = HeaderNames({"set-cookie": "Set-Cookie"})
    for _ in range(2):
        assert [names[name] for name in ("set-cookie", "SET-Cookie")] == ["Set-Cookie"] * 2
        assert names["Set-Cookie2"] is None


def test_what_is_remembered_is_limited() -> None:
    """Whatever a hostile server calls its headers."""
    names = HeaderNames({"date": "Date"})
    assert names["x" * 1000] is None
    assert not names
    for number in range(3000):
        assert names[f"x-{number}"] is None
    assert len(names) == 1000
    assert names["DATE"] == "Date"
