"""Copies the state of a fold, and compares the states of two."""

from __future__ import annotations

import io
import pickle
from array import array
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

_PLAIN = (str, bytes, int, float, type(None))


class _Pickler(pickle.Pickler):
    """Names what is shared with the copy instead of writing it."""

    def __init__(self, file: io.BytesIO, shared: list[object], outside: Mapping[int, int]) -> None:
        super().__init__(file, protocol=5)
        self._shared = shared
        self._outside = outside
        self._frozen: dict[type, bool] = {}

    def persistent_id(self, obj: object) -> int | None:
        kind = type(obj)
        if kind in _PLAIN:
            return None
        known = self._outside.get(id(obj))
        if known is not None:
            return known
        frozen = self._frozen.get(kind)
        if frozen is None:
            frozen = self._frozen[kind] = (
                issubclass(kind, msgspec.Struct) and kind.__struct_config__.frozen
            )
        if not frozen:
            return None
        self._shared.append(obj)
        return len(self._shared) - 1


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, shared: list[object]) -> None:
        super().__init__(file)
        self._shared = shared

    def persistent_load(self, pid: Any) -> object:
        return self._shared[pid]


def copied(state: object, outside: Collection[tuple[object, object]] = ()) -> Any:
    """Return a copy of a state of the fold that shares only what never changes.

    That is every frozen struct. ``outside`` are objects, each with what takes its place in the
    copy. Caches are left out.
    """
    shared = [own for _, own in outside]
    numbers = {id(other): at for at, (other, _) in enumerate(outside)}
    file = io.BytesIO()
    _Pickler(file, shared, numbers).dump(state)
    file.seek(0)
    return _Unpickler(file, shared).load()


def alike(one: object, other: object) -> bool:
    """Return whether two states hold equal things in the same places.

    False is no proof: what compares by its identity is never equal.
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        assert isinstance(other, dict)
        return one.keys() == other.keys() and all(
            alike(value, other[key]) for key, value in one.items()
        )
    if isinstance(one, list | tuple):
        assert isinstance(other, list | tuple)
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, (*_PLAIN, msgspec.Struct, set, frozenset, array)):
        return one == other
    return hasattr(one, "__dict__") and alike(vars(one), vars(other))
