"""Structs of one kind as columns, one per field, which take less room and time than structs.

No field's name is written, and a field with the same value in all of them is written once.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

S = TypeVar("S")

Columns = Any
"""An instance of ``StructColumns.type``, or when encoding, the same as a tuple."""


class StructColumns(Generic[S]):
    """How structs of one kind become columns, and columns the fields of structs."""

    def __init__(self, kind: type[S], left_out: Container[str] = ()) -> None:
        """Take all fields but those ``left_out``; at least two must be left."""
        fields = [
            field
            for field in msgspec.structs.fields(kind)  # type: ignore[arg-type]
            if field.name not in left_out
        ]
        self.names = tuple([field.name for field in fields])
        """The fields, in the order of columns and rows."""
        self._row = attrgetter(*self.names)
        self.type: Any = msgspec.defstruct(
            f"{kind.__name__}Columns",
            [(field.name, list[field.type]) for field in fields],  # type: ignore[name-defined]
            module=__name__,
            frozen=True,
            array_like=True,
            gc=False,
        )
        """The type of the columns, for a decoder."""

    def pack(self, items: Sequence[S]) -> Columns:
        """Return the columns of some structs, to be encoded."""
        if not items:
            return ((),) * len(self.names)
        return list(map(once, zip(*map(self._row, items), strict=True)))

    def rows(self, columns: Columns, count: int) -> Iterator[tuple[Any, ...]]:
        """Return the fields of each of so many structs."""
        return zip(*[spread(getattr(columns, name), count) for name in self.names], strict=True)


def once(column: Any) -> Any:
    """Return a column in which a value that is everywhere stands once."""
    if column and column.count(column[0]) == len(column):
        return column[:1]
    return column


def spread(column: list[Any], count: int) -> list[Any]:
    """Return a column of so many values again."""
    return column * count if len(column) == 1 else column
