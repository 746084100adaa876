"""Structs of one kind as columns, one per field, which take less room and time than structs.

No field's name is written, and a field with the same value in all of them is written once.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, Generic, TypeVar, Union, get_args

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import astuple

S = TypeVar("S")

Fields = dict[str, Sequence[Any]]
"""The values of each field of some structs."""

Columns = Any
"""An instance of ``StructColumns.type``, or when encoding, the same as a tuple."""


class StructColumns(Generic[S]):
    """How structs of one kind become columns, and columns the fields of structs."""

    def __init__(self, kind: type[S], left_out: Container[str] = ()) -> None:
        """Take all fields but those ``left_out``; at least two must be left.

        Raises ``TypeError`` if a field can be both unset and None.
        """
        fields = [
            field
            for field in msgspec.structs.fields(kind)  # type: ignore[arg-type]
            if field.name not in left_out
        ]
        self.names = tuple([field.name for field in fields])
        """The fields, in the order of columns and rows."""
        self._kind = kind
        self._order = kind.__struct_fields__  # type: ignore[attr-defined]
        self._by_name = any(
            each.kind is Parameter.KEYWORD_ONLY for each in signature(kind).parameters.values()
        )
        self._unset = frozenset(
            [at for at, field in enumerate(fields) if UnsetType in get_args(field.type)]
        )
        """The fields that may be unset, which stands as None in a column."""
        self.type: Any = msgspec.defstruct(
            f"{kind.__name__}Columns",
            [(field.name, list[_stored(field.type)]) for field in fields],  # type: ignore[misc]
            module=__name__,
            frozen=True,
            array_like=True,
            gc=False,
        )
        """The type of the columns, for a decoder."""

    def pack(self, fields: Fields) -> Columns:
        """Return the columns of some structs, given their fields, to be encoded."""
        columns = [once(fields[name]) for name in self.names]
        for at in self._unset:
            columns[at] = [None if each is UNSET else each for each in columns[at]]
        return columns

    def build(
        self, columns: Columns, count: int, given: Mapping[str, Iterable[Any]] | None = None
    ) -> list[S]:
        """Return so many structs again. ``given`` are the values of fields that were left out."""
        found: dict[str, Iterable[Any]] = dict(given or {})
        for at, name in enumerate(self.names):
            column = spread(getattr(columns, name), count)
            if at in self._unset:
                column = [UNSET if each is None else each for each in column]
            found[name] = column
        if not self._by_name:
            return list(map(self._kind, *[found[name] for name in self._order]))
        rows = zip(*found.values(), strict=False)  # some values may be repeated without end
        return [self._kind(**dict(zip(found, row, strict=True))) for row in rows]


def _stored(kind: Any) -> Any:
    """Return the type of a field in a column."""
    if UnsetType not in get_args(kind):
        return kind
    if type(None) in get_args(kind):
        raise TypeError(f"in a column, unset and None would be the same: {kind}")
    return Union[tuple([None if each is UnsetType else each for each in get_args(kind)])]  # noqa: UP007


def fields_of(kind: type[Any], items: Sequence[Any]) -> Fields:
    """Return the values of each field of structs of one kind, by the field's name."""
    names = kind.__struct_fields__
    if not items:
        return dict.fromkeys(names, ())
    return dict(zip(names, zip(*map(astuple, items), strict=True), strict=True))


def once(column: Sequence[Any]) -> Sequence[Any]:
    """Return a column in which a value that is everywhere stands once."""
    if column and column[0] == column[-1] and column.count(column[0]) == len(column):
        return column[:1]
    return column


def spread(column: Sequence[Any], count: int) -> Sequence[Any]:
    """Return a column of so many values again."""
    return [column[0]] * count if len(column) == 1 else column
