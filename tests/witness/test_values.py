"""The short texts for the values of locals."""

from __future__ import annotations

from datetime import date
from typing import NoReturn

import pytest
from markupsafe import Markup

from cookietrace.witness.values import SHOWN_LIMIT, TEXT_LIMIT, shown, text_of


class Hostile:
    """A value that cannot be shown."""

    def __repr__(self) -> NoReturn:
        raise RuntimeError("the app's own code ran")


class Sealed:
    """A value that raises for every attribute."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError("the app's own code ran")


class Loud(str):
    """A string whose own methods must not be called."""

    __slots__ = ()

    def __repr__(self) -> NoReturn:
        raise RuntimeError("the app's own code ran")

    def __getitem__(self, key: object) -> NoReturn:
        raise RuntimeError("the app's own code ran")


class Liar:
    """A value that claims to be a string."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return str


LOOP: list[object] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (42, "42"),
        (1 << 5000, "<int of 5001 bits>"),
        (1.5, "1.5"),
        ("Alice", "'Alice'"),
        (Markup("<b>"), "'<b>'"),
        (Loud("x"), "'x'"),
        (b"ab", "b'ab'"),
        ([], "[]"),
        ((1,), "(1,)"),
        ((1, "a"), "(1, 'a')"),
        (set(), "set()"),
        ({1}, "{1}"),
        ({"a": [1, {"b": (2,)}]}, "{'a': [1, {'b': (…)}]}"),
        (LOOP, "[[[[…]]]]"),
        (list(range(30)), "[" + ", ".join(map(str, range(20))) + ", …]"),
        (date(2026, 1, 2), "datetime.date(2026, 1, 2)"),
        (Hostile(), "<Hostile>"),
        ([Hostile()], "[<Hostile>]"),
        (Liar(), "<Liar>"),
        (str, "<type>"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_shown(value: object, text: str) -> None:
    """Known types look like their repr; others are shown by type, and none of their code runs."""
    assert shown(value) == text


@pytest.mark.parametrize("value", ["x" * 10_000, b"x" * 10_000, ["x" * 400] * 20])
def test_bounded(value: object) -> None:
    """No text is longer than the limit, and a cut text ends with an ellipsis."""
    assert len(shown(value)) <= SHOWN_LIMIT
    assert shown(value).endswith("…")


def test_trusted() -> None:
    """A framework decides whose repr is safe; one that raises becomes ``<unknown>``."""
    assert shown(frozenset, trusted=lambda kind: kind is type) == "<class 'frozenset'>"
    assert shown(Hostile(), trusted=lambda kind: True) == "<unknown>"


@pytest.mark.parametrize(
    ("value", "text"),
    [("Alice", "Alice"), (Loud("x"), "x"), (None, None), (b"x", None), (Liar(), None)],
    ids=lambda value: type(value).__name__,
)
def test_text(value: object, text: str | None) -> None:
    """Only strings have a text, which is the string itself."""
    assert text_of(value) == text


def test_sealed() -> None:
    """A value that raises for every attribute is shown by its type as well."""
    assert shown([Sealed()]) == "[<Sealed>]"
    assert text_of(Sealed()) is None


def test_text_bounded() -> None:
    """A long string is cut."""
    assert text_of("x" * 10_000) == "x" * TEXT_LIMIT
