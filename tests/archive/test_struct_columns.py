"""Structs become columns, and are the same again."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from cookietrace.archive.struct_columns import StructColumns, columns_of


class Inner(msgspec.Struct, frozen=True):
    """A part of another struct."""

    number: int


class Outer(msgspec.Struct, frozen=True):
    """A struct with a part, and a field that may be unset."""

    name: str
    inner: Inner
    note: str | UnsetType = UNSET


class Unclear(msgspec.Struct, frozen=True):
    """A struct with a field that is unset, None or a text."""

    name: str
    note: str | UnsetType | None = UNSET


ITEMS = [Outer("a", Inner(1)), Outer("b", Inner(2), "noted"), Outer("c", Inner(3))]


def test_the_columns_of_attributes() -> None:
    """A list per path, in order, also of none, and of attributes of attributes."""
    of = columns_of(("name", "inner.number"))
    assert of(ITEMS) == (["a", "b", "c"], [1, 2, 3])
    assert of([]) == ([], [])


@pytest.mark.parametrize("path", ["missing", "inner.missing", "name or 1", "name for each in [1]"])
def test_what_is_no_attribute(path: str) -> None:
    """A path is never run as code: there is no such attribute."""
    with pytest.raises(AttributeError):
        columns_of((path,))(ITEMS)


def test_there_and_back() -> None:
    """What was unset is unset again."""
    columns = StructColumns(Outer)
    data = msgspec.json.encode(columns.pack(ITEMS))
    assert columns.build(msgspec.json.decode(data, type=columns.type), len(ITEMS)) == ITEMS


def test_unset_or_none() -> None:
    """A field in which both would look alike is refused, also by a Python that asserts nothing."""
    with pytest.raises(TypeError, match="unset and None would be the same"):
        StructColumns(Unclear)
