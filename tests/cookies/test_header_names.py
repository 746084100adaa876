"""Header names in any spelling."""

from __future__ import annotations

from cookietrace.cookies.header_names import HeaderNames


def test_every_spelling_is_recognised() -> None:
    """The first time and again."""
    names = HeaderNames({"set-cookie": "Set-Cookie"})
    spelled = ("set-cookie", "SET-Cookie", "Set-Cookie2")
    assert [names.read(name) for name in spelled] == ["Set-Cookie", "Set-Cookie", None]
    assert [names.known[name] for name in spelled] == ["Set-Cookie", "Set-Cookie", None]


def test_what_is_remembered_is_limited() -> None:
    """Whatever a hostile server calls its headers."""
    names = HeaderNames({"date": "Date"})
    assert names.read("x" * 1000) is None
    assert not names.known
    for number in range(3000):
        assert names.read(f"x-{number}") is None
    assert len(names.known) == 1000
    assert names.read("DATE") == "Date"
