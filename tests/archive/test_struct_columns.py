"""Structs become columns, and are the same again."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from cookietrace.archive.struct_columns import StructColumns, fields_of


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


def test_the_fields_of_structs() -> None:
    """The values of each field in order, also of none."""
    assert fields_of(Inner, [Inner(1), Inner(2)]) == {"number": (1, 2)}
    assert fields_of(Outer, []) == {"name": (), "inner": (), "note": ()}


def test_there_and_back() -> None:
    """What was unset is unset again."""
    columns = StructColumns(Outer)
    data = msgspec.json.encode(columns.pack(fields_of(Outer, ITEMS)))
    assert columns.build(msgspec.json.decode(data, type=columns.type), len(ITEMS)) == ITEMS


def test_unset_or_none() -> None:
    """A field in which both would look alike is refused, also by a Python that asserts nothing."""
    with pytest.raises(TypeError, match="unset and None would be the same"):
        StructColumns(Unclear)
